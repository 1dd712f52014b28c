"""The compiled part of the build; everything else is in pyproject.toml.

A module whose first line is a comment ``# cython: ...`` is Cython in pure-Python mode: the build compiles it where it
can. Where it cannot (no C compiler), the same files run as Python, slowly and with one warning.
"""

import os
import platform
import shutil
import sys
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCE = Path("src")
MARKER = "# cython:"

# What Cython adds to every module it compiles (memory views above all) is compiled once, here: half of the C compiler's
# time (258 s of CPU without, 109 s with it).
SHARED = "livermore._cython_shared"

# Same operations, same order, same bits: no contraction into fused multiply-adds, no reassociation. Nobody reads errno
# or catches floating-point exceptions; without them, several lanes of a conditional expression are computed at once.
COMPILE_ARGS = {
    "msvc": ["/O2", "/fp:precise"],
    "unix": ["-O3", "-g0", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"],
}

# Kernels that are compiled a second time, for newer processors; `livermore.indicators._rolling` chooses between them.
WIDE = {"livermore.indicators._kernels.recursions": "livermore.indicators._kernels.recursions_wide"}
WIDE_ARGS = ["-mavx2", "-mfma"]
WIDE_SOURCE = Path("build/wide")

# LIVERMORE_CFLAGS adds flags for the C compiler, such as -O1 for a quick build: the results are the same bits.
EXTRA_ARGS = os.environ.get("LIVERMORE_CFLAGS", "").split()
# With LIVERMORE_CHECKED=1 every index is checked where it is used: slower, for tests that look for reads out of range.
CHECKED = os.environ.get("LIVERMORE_CHECKED") == "1"
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": CHECKED,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": CHECKED,
    "freethreading_compatible": True,
}
BUILD = Path("build/cython-checked" if CHECKED else "build/cython")


class BuildKernels(build_ext):
    """Adds the flags that the chosen compiler understands; builds all kernels, or leaves all of them out."""

    def build_extensions(self) -> None:
        """Compile all kernels. They call one another in C: with one of them missing, the others could not be loaded."""
        args = COMPILE_ARGS.get(self.compiler.compiler_type, COMPILE_ARGS["unix"])
        for extension in self.extensions:
            wide = WIDE_ARGS if extension.name in WIDE.values() else []
            extension.extra_compile_args = [*args, *wide, *EXTRA_ARGS]
            # No names of what is inside: a quarter of the size, of use to nobody who has no source.
            extension.extra_link_args = ["-s"] if sys.platform == "linux" else []
        self.failed: list[str] = []
        super().build_extensions()
        if self.failed:
            self.warn(f"{', '.join(sorted(self.failed))} did not compile: all kernels will run as plain Python")
            for extension in self.extensions:
                Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)

    def build_extension(self, ext: Extension) -> None:
        """Compile one kernel, and note whether that worked."""
        try:
            super().build_extension(ext)
        except Exception as error:
            self.warn(f"{ext.name}: {error}")
            if ext.name not in WIDE.values():
                self.failed.append(ext.name)


def is_compiled(path: Path) -> bool:
    """Tell whether a module carries the marker on its first line."""
    with path.open(encoding="utf-8") as file:
        return file.readline().startswith(MARKER)


def kernels() -> list[Extension]:
    """Make one extension for each marked module, and one for what they share."""
    made = [Extension(SHARED, [(BUILD / "shared" / "_cython_shared.c").as_posix()], optional=True)]
    for path in sorted(filter(is_compiled, SOURCE.rglob("*.py"))):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        include = [numpy.get_include(), path.parent.as_posix()]
        made.append(Extension(name, [path.as_posix()], include_dirs=include, optional=True))
    return made + (wide_kernels() if os.name == "posix" and platform.machine() in ("x86_64", "AMD64") else [])


def wide_kernels() -> list[Extension]:
    """Make the second builds, from copies: Cython names a module after its file."""
    made = []
    for name, wide in WIDE.items():
        copy = WIDE_SOURCE.joinpath(*wide.split("."))
        copy.parent.mkdir(parents=True, exist_ok=True)
        for suffix in (".py", ".pxd"):
            source = SOURCE.joinpath(*name.split(".")).with_suffix(suffix)
            target = copy.with_suffix(suffix)
            if not target.exists() or target.read_bytes() != source.read_bytes():
                shutil.copyfile(source, target)
        made.append(Extension(wide, [copy.with_suffix(".py").as_posix()], optional=True))
    return made


setup(
    ext_modules=cythonize(
        kernels(),
        compiler_directives=DIRECTIVES,
        build_dir=BUILD.as_posix(),
        shared_utility_qualified_name=SHARED,
        include_path=[SOURCE.as_posix(), WIDE_SOURCE.as_posix()],
    ),
    cmdclass={"build_ext": BuildKernels},
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
