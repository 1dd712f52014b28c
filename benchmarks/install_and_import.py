"""Prints what livermore costs before it does anything: the size of its install and the time of its imports.

    python benchmarks/install_and_import.py

Each import is measured in a fresh process, seven times; the median is quoted, net of starting Python.
"""

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


def main() -> None:
    """Print the two tables."""
    names = needed_by("livermore", set())
    sizes = sorted(((size(name), name) for name in names), reverse=True)
    print(f"{'package':<24}{'MB':>8}")
    for bytes_, name in sizes[:12]:
        print(f"{name:<24}{bytes_ / 1e6:>8.1f}")
    print(f"{f'all {len(names)} packages':<24}{sum(b for b, _ in sizes) / 1e6:>8.1f}   (target: under 700)")
    bare = seconds("pass")
    print(f"\n{'import':<24}{'s':>8}")
    for module in IMPORTS:
        print(
            f"{module:<24}{seconds(f'import {module}') - bare:>8.3f}"
            + ("   (target: under 0.5)" * (module == "livermore"))
        )


if __name__ == "__main__":
    main()
