"""Reads a CSV into arrays: every cell kept, refused or set aside by line, nothing shifted or coerced."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from builder.data.ingest import dialect as dialects
from builder.data.ingest import names
from builder.data.ingest.arrays import GrowingArray
from builder.data.ingest.columns import LOOKS_MISSING, MOST_DISTINCT, Reading
from builder.data.ingest.found import MAX_LISTED, FoundColumn, Progress, Skipped, Warned
from builder.data.ingest.guess import TOLERATED, Guess, declared, guess
from builder.data.raw import CATEGORIES, NUMBERS, Column
from builder.errors import DataError
from builder.spec.data import ColumnType

CHUNK = 20_000
HEAD = 5_000
MAX_COLUMNS = 4_096
MAX_CELLS = 2_000_000_000
RAGGED = 0.1
"""More rows of the wrong width than this share mean the delimiter is wrong, not the rows."""


class Scan(NamedTuple):
    """A table that was read in full: its columns, and what was set aside."""

    rows: int
    columns: tuple[Column, ...]
    found: tuple[FoundColumn, ...]
    skipped: tuple[Skipped, ...]
    skipped_total: int
    warnings: tuple[Warned, ...]
    dialect: dialects.Dialect
    preview: tuple[tuple[str, ...], ...]
    small_whole: frozenset[str]
    """Number columns with few different whole values: perhaps codes of classes."""


class _Misfit(Exception):  # noqa: N818 - not an error but a reason to read again
    """Too many cells do not fit the type a column was given from its first rows."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name)
        self.name, self.reason = name, reason


class _Aside:
    """Rows set aside: all counted, the first ones listed."""

    def __init__(self) -> None:
        self.listed: list[Skipped] = []
        self.total = 0
        self.ragged = 0
        self.first_ragged = ""

    def add(self, where: str, why: str) -> None:
        self.total += 1
        if len(self.listed) < MAX_LISTED:
            self.listed.append(Skipped(where=where, why=why))


def scan(
    path: Path,
    staging: Path,
    dialect: dialects.Dialect,
    *,
    column_types: Mapping[str, ColumnType],
    progress: Progress,
) -> Scan:
    """Reads the whole table into `numbers.npy` and `categories.npy` of `staging`; bounded memory.

    Raises DataError when the file cannot be a table as it stands: header and rows of different width, too many
    columns, broken quotes, no rows.
    """
    header, head = _head(path, dialect)
    unknown = [name for name in column_types if name not in header.names]
    if unknown:
        raise DataError(
            f"{path.name} has no column {unknown[0]!r}. Its columns are: {', '.join(header.names[:20])}."
        )
    demoted: dict[str, str] = {}
    while True:
        columns = _readings(header, head, dialect, column_types, demoted)
        try:
            return _scan_once(path, staging, dialect, header, columns, progress)
        except _Misfit as misfit:
            demoted[misfit.name] = misfit.reason


class _Header(NamedTuple):
    names: list[str]
    written: list[str]


def _head(path: Path, dialect: dialects.Dialect) -> tuple[_Header, list[list[str]]]:
    rows = [cells for _, cells in islice(dialects.rows(path, dialect), HEAD + 1)]
    if not rows:
        raise DataError(f"{path.name} is empty: there is not a single row in it.")
    width = len(rows[0])
    if width > MAX_COLUMNS:
        raise DataError(f"{path.name} has {width:,} columns; at most {MAX_COLUMNS:,} are read. Leave some out.")
    written = rows[0] if dialect.has_header else [""] * width
    body = rows[1:] if dialect.has_header else rows
    if not body:
        raise DataError(f"{path.name} has a header but no rows under it, so there is nothing to learn from.")
    return _Header(names.unique(written), list(written)), body


def _readings(
    header: _Header,
    head: list[list[str]],
    dialect: dialects.Dialect,
    types: Mapping[str, ColumnType],
    demoted: Mapping[str, str],
) -> list[Reading]:
    width = len(header.names)
    fitting = [cells for cells in head if len(cells) == width]
    found = []
    for place, name in enumerate(header.names):
        cells = [row[place] for row in fitting]
        if name in types:
            guessed = declared(types[name], cells, delimiter=dialect.delimiter)
        elif name in demoted:
            guessed = Guess("category", demoted[name])
        else:
            guessed = guess(name, cells, delimiter=dialect.delimiter, place=place)
        reading = Reading(name, header.written[place], guessed, is_declared=name in types)
        reading.examples = tuple(dict.fromkeys(cell.strip()[:40] for cell in cells if cell.strip()))[:3]
        found.append(reading)
    return found


def _scan_once(
    path: Path,
    staging: Path,
    dialect: dialects.Dialect,
    header: _Header,
    columns: list[Reading],
    progress: Progress,
) -> Scan:
    numeric = [c for c in columns if c.is_numeric]
    coded = [c for c in columns if c.is_coded]
    aside = _Aside()
    bad_cells: dict[str, int] = {}
    preview: list[tuple[str, ...]] = []
    total = 0
    size = max(1, path.stat().st_size)
    with (
        GrowingArray(staging / f"{NUMBERS}.npy", "<f8", (len(numeric),)) as numbers,
        GrowingArray(staging / f"{CATEGORIES}.npy", "<i8", (len(coded),)) as categories,
    ):
        for lines, cells, done in _chunks(path, dialect, len(columns), aside):
            if not preview:
                preview = [tuple(cell[:200] for cell in row) for row in list(zip(*cells, strict=True))[:20]]
            kept = _take(columns, cells, lines, aside, bad_cells, numbers, categories)
            total += kept
            if total * len(columns) > MAX_CELLS:
                raise DataError(f"{path.name} has more than {MAX_CELLS:,} cells; use a part of it.")
            _refuse_misfits(columns, bad_cells, total + aside.total, at_end=False)
            progress(min(0.99, done / size), f"{total:,} rows read")
    _refuse_misfits(columns, bad_cells, total + aside.total, at_end=True)
    _refuse_unusable(path, columns, bad_cells, total, aside)
    return _finish(staging, columns, total, aside, dialect, tuple(preview), bad_cells)


def _chunks(
    path: Path, dialect: dialects.Dialect, width: int, aside: _Aside
) -> Iterator[tuple[list[int], list[tuple[str, ...]], int]]:
    """Line numbers, cells by column, and bytes done (roughly) of up to CHUNK rows of the right width."""
    rows = dialects.rows(path, dialect)
    if dialect.has_header:
        next(rows)
    average = 0.0
    done = 0
    seen = 0
    while batch := list(islice(rows, CHUNK)):
        seen += len(batch)
        good = [(line, cells) for line, cells in batch if len(cells) == width]
        if len(good) < len(batch):
            for line, cells in batch:
                if len(cells) != width:
                    why = f"has {len(cells):,} values, the header has {width:,}"
                    aside.ragged += 1
                    aside.first_ragged = aside.first_ragged or f"Line {line:,} {why}"
                    aside.add(f"line {line:,}", why)
        if aside.ragged > max(1, RAGGED * seen) and (len(batch) < CHUNK or seen >= CHUNK):
            raise DataError(
                f"{path.name}: {aside.first_ragged}, and {aside.ragged:,} of {seen:,} rows are like this. "
                "Correct the header or choose another delimiter."
            )
        if not good:
            continue
        cells_by_column = list(zip(*(cells for _, cells in good), strict=True))
        if not average:
            average = sum(map(len, map("".join, (cells for _, cells in good[:500])))) / min(500, len(good)) + width
        done = int(average * seen)
        yield [line for line, _ in good], cells_by_column, done


def _take(
    columns: list[Reading],
    cells: list[tuple[str, ...]],
    lines: list[int],
    aside: _Aside,
    bad_cells: dict[str, int],
    numbers: GrowingArray,
    categories: GrowingArray,
) -> int:
    """Adds the chunk's rows to the arrays and returns how many; rows with a cell that does not fit are set aside."""
    values: list[np.ndarray] = []
    keep = np.ones(len(lines), dtype=bool)
    for place, column in enumerate(columns):
        if not column.is_numeric:
            continue
        found, bad = column.numbers(cells[place])
        values.append(found)
        if bad:
            bad_cells[column.name] = bad_cells.get(column.name, 0) + len(bad)
            for row in bad:
                if keep[row]:
                    cell = cells[place][row].strip()[:40]
                    aside.add(f"line {lines[row]:,}", f"{column.name} is {cell!r}, not a {column.type}")
                keep[row] = False
    everything = bool(keep.all())
    codes: list[np.ndarray] = []
    for place, column in enumerate(columns):
        if column.is_coded:
            chosen = cells[place] if everything else [c for c, k in zip(cells[place], keep, strict=True) if k]
            coded = column.categories(chosen)
            column.missing += int((coded < 0).sum())
            codes.append(coded)
    rows = int(keep.sum())
    block = np.stack(values, axis=1)[keep] if values else np.empty((rows, 0))
    for column, kept in zip((c for c in columns if c.is_numeric), block.T, strict=True):
        column.count(kept)
    numbers.append(block)
    categories.append(np.stack(codes, axis=1) if codes else np.empty((rows, 0), np.int64))
    return rows


def _refuse_misfits(columns: list[Reading], bad: dict[str, int], seen: int, *, at_end: bool) -> None:
    for column in columns:
        count = bad.get(column.name, 0)
        if column.is_declared or count <= TOLERATED * seen or not (at_end or count > 100):
            continue
        reason = f"{count:,} of {seen:,} values are not a {column.type}, so they are read as words"
        raise _Misfit(column.name, reason)


def _refuse_unusable(
    path: Path, columns: list[Reading], bad: dict[str, int], total: int, aside: _Aside
) -> None:
    if total:
        return
    for column in columns:
        if bad.get(column.name):
            raise DataError(
                f"No row of {path.name} has a {column.type} in {column.name!r}. Choose another type for this column."
            )
    why = aside.listed[0].why if aside.listed else "it has no rows"
    raise DataError(f"No row of {path.name} can be used: {why}.")


def _finish(
    staging: Path,
    readings: list[Reading],
    total: int,
    aside: _Aside,
    dialect: dialects.Dialect,
    preview: tuple[tuple[str, ...], ...],
    bad_cells: dict[str, int],
) -> Scan:
    warnings = _warnings(readings, bad_cells)
    places = _places(readings)
    finals: dict[int, Any] = {}
    columns, found, small = [], [], set()
    for reading in readings:
        place = places[reading.name]
        was_coded = reading.is_coded
        distinct = len(reading.codes) if was_coded else len(reading.distinct)
        reading.settle(total)
        words: tuple[str, ...] = ()
        if was_coded:
            words, finals[place] = reading.order()
        is_kept = reading.is_coded or reading.is_numeric
        if is_kept and reading.missing == total:
            reading.guess = reading.guess._replace(type="skip", reason="no value in any row")
            is_kept = False
        columns.append(reading.column(place if is_kept else -1, words if is_kept else ()))
        found.append(_found(reading, distinct))
        if reading.type == "number" and 2 <= distinct <= MOST_DISTINCT and all(v == int(v) for v in reading.distinct):
            small.add(reading.name)
    _recode(staging / f"{CATEGORIES}.npy", finals)
    return Scan(
        total,
        tuple(columns),
        tuple(found),
        tuple(aside.listed),
        aside.total,
        tuple(warnings),
        dialect,
        preview,
        frozenset(small),
    )


def _places(readings: list[Reading]) -> dict[str, int]:
    numeric = [c.name for c in readings if c.is_numeric]
    coded = [c.name for c in readings if c.is_coded]
    return {
        **{c.name: -1 for c in readings},
        **{name: place for group in (numeric, coded) for place, name in enumerate(group)},
    }


def _found(reading: Reading, distinct: int) -> FoundColumn:
    return FoundColumn(
        name=reading.name,
        type=reading.type,
        missing=reading.missing,
        distinct=distinct,
        reason=reading.guess.reason,
        examples=reading.examples,
        style=reading.guess.style,
        written=reading.written[:200] if reading.written != reading.name else "",
    )


def _warnings(readings: list[Reading], bad_cells: dict[str, int]) -> list[Warned]:
    found = []
    for reading in readings:
        name = reading.name
        if reading.written.strip() and reading.written.strip() != name:
            found.append(Warned(code="renamed", what=f"A column is now called {name!r}: its own name was in use or "
                                "not fit to be shown.", column=name))
        if bad_cells.get(name):
            found.append(
                Warned(code="misfits", what=f"{bad_cells[name]:,} rows are set aside because {name} is not a "
                       f"{reading.type} there. Choose the type category to keep them.", column=name)
            )
        if reading.is_coded:
            words = sorted(LOOKS_MISSING & set(reading.codes))
            if words:
                found.append(
                    Warned(code="missing words", what=f"{name}: {', '.join(words)} is kept as a category of its own, "
                           "not as a gap.", column=name)
                )
    return found


def _recode(path: Path, finals: dict[int, Any]) -> None:
    """Puts the final codes in place of those of first appearance, chunk by chunk."""
    if not finals:
        return
    codes = np.load(path, mmap_mode="r+")
    for start in range(0, len(codes), CHUNK):
        block = codes[start : start + CHUNK]
        for place, final in finals.items():
            block[:, place] = final[block[:, place] + 1]
    codes.flush()


