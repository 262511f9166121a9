"""Numbers of a run: fixed-width float64 rows appended to files, and read back a million at a time."""

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from builder.projects.atomic import refusals_told, write_json

Floats = NDArray[np.float64]
TABLES = ("steps", "epochs", "layers")
KEYS = {"steps": "step", "epochs": "epoch", "layers": "step"}
"""The column that numbers a table's rows."""


class Table(NamedTuple):
    """Named columns of float64: `values` is (rows, columns); NaN where a row has no such number."""

    columns: tuple[str, ...]
    values: Floats

    def __len__(self) -> int:
        return len(self.values)

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.columns

    def column(self, name: str) -> Floats:
        """One column, float64 (rows,); all NaN when there is none of this name."""
        if name not in self.columns:
            return np.full(len(self.values), np.nan)
        return self.values[:, self.columns.index(name)]

    def last(self, name: str) -> float | None:
        """The newest value of a column, or None when there is none."""
        if not self.has(name) or not len(self):
            return None
        return float(self.column(name)[-1])


class Metrics(NamedTuple):
    """All numbers of a run, the last value per step over its attempts."""

    steps: Table
    epochs: Table
    layers: Table


class MetricWriter:
    """Appends rows of one attempt; buffered until `flush`, one write per flush and table."""

    def __init__(self, run_path: Path, attempt: int):
        self.folder = run_path / "metrics" / str(attempt)
        with refusals_told(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._segments: dict[str, _Segment] = {}

    def row(self, table: str, values: Mapping[str, float]) -> None:
        """Adds one row."""
        self.rows(table, {name: [value] for name, value in values.items()})

    def rows(self, table: str, values: Mapping[str, Sequence[float] | Floats]) -> None:
        """Adds several rows given as columns of equal length; new column names begin a new file."""
        segment = self._segments.get(table)
        if segment is None or not set(values) <= set(segment.columns):
            known = segment.columns if segment else ()
            columns = (*known, *(name for name in values if name not in known))
            if segment is not None:
                segment.close()
            segment = self._segments[table] = _Segment(self.folder, table, columns)
        segment.add(values)

    def flush(self) -> None:
        """Hands the buffered rows to the system, so that readers see them; StorageError when the disk is full."""
        for segment in self._segments.values():
            segment.flush()

    def sync(self) -> None:
        """Flushes and waits until the rows are on the disk; once an epoch."""
        for segment in self._segments.values():
            segment.flush()
            segment.sync()

    def close(self) -> None:
        """Flushes and closes the files."""
        for segment in self._segments.values():
            segment.close()
        self._segments.clear()


class _Segment:
    """One file of rows with one set of columns, and its JSON header."""

    def __init__(self, folder: Path, table: str, columns: tuple[str, ...]):
        self.columns = columns
        self._waiting: list[bytes] = []
        part = len(list(folder.glob(f"{table}*.json")))
        self.path = folder / (f"{table}.f64" if part == 0 else f"{table}.{part}.f64")
        header = {"version": 1, "columns": list(columns), "dtype": "<f8"}
        write_json(self.path.with_suffix(".json"), header, durable=False)
        with refusals_told(self.path):
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._descriptor = os.open(self.path, flags, 0o600)

    def add(self, values: Mapping[str, Sequence[float] | Floats]) -> None:
        length = max((len(column) for column in values.values()), default=0)
        block = np.full((length, len(self.columns)), np.nan, dtype="<f8")
        for name, column in values.items():
            block[:, self.columns.index(name)] = column
        self._waiting.append(block.tobytes())

    def flush(self) -> None:
        data = b"".join(self._waiting)
        if not data:
            return
        with refusals_told(self.path, needed=len(data)):
            start = os.fstat(self._descriptor).st_size
            try:
                written = os.write(self._descriptor, data)
                if written < len(data):  # a full disk may take a part; the rest says why
                    os.write(self._descriptor, data[written:])
            except OSError:
                os.ftruncate(self._descriptor, start)
                raise
        self._waiting.clear()

    def sync(self) -> None:
        with refusals_told(self.path):
            os.fsync(self._descriptor)

    def close(self) -> None:
        try:
            self.flush()
        finally:
            os.close(self._descriptor)


class Follower:
    """Reads a run's numbers as they come: each `poll` reads only the bytes added since the last."""

    def __init__(self, run_path: Path):
        self.path = run_path
        self._parts: dict[Path, _Part] = {}
        self._answers: dict[str, tuple[int, Table]] = {}

    def poll(self) -> Metrics:
        """All numbers so far."""
        attempts = sorted(_attempts(self.path))
        return Metrics(*(self._table(table, attempts) for table in TABLES))

    def _table(self, table: str, attempts: list[int]) -> Table:
        parts = []
        for attempt in attempts:
            folder = self.path / "metrics" / str(attempt)
            for header in _headers(folder, table):
                part = self._parts.get(header) or _Part.open(header)
                if part is not None:
                    self._parts[header] = part
                    part.read_new()
                    parts.append((attempt, part))
        rows = sum(part.length for _, part in parts)
        known = self._answers.get(table)
        if known is None or known[0] != rows:
            known = self._answers[table] = (rows, _joined(KEYS[table], parts))
        return known[1]


class _Part:
    """What has been read of one file, in an array that grows by doubling."""

    def __init__(self, path: Path, columns: tuple[str, ...]):
        self.path, self.columns, self.length = path, columns, 0
        self._rows = np.empty((1024, len(columns)), dtype="<f8")

    @classmethod
    def open(cls, header: Path) -> "_Part | None":
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            columns = json.loads(header.read_bytes())["columns"]
            return cls(header.with_suffix(".f64"), tuple(str(name) for name in columns))
        return None

    @property
    def rows(self) -> Floats:
        return self._rows[: self.length]

    def read_new(self) -> None:
        width = 8 * len(self.columns)
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            come = os.fstat(file.fileno()).st_size // width - self.length  # a torn last row waits
            if come <= 0:
                return
            if self.length + come > len(self._rows):
                larger = np.empty((2 * (self.length + come), len(self.columns)), dtype="<f8")
                larger[: self.length] = self.rows
                self._rows = larger
            file.seek(self.length * width)
            into = self._rows[self.length : self.length + come]
            self.length += file.readinto(into.data.cast("B")) // width


def read(run_path: Path) -> Metrics:
    """All numbers of a run; empty tables when it has none yet."""
    return Follower(run_path).poll()


def minmax(x: Floats, y: Floats, n: int = 1000) -> tuple[Floats, Floats]:
    """At most about `n` of the points, with the least and the greatest of each stretch, so that spikes stay."""
    if len(x) <= n:
        return x, y
    size = -(-len(y) // max(n // 2 - 1, 1))  # points a stretch, rounded up
    whole = len(y) // size * size
    starts = np.arange(0, whole, size)
    stretches = y[:whole].reshape(-1, size)
    picks = [starts + stretches.argmin(1), starts + stretches.argmax(1)]
    rest = y[whole:]
    if len(rest):
        picks.append(np.array([whole + rest.argmin(), whole + rest.argmax()]))
    picks.append(np.array([0, len(y) - 1]))
    chosen = np.unique(np.concatenate(picks))
    return x[chosen], y[chosen]


def _attempts(run_path: Path) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(f.name) for f in (run_path / "metrics").iterdir() if f.name.isdigit()]
    return []


def _headers(folder: Path, table: str) -> list[Path]:
    """The headers of a table's files in the order they were begun: `steps.json`, `steps.1.json`, ..."""
    found = [p for p in folder.glob(f"{table}*.json") if p.name.split(".")[0] == table]
    return sorted(found, key=lambda path: int(path.stem.partition(".")[2] or 0))


def _joined(key: str, parts: list[tuple[int, _Part]]) -> Table:
    columns: list[str] = []
    for _, part in parts:
        columns += [name for name in part.columns if name not in columns]
    by_attempt: dict[int, list[Floats]] = {}
    for attempt, part in parts:
        by_attempt.setdefault(attempt, []).append(_spread(part, columns))
    joined = np.empty((0, len(columns)), dtype="<f8")
    for blocks in by_attempt.values():
        newer = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        joined = _overlay(joined, newer, columns.index(key)) if key in columns else newer
    return Table(tuple(columns), joined)


def _spread(part: _Part, columns: list[str]) -> Floats:
    if list(part.columns) == columns:
        return part.rows
    block = np.full((part.length, len(columns)), np.nan)
    block[:, [columns.index(name) for name in part.columns]] = part.rows
    return block


def _overlay(older: Floats, newer: Floats, key: int) -> Floats:
    """The rows of both; where a newer attempt covers the same steps, its rows."""
    if not len(older) or not len(newer):
        return newer if len(newer) else older
    first = np.searchsorted(older[:, key], newer[0, key], side="left")
    after = np.searchsorted(older[:, key], newer[-1, key], side="right")
    return np.concatenate([older[:first], newer, older[after:]])
