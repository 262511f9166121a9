"""A ZIP that may be hostile: checked whole before anything is read, streamed entry by entry, never extracted."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from builder.data.ingest.names import clean
from builder.errors import DataError

MAX_ENTRIES = 99_999
MAX_TOTAL = 4 * 1024**3
MAX_ENTRY = 64 * 1024**2
MAX_DIRECTORY = 64 * 1024**2
MAX_RATIO = 100
RATIO_FROM = 1024**2
"""A high ratio is normal for small files (an almost white image); it counts from so many bytes on."""
MAX_PATH = 1024
_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1


class Entry(NamedTuple):
    """A file of the archive: cleaned path parts, and the name to show."""

    parts: tuple[str, ...]
    shown: str
    info: zipfile.ZipInfo


class Opened(NamedTuple):
    """A checked archive: its files in the archive's order, and sentences about what was odd."""

    archive: zipfile.ZipFile
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The archive, checked; DataError with its own sentence for everything that is not a plain, honest ZIP."""
    notes = _check_end(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError) as error:
        raise DataError(
            f"{path.name} is damaged: its list of files cannot be read. Make the ZIP again."
        ) from error
    with archive:
        infos = archive.infolist()
        _check_totals(path, infos, archive.start_dir)
        entries = tuple(_entry(path, info) for info in infos if not is_folder(info))
        yield Opened(archive, entries, notes)


def is_folder(info: zipfile.ZipInfo) -> bool:
    """Whether the entry is a folder; also right for a name of no letters, which zipfile does not expect."""
    return info.filename.endswith("/")


def read(archive: zipfile.ZipFile, entry: Entry) -> bytes:
    """The bytes of one file, counted while they are unpacked; ValueError says why it cannot be used."""
    info = entry.info
    if info.file_size > MAX_ENTRY:
        raise ValueError(f"it is larger than {MAX_ENTRY // 1024**2} MB")
    try:
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except zipfile.BadZipFile as error:
        raise ValueError(
            "it is damaged in the archive (its checksum or header is wrong)"
        ) from error
    except (zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise ValueError("it is damaged in the archive") from error
    if len(data) != info.file_size:
        raise ValueError("its size differs from what the archive says")
    return data


def _check_end(path: Path) -> tuple[str, ...]:
    """Looks at the end record itself, so that a list of a million files is refused before it is read."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(max(0, size - 65_536 - _END_SIZE))
            tail = file.read()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from error
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_SIZE:
        if start[:2] == b"PK":
            raise DataError(
                f"{path.name} is cut off: the end of the ZIP is missing. Copy or download it again."
            )
        raise DataError(f"{path.name} is not a ZIP archive, whatever its name says.")
    count, directory, comment = struct.unpack_from("<HIxxxxH", tail, place + 10)
    if count == 0:
        raise DataError(f"{path.name} is an empty ZIP: there is no file in it.")
    if count > MAX_ENTRIES and count != 0xFFFF:
        raise DataError(
            f"{path.name} holds {count:,} files; at most {MAX_ENTRIES:,} are read. Use a part of them."
        )
    if directory != 0xFFFFFFFF and directory > MAX_DIRECTORY:
        raise DataError(
            f"{path.name} has a list of files that is far too long. Make the ZIP again."
        )
    trailing = len(tail) - place - _END_SIZE - comment
    return (f"{trailing:,} bytes after the end of the ZIP were ignored.",) if trailing > 0 else ()


def _check_totals(path: Path, infos: list[zipfile.ZipInfo], end: int) -> None:
    if len(infos) > MAX_ENTRIES:
        raise DataError(
            f"{path.name} holds {len(infos):,} files; at most {MAX_ENTRIES:,} are read. Use a part of them."
        )
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise DataError(f"{path.name} is protected by a password. Make a ZIP without one.")
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if total > MAX_TOTAL:
        raise DataError(
            f"{path.name} would unpack to {total / 1024**3:.1f} GB; at most {MAX_TOTAL // 1024**3} GB are read."
        )
    if total > RATIO_FROM and total > MAX_RATIO * max(1, packed):
        raise DataError(
            f"{path.name} would unpack to {total // max(1, packed):,} times its size, as only a trap does; "
            "it was not opened."
        )
    _check_overlap(path, infos, end)


def _check_overlap(path: Path, infos: list[zipfile.ZipInfo], end: int) -> None:
    """Every file has its own bytes (several entries sharing one body are a bomb)."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    limits = [info.header_offset for info in ordered[1:]] + [end]
    for info, limit in zip(ordered, limits, strict=True):
        name = len(info.orig_filename.encode("utf-8", "surrogateescape"))
        smallest = min(name, len(info.orig_filename))
        if info.header_offset + _LOCAL_HEADER + smallest + info.compress_size > limit:
            raise DataError(
                f"{path.name} holds files that share their bytes, as only a trap does; it was not opened."
            )


def _entry(path: Path, info: zipfile.ZipInfo) -> Entry:
    name = info.orig_filename
    shown = clean(name)
    slashed = name.replace("\\", "/")
    parts = PurePosixPath(slashed).parts
    outside = slashed.startswith("/") or ".." in parts or (len(slashed) > 1 and slashed[1] == ":")
    if "\x00" in name or outside:
        raise DataError(
            f"{path.name} holds a file that points outside of it ({shown!r}); the whole ZIP is refused."
        )
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataError(
            f"{path.name} holds a link or device ({shown!r}); the whole ZIP is refused."
        )
    if len(name) > MAX_PATH:
        raise DataError(
            f"{path.name} holds a name of {len(name):,} characters; the whole ZIP is refused."
        )
    cleaned = tuple(clean(part, most=MAX_PATH) or "unnamed" for part in parts)
    return Entry(cleaned or ("unnamed",), shown or "unnamed", info)
