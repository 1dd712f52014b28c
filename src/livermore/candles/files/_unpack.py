"""Bytes of files: what is compressed is unpacked, archives are opened, checksums beside files are verified."""

import bz2
import fnmatch
import gzip
import hashlib
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self, cast

from livermore.errors import CandleError

__all__ = ["Content", "contents_of"]

# A compressed file may unpack to so many bytes, or to so many times its own size where that is more. Candles as text
# shrink to a third up to a tenth; a file that unpacks to a thousand times its size holds no candles, and would fill the
# memory.
MOST_UNPACKED = 256 << 20
MOST_TIMES = 100
# So many names of members are listed in a message.
_LISTED = 6

_PACKED: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", ".gz"),
    (b"BZh", ".bz2"),
    (b"\xfd7zXZ\x00", ".xz"),
    (b"\x28\xb5\x2f\xfd", ".zst"),
    (b"PK\x03\x04", ".zip"),
    (b"PK\x05\x06", ".zip"),
)


@dataclass(frozen=True)
class Content:
    """The bytes of a file, unpacked.

    Attributes
    ----------
    label : str
        The file, and the member of an archive, for messages.
    name : str
        Its name without the suffix of what it was packed with: ``"x.csv"`` of ``x.csv.gz``.
    data : bytes
        What it holds.
    notes : sequence of str
        What was found out, a sentence each.

    Examples
    --------
    >>> Content("prices.zip, BTCUSDT.csv.gz", "BTCUSDT.csv", b"time,close").name
    'BTCUSDT.csv'
    """

    label: str
    name: str
    data: bytes
    notes: Sequence[str] = ()


def contents_of(path: Path, member: str | Sequence[str] | None) -> list[Content]:
    """Return what a file holds: one content, or one per member of an archive.

    Parameters
    ----------
    path : Path
        May be compressed: ``.gz``, ``.bz2``, ``.xz``, ``.zst``, ``.zip``.
    member : str or sequence of str, optional
        Which files of an archive, with ``*`` and ``?``; of several patterns the first that any file has.

    Raises
    ------
    CandleError
        If the file cannot be read, is damaged, unpacks to too much, does not have the checksum of the ``.CHECKSUM``
        beside it, or is an archive of several files and `member` does not say which.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "prices.csv"
    >>> _ = path.write_text("time,close")
    >>> (content,) = contents_of(path, member=None)
    >>> bytes(content.data)
    b'time,close'
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CandleError(f"{path} cannot be read: {error.strerror or error}.") from error
    notes = _verified(path, data)
    if _packing(data, path.name) == ".zip":
        return _members(data, path, member, notes)
    return [Content(str(path), _plain_name(path.name), _unpacked(data, path.name, str(path)), notes)]


def _verified(path: Path, data: bytes) -> tuple[str, ...]:
    """Compare a file with the SHA-256 in the file beside it, if there is one."""
    beside = path.with_name(f"{path.name}.CHECKSUM")
    # pathlib's own question raises where the longer name is too long for the system.
    if not os.path.isfile(beside):
        return ()
    try:
        with open(beside, encoding="utf-8", errors="replace") as file:
            expected = file.read(4096).lower().split()[:1]
    except OSError as error:
        raise CandleError(f"{beside} cannot be read: {error.strerror or error}.") from error
    found = hashlib.sha256(data).hexdigest()
    if expected != [found]:
        raise CandleError(
            f"{path} does not have the checksum in {beside.name} ({found[:12]}... instead of "
            f"{(expected or ['nothing'])[0][:12]}...). Download both again."
        )
    return ("its SHA-256 is that of the .CHECKSUM beside it",)


def _packing(data: bytes, name: str) -> str | None:
    """Return how bytes are packed: by what they begin with, else by the suffix of the name, so that damage is seen."""
    suffix = Path(name).suffix.lower()
    begun = next((packing for magic, packing in _PACKED if data.startswith(magic)), None)
    return begun or (suffix if suffix in {packing for _, packing in _PACKED} else None)


def _plain_name(name: str) -> str:
    return name[: -len(Path(name).suffix)] if Path(name).suffix.lower() in {p for _, p in _PACKED} else name


def _unpacked(data: bytes, name: str, label: str) -> bytes:
    """Return what bytes hold; those that are not packed are returned as they are."""
    unpack: dict[str, Callable[[IO[bytes]], Any]] = {
        ".gz": lambda file: gzip.GzipFile(fileobj=file),
        ".bz2": lambda file: _Streams(file, bz2.BZ2Decompressor),
        ".xz": lambda file: _Streams(file, lzma.LZMADecompressor),
        ".zst": _zstandard,
    }
    packing = _packing(data, name)
    if packing == ".zip":
        raise CandleError(f"{label} is an archive in an archive. Unpack it.")
    if packing is None:
        return data
    with _readable(label):
        return _limited(cast("IO[bytes]", unpack[packing](io.BytesIO(data))), len(data), label)


def _zstandard(file: IO[bytes]) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")


class _Streams:
    """A file of one compressed stream or several.

    Those of the standard library take a damaged stream after the first one for the end of the file.
    """

    def __init__(self, file: IO[bytes], make: Callable[[], Any]) -> None:
        self._packed = file.read()
        self._make = make

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def read(self, most: int) -> bytes:
        """Return what is unpacked, at most so many bytes."""
        parts, packed, room = [], self._packed, most
        # Files may be padded with zeros.
        while packed.strip(b"\0") and room > 0:
            stream = self._make()
            parts.append(stream.decompress(packed, room))
            room -= len(parts[-1])
            if room > 0 and not stream.eof:
                raise EOFError("it ends within a compressed stream")
            packed = stream.unused_data.lstrip(b"\0")
        return b"".join(parts)


# Broken .bz2 files are an OSError, encrypted .zip files a RuntimeError, unknown methods of packing a
# NotImplementedError.
_DAMAGE = (EOFError, OSError, RuntimeError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


@contextmanager
def _readable(label: str) -> Iterator[None]:
    """Turn what damaged files raise into an error of ours."""
    try:
        yield
    except CandleError:  # a ValueError, too
        raise
    except _DAMAGE as error:
        raise CandleError(f"{label} is damaged or cut off ({error}). Copy or download it again.") from error


def _limited(file: IO[bytes], size: int, label: str) -> bytes:
    """Return what a compressed file of `size` bytes holds; stop where that is more than text can be."""
    most = max(MOST_UNPACKED, MOST_TIMES * size)
    with file:
        content = file.read(most + 1)
    if len(content) > most:
        raise _too_large(label, most)
    return content


def _too_large(label: str, most: int) -> CandleError:
    return CandleError(
        f"{label} unpacks to more than {most >> 20:,} MB, which is no text of this size. Unpack it yourself."
    )


def _members(data: bytes, path: Path, member: str | Sequence[str] | None, notes: tuple[str, ...]) -> list[Content]:
    """Return the contents of the members of an archive that `member` means."""
    with _readable(str(path)), zipfile.ZipFile(io.BytesIO(data)) as archive:
        chosen = _chosen([info for info in archive.infolist() if _is_file(info)], path, member)
        most = max(MOST_UNPACKED, MOST_TIMES * len(data))
        if sum(info.file_size for info in chosen) > most:
            raise _too_large(str(path), most)
        contents = []
        for info in chosen:
            label = f"{path}/{info.filename}"
            packed = _limited(archive.open(info), len(data), label)
            contents.append(Content(label, _plain_name(info.filename), _unpacked(packed, info.filename, label), notes))
        return contents


def _is_file(info: zipfile.ZipInfo) -> bool:
    return not info.is_dir() and not info.filename.startswith("__MACOSX")


def _chosen(members: list[zipfile.ZipInfo], path: Path, member: str | Sequence[str] | None) -> list[zipfile.ZipInfo]:
    if member is None and len(members) == 1:
        return members
    names = sorted(info.filename for info in members)
    listed = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    if member is None:
        raise CandleError(
            f"{path} holds {len(members)} files ({listed}). Say which: member={names[0]!r}, or "
            'member="*.csv" for all of one market (on the command line --member).'
            if names
            else f"{path} holds no file."
        )
    for pattern in [member] if isinstance(member, str) else member:
        found = [i for i in members if fnmatch.fnmatchcase(i.filename, pattern) or Path(i.filename).name == pattern]
        if found:
            return sorted(found, key=lambda info: info.filename)
    raise CandleError(f"{path} holds no file {member!r}. It holds: {listed}.")
