"""A file is written as a whole or not at all."""

import os
from pathlib import Path

import pytest

from livermore.files import atomic_file, write_atomically


def test_a_failing_block_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    write_atomically(path, b"old")

    def write_half() -> None:
        with atomic_file(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.json"]


def test_a_written_file_has_the_rights_of_an_ordinary_one(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"")
    (tmp_path / "b").write_bytes(b"")
    assert os.stat(tmp_path / "a").st_mode == os.stat(tmp_path / "b").st_mode


def test_text_and_newlines_are_passed_on(tmp_path: Path) -> None:
    with atomic_file(tmp_path / "a.csv", "w", encoding="utf-8", newline="") as file:
        file.write("ä\r\n")
    assert (tmp_path / "a.csv").read_bytes() == "ä\r\n".encode()
