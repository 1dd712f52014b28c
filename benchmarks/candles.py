"""Prints how fast files of candles are read, beside `polars.read_csv` and `pyarrow.csv.read_csv` on the same files.

    python benchmarks/candles.py [--rows 1000000] [--source NAME ...]

The files are those of `tests/candles/sources/make_sources.py`, unpacked. The others read columns and leave times that
are text as text; livermore turns them into UTC, and checks every candle. Rates are rows per second of wall time and of
CPU time. polars and pyarrow use all cores and livermore uses one, so that the wall time of an idle machine is in their
favour, and that of a busy one means little. The least of five runs is quoted. The store's rates: `candle_store.py`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import polars
import pyarrow.csv

from candle_store import fastest
from livermore.candles import read_candles

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "candles" / "sources"))
from make_sources import MAKERS, sample_candles

RUNS = 5
SOURCES = ("jesse", "binance", "kraken", "histdata", "dukascopy", "metatrader5", "databento_pretty")
SEPARATORS = {"histdata": ";", "metatrader5": "\t"}


def measure(name: str, count: int, folder: Path) -> None:
    """Print the rates of one source."""
    made = MAKERS[name](sample_candles(count, seed=1, start="2023-01-01T00:00"))
    path = folder / f"{name}.csv"
    path.write_bytes(made.content)
    sign = SEPARATORS.get(name, ",")
    options = {key: value for key, value in made.options.items() if key != "ticker"}
    parse = pyarrow.csv.ParseOptions(delimiter=sign)
    times = {
        "livermore": fastest(lambda: read_candles(path, source=made.source, **options), RUNS),
        "polars": fastest(lambda: polars.read_csv(path, separator=sign), RUNS),
        "pyarrow": fastest(lambda: pyarrow.csv.read_csv(path, parse_options=parse), RUNS),
    }
    for place, kind in enumerate(("wall", "CPU")):
        rates = "  ".join(f"{reader} {count / seconds[place]:>11,.0f}" for reader, seconds in times.items())
        ratio = min(times["polars"][place], times["pyarrow"][place]) / times["livermore"][place]
        print(f"{name:17} {kind:4} {rates}  rows/s; livermore / the faster other: {ratio:.2f}")


def main() -> None:
    """Measure the sources that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--source", nargs="+", default=SOURCES, choices=sorted(MAKERS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in options.source:
            measure(name, options.rows, Path(folder))


if __name__ == "__main__":
    main()
