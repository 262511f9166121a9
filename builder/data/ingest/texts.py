"""Texts on their way to an array: kept in one file while they are read, laid out in rows at the end."""

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from builder.data.ingest.arrays import GrowingArray
from builder.data.raw import LENGTHS, TEXT
from builder.data.read import clean_text
from builder.data.texts import MAX_BYTES, Census, encoded, rows_of
from builder.errors import DataError
from builder.projects.atomic import refusals_told

CHUNK = 1024
MAX_TOTAL = 8 * 1024**3
"""Bytes of all rows together, each as wide as the longest."""


class TextFile:
    """Texts one behind the other in a file; where each stood is remembered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sizes = array("L")
        self.lines = array("L")
        self.cut = self.cleaned = 0
        with refusals_told(path):
            self._file = path.open("wb")

    def __len__(self) -> int:
        return len(self.sizes)

    def add(self, text: str, line: int) -> None:
        """Adds a text, cleaned and at most MAX_BYTES long; StorageError when the disk is full."""
        clean = clean_text(text)
        raw = encoded(clean)
        self.cleaned += clean != text.replace("\r\n", "\n").replace("\r", "\n")
        self.cut += len(raw) < len(clean.encode())
        with refusals_told(self.path, needed=len(raw)):
            self._file.write(raw)
        self.sizes.append(len(raw))
        self.lines.append(line)

    def close(self) -> None:
        """Writes what is still in memory."""
        with refusals_told(self.path):
            self._file.close()

    def texts(self) -> Iterator[bytes]:
        """All texts, in order."""
        self.close()
        with self.path.open("rb") as file:
            for size in self.sizes:
                yield file.read(size)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was cut and cleaned."""
        told = []
        if self.cut:
            told.append(f"{_texts(self.cut)} cut after {MAX_BYTES:,} bytes.")
        if self.cleaned:
            told.append(f"{_texts(self.cleaned)} freed of NUL and unreadable characters.")
        return tuple(told)


class Laid(NamedTuple):
    """Rows that were written, and how many different words, characters and bytes they hold."""

    rows: int
    distinct: tuple[int, int, int]


def lay_out(name: str, texts: Iterable[bytes], longest: int, count: int, staging: Path) -> Laid:
    """Writes `text.npy` uint8 (N, longest) and `lengths.npy` int32 (N, 3); DataError when they need too much space."""
    if longest * count > MAX_TOTAL:
        raise DataError(
            f"{name}: {count:,} texts of up to {longest:,} bytes need too much space. Use fewer or shorter ones."
        )
    census = Census()
    rows = 0
    with (
        GrowingArray(staging / f"{TEXT}.npy", "|u1", (max(1, longest),)) as table,
        GrowingArray(staging / f"{LENGTHS}.npy", "<i4", (3,)) as lengths,
    ):
        waiting: list[bytes] = []

        def write() -> None:
            block = np.zeros((len(waiting), max(1, longest)), dtype=np.uint8)
            narrow = rows_of(waiting)
            block[:, : narrow.shape[1]] = narrow
            table.append(block)
            counted = [census.count(text.decode()) for text in waiting]
            lengths.append(np.array(counted, dtype=np.int32).reshape(-1, 3))
            waiting.clear()

        for text in texts:
            waiting.append(text)
            rows += 1
            if len(waiting) == CHUNK:
                write()
        if waiting:
            write()
    return Laid(rows, census.distinct)


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a file's bytes and a remark on its encoding ("" for UTF-8); ValueError when it is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "read as UTF-16"
        except UnicodeDecodeError as error:
            raise ValueError("it is not text") from error
    control = sum(data[:4096].count(code) for code in (*range(9), *range(14, 27), *range(28, 32)))
    if control > max(8, len(data[:4096]) // 20):
        raise ValueError("it is not text")
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "read as Windows-1252, because it is not UTF-8"


def _texts(count: int) -> str:
    return "1 text was" if count == 1 else f"{count:,} texts were"
