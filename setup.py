"""The compiled part of the build; everything else is in pyproject.toml.

Modules named ``*_kernels.py``, and those in a folder ``_kernels/``, are Cython in pure-Python mode: the build compiles
them where it can. Where it cannot (no C compiler), the same files run as Python, slowly and with one warning.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCE = Path("src")

# Same operations, same order, same bits: no contraction into fused multiply-adds, no reassociation.
COMPILE_ARGS = {"msvc": ["/O2", "/fp:precise"], "unix": ["-O3", "-ffp-contract=off", "-fno-math-errno"]}


class BuildKernels(build_ext):
    """Adds the flags that the chosen compiler understands."""

    def build_extensions(self) -> None:
        args = COMPILE_ARGS.get(self.compiler.compiler_type, COMPILE_ARGS["unix"])
        for extension in self.extensions:
            extension.extra_compile_args = args
        super().build_extensions()


def kernel_files() -> list[Path]:
    folders = [p for p in SOURCE.rglob("_kernels/*.py") if p.name != "__init__.py"]
    return sorted({*folders, *SOURCE.rglob("*_kernels.py")})


def extension(path: Path) -> Extension:
    name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    return Extension(name, [path.as_posix()], optional=True)


setup(
    ext_modules=cythonize(
        [extension(path) for path in kernel_files()],
        compiler_directives={
            "language_level": 3,
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
        },
        build_dir="build",
    ),
    cmdclass={"build_ext": BuildKernels},
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
