"""The commands about stored candles: what they print, and their exit status."""

from pathlib import Path

import numpy as np
import pytest

from livermore.candles import CandleStore, project_store, read_candles, synthetic_candles
from livermore.cli import main

CANDLES = synthetic_candles(3 * 1440, seed=1)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CandleStore:
    monkeypatch.chdir(tmp_path)
    store = project_store()
    store.write(np.delete(CANDLES, range(100, 110), axis=0), "Sandbox", "BTC-USDT")
    store.write(CANDLES, "Sandbox", "ETH-USDT")
    return store


def test_check_prints_a_table_per_market(project: CandleStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["candles", "check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "Sandbox" in line] == [
        "Sandbox BTC-USDT (times in UTC)",
        "Sandbox ETH-USDT (times in UTC)",
    ]
    assert lines[2].split()[:9] == ["2021-01", "4,310", "2021-01-01", "00:00", "2021-01-03", "23:59", "1", "10", "10"]
    assert main(["candles", "check", "Sandbox", "ETH-USDT"]) == 0
    assert "BTC" not in capsys.readouterr().out


def test_check_fails_where_a_file_is_damaged(project: CandleStore, capsys: pytest.CaptureFixture[str]) -> None:
    (month,) = project.months("Sandbox", "BTC-USDT")
    month.write_bytes(b"PAR1")
    assert main(["candles", "check"]) == 1
    assert f"{month} is damaged" in capsys.readouterr().out
    assert main(["candles", "check", "Sandbox", "ETH-USDT"]) == 0
    capsys.readouterr()
    assert main(["candles", "check", "Binance"]) == 1
    assert "no candles of Binance any symbol are stored" in capsys.readouterr().err


def test_export_writes_bars_of_a_range(project: CandleStore, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--timeframe", "1h", "--start", "2021-01-02", "--finish", "2021-01-03"]
    assert main(["candles", "export", "Sandbox", "ETH-USDT", "x.csv", *options]) == 0
    assert capsys.readouterr().out == "wrote 24 candles of 1h to x.csv\n"
    assert read_candles("x.csv")[0, 1] == CANDLES[1440, 1]
    assert main(["candles", "export", "Sandbox", "ETH-USDT", "x.parquet"]) == 0
    assert np.array_equal(read_candles("x.parquet"), CANDLES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--start", "02.01.2021"], "must be a day such as"),
        (["--start", "2021-02-01"], "no candles of Sandbox ETH-USDT between 2021-02-01"),
        (["--start", "2021-01-03", "--finish", "2021-01-02"], "no candles of Sandbox ETH-USDT between"),
        (["--timeframe", "7m"], "unknown timeframe '7m'"),
    ],
)
def test_what_cannot_be_exported_is_an_error_and_leaves_no_file(
    options: list[str], message: str, project: CandleStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["candles", "export", "Sandbox", "ETH-USDT", "x.csv", *options]) == 1
    assert message in capsys.readouterr().err
    assert not Path("x.csv").exists()


def test_update_names_what_cannot_be_asked(project: CandleStore, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ccxt", reason="needs ccxt: pip install 'livermore[ccxt]'")
    assert main(["candles", "update"]) == 1
    assert "Sandbox BTC-USDT, Sandbox ETH-USDT are of no exchange that can be asked" in capsys.readouterr().err
    assert main(["candles", "update", "--start", "2024-01-01"]) == 1
    assert "--start needs a market" in capsys.readouterr().err


def test_import_of_a_file_names_the_option_that_is_missing(
    project: CandleStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["candles", "import", "x.csv", "--symbol", "BTC-USDT"]) == 1
    assert "x.csv: --exchange is missing" in capsys.readouterr().err


def test_an_address_is_no_file_and_its_password_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    of = ["--exchange", "Ex", "--symbol", "BTC-USDT"]
    for address in ("mysql://me:secret@host/db", "https://me:secret@host/x.csv", "postgres:/me:secret@host/db"):
        for given in (of, []):
            assert main(["candles", "import", address, *given]) == 1
            assert "secret" not in capsys.readouterr().err
    assert main(["candles", "import", "https://host/x.csv", *of]) == 1
    assert "Download the file first" in capsys.readouterr().err


def test_what_is_given_twice_is_not_chosen_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("timestamp,open,high,low,close\n1704067200,10,12,9,11\n")
    command = ["candles", "import", str(path), "--exchange", "Ex", "--symbol", "BTC-USDT", "--folder", str(tmp_path)]
    assert main([*command, "--where", "open=10", "--where", "open=11"]) == 1
    assert "--where names one column twice" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*command, "--columns", "open=open,open=close"])
