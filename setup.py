"""The compiled part of the build; everything else is in pyproject.toml.

Modules in a folder ``_kernels/`` are Cython in pure-Python mode: the build compiles them where it can. Where it cannot
(no C compiler), the same files run as Python, slowly and with one warning.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCE = Path("src")

# Same operations, same order, same bits: no contraction into fused multiply-adds, no reassociation. Nobody reads errno
# or catches floating-point exceptions; without them, several lanes of a conditional expression are computed at once.
COMPILE_ARGS = {
    "msvc": ["/O2", "/fp:precise"],
    "unix": ["-O3", "-g0", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"],
}

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "freethreading_compatible": True,
}


class BuildKernels(build_ext):
    """Adds the flags that the chosen compiler understands."""

    def build_extensions(self) -> None:
        """Compile all kernels."""
        args = COMPILE_ARGS.get(self.compiler.compiler_type, COMPILE_ARGS["unix"])
        for extension in self.extensions:
            extension.extra_compile_args = args
        super().build_extensions()

    def build_extension(self, ext: Extension) -> None:
        """Compile one kernel, or leave it out where that does not work: without it, its file runs as Python."""
        try:
            super().build_extension(ext)
        except Exception as error:
            self.warn(f"{ext.name} is not compiled and will run as plain Python: {error}")


def kernels() -> list[Extension]:
    """Make one extension for each kernel file; one that does not compile is left out of the build."""
    files = sorted(path for path in SOURCE.rglob("_kernels/*.py") if path.name != "__init__.py")
    names = [".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in files]
    return [Extension(name, [path.as_posix()], optional=True) for name, path in zip(names, files, strict=True)]


setup(
    ext_modules=cythonize(kernels(), compiler_directives=DIRECTIVES, build_dir="build/cython"),
    cmdclass={"build_ext": BuildKernels},
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
