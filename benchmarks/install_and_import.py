"""Prints what livermore costs before it does anything: the size of its install and the time of its imports.

    python benchmarks/install_and_import.py [--jesse PYTHON-OF-AN-ENVIRONMENT-WITH-JESSE]

With `--jesse`, the size of an install of Jesse is counted in the same way, and the ratio is printed.
Each import is measured in a fresh process, seven times; the median is quoted, net of starting Python.
"""

import argparse
import importlib.metadata
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 7
IMPORTS = ("livermore", "livermore.strategies", "livermore.research", "livermore.indicators")


def seconds(code: str) -> float:
    """Median wall time of a fresh process that runs `code`."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def needed_by(name: str, seen: set[str]) -> set[str]:
    """All distributions that `name` pulls in, itself included, without extras."""
    key = name.lower().replace("_", "-")
    if key in seen:
        return seen
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return seen
    seen.add(key)
    for requirement in distribution.requires or []:
        if "extra ==" not in requirement:
            dependency = requirement.split(";")[0].split("[")[0]
            for sign in "<>=!~ (":
                dependency = dependency.split(sign)[0]
            needed_by(dependency, seen)
    return seen


def size(name: str) -> int:
    """Bytes on disk of the files of a distribution, compiled Python files included."""
    total = 0
    for file in importlib.metadata.files(name) or []:
        path = Path(str(file.locate()))
        if path.is_file():
            total += path.stat().st_size
    return total


def installed(name: str) -> list[tuple[int, str]]:
    """Sizes and names of a distribution and all that it needs, largest first."""
    return sorted(((size(needed), needed) for needed in needed_by(name, set())), reverse=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jesse", metavar="PYTHON", help="an interpreter whose environment has Jesse")
    parser.add_argument("--total", metavar="NAME", help="print the bytes of this distribution's install, and no more")
    options = parser.parse_args()
    if options.total:
        print(sum(bytes_ for bytes_, _ in installed(options.total)))
        return
    sizes = installed("livermore")
    total = sum(bytes_ for bytes_, _ in sizes)
    print(f"{'package':<24}{'MB':>8}")
    for bytes_, name in sizes[:12]:
        print(f"{name:<24}{bytes_ / 1e6:>8.1f}")
    print(f"{f'all {len(sizes)} packages':<24}{total / 1e6:>8.1f}")
    if options.jesse:
        command = [options.jesse, __file__, "--total", "jesse"]
        theirs = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"{'Jesse':<24}{theirs / 1e6:>8.1f}   ratio {total / theirs:.2f} (target: at most 0.65)")
    bare = seconds("pass")
    print(f"\n{'import':<24}{'s':>8}")
    for module in IMPORTS:
        print(
            f"{module:<24}{seconds(f'import {module}') - bare:>8.3f}"
            + ("   (target: under 0.5)" * (module == "livermore"))
        )


if __name__ == "__main__":
    main()
