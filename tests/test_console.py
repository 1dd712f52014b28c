"""Printing degrades to what the stream can encode, and changes nothing where it can encode all."""

import io
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.console import encodable, print_text

REPORT = "═══\n─── A  ·  B ───\n2021-01-01 → 2021-02-01  ± 1 %  R² ρ ≤ ∞ − – … ×"


def test_what_can_be_encoded_is_left_as_it_is() -> None:
    assert encodable(REPORT, "utf-8") is REPORT
    assert encodable("± 1 – 2 …", "cp1252") == "± 1 – 2 …"
    assert encodable(REPORT, None) is REPORT
    assert encodable(REPORT, "no such encoding") is REPORT


def test_signs_get_their_ascii_substitutes() -> None:
    assert encodable(REPORT, "ascii") == (
        "===\n--- A  -  B ---\n2021-01-01 -> 2021-02-01  +/- 1 %  R^2 rho <= inf - - ... x"
    )


@given(st.text(), st.sampled_from(["ascii", "cp1252", "cp437", "latin-1", "utf-8"]))
def test_every_text_can_be_printed_in_every_encoding(text: str, encoding: str) -> None:
    assert encodable(text, encoding).encode(encoding).decode(encoding) == encodable(text, encoding)


def test_it_prints_to_a_stream_of_any_encoding() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp1252", newline="\n")
    print_text("─ ±", stream)
    stream.flush()
    assert raw.getvalue() == b"- \xb1\n"


@pytest.mark.parametrize(
    "settings", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "POSIX"}]
)
def test_a_process_whose_output_has_no_box_lines_does_not_fail(settings: dict[str, str]) -> None:
    code = f"from livermore.console import print_text; print_text({REPORT!a})"
    environment = os.environ | {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"} | settings
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert b"2021-01-01" in done.stdout
    assert done.stderr == b""
