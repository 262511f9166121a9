"""Reads a CSV into arrays: every cell kept, refused or set aside by line, nothing shifted or coerced."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from builder.data.ingest import dialect as dialects
from builder.data.ingest import names
from builder.data.ingest.arrays import GrowingArray
from builder.data.ingest.columns import Reading
from builder.data.ingest.found import Progress
from builder.data.ingest.guess import TOLERATED, Guess, declared, guess
from builder.data.ingest.settle import Aside, Scan, settle
from builder.data.ingest.texts import TextFile
from builder.data.raw import CATEGORIES, NUMBERS
from builder.errors import DataError
from builder.spec.data import ColumnType

CHUNK = 20_000
HEAD = 5_000
MAX_COLUMNS = 4_096
MAX_CELLS = 2_000_000_000
RAGGED = 0.1
"""More rows of the wrong width than this share mean the delimiter is wrong, not the rows."""


class _Misfit(Exception):  # noqa: N818 - not an error but a reason to read again
    """Too many cells do not fit the type a column was given from its first rows."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name)
        self.name, self.reason = name, reason


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
            return _scan_once(path, staging, dialect, columns, progress=progress)
        except _Misfit as misfit:
            demoted[misfit.name] = misfit.reason


class _Header(NamedTuple):
    names: list[str]
    written: list[str]


def _head(path: Path, dialect: dialects.Dialect) -> tuple[_Header, list[list[str]]]:
    rows: list[list[str]] = []
    for batch in dialects.rows(path, dialect, most=HEAD + 1):
        rows += [cells for _, cells in batch]
        if len(rows) > 1:  # else many blank lines come first
            break
    if not rows:
        raise DataError(f"{path.name} is empty: there is not a single row in it.")
    width = len(rows[0])
    if width > MAX_COLUMNS:
        raise DataError(
            f"{path.name} has {width:,} columns; at most {MAX_COLUMNS:,} are read. Leave some out."
        )
    written = rows[0] if dialect.has_header else [""] * width
    body = rows[1:] if dialect.has_header else rows
    if not body:
        raise DataError(
            f"{path.name} has a header but no rows under it, so there is nothing to learn from."
        )
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
        reading.examples = tuple(
            dict.fromkeys(cell.strip()[:40] for cell in cells if cell.strip())
        )[:3]
        found.append(reading)
    return found


def _scan_once(
    path: Path,
    staging: Path,
    dialect: dialects.Dialect,
    columns: list[Reading],
    *,
    progress: Progress,
) -> Scan:
    numeric = [c for c in columns if c.is_numeric]
    coded = [c for c in columns if c.is_coded]
    texts = {
        column.name: TextFile(staging / f"text-{place}.bin")
        for place, column in enumerate(columns)
        if column.is_text
    }
    aside = Aside()
    preview: list[tuple[str, ...]] = []
    total = 0
    size = max(1, path.stat().st_size)
    with (
        GrowingArray(staging / f"{NUMBERS}.npy", "<f8", (len(numeric),)) as numbers,
        GrowingArray(staging / f"{CATEGORIES}.npy", "<i8", (len(coded),)) as categories,
    ):
        for lines, cells, done in _chunks(path, dialect, len(columns), aside):
            if not preview:
                preview = [
                    tuple(cell[:200] for cell in row) for row in list(zip(*cells, strict=True))[:20]
                ]
            kept = _take(
                columns, cells, lines, aside, numbers=numbers, categories=categories, texts=texts
            )
            total += kept
            if total * len(columns) > MAX_CELLS:
                raise DataError(f"{path.name} has more than {MAX_CELLS:,} cells; use a part of it.")
            _refuse_misfits(columns, aside.bad_cells, total + aside.total, at_end=False)
            progress(min(0.99, done / size), f"{total:,} rows read")
    _refuse_misfits(columns, aside.bad_cells, total + aside.total, at_end=True)
    _refuse_unusable(path, columns, total, aside)
    codes = staging / f"{CATEGORIES}.npy"
    return settle(codes, columns, total, aside, preview=tuple(preview), texts=texts)


def _chunks(
    path: Path, dialect: dialects.Dialect, width: int, aside: Aside
) -> Iterator[tuple[list[int], list[tuple[str, ...]], int]]:
    """Line numbers, cells by column, and bytes done (roughly) of up to CHUNK rows of the right width."""
    average = 0.0
    seen = 0
    for number, batch in enumerate(dialects.rows(path, dialect, most=CHUNK)):
        rows = batch[1:] if number == 0 and dialect.has_header else batch
        seen += len(rows)
        good = rows
        if any(len(cells) != width for _, cells in rows):
            good = [row for row in rows if len(row[1]) == width]
            for line, cells in rows:
                if len(cells) != width:
                    aside.add_ragged(line, len(cells), width)
        if aside.ragged > max(1, RAGGED * seen):
            raise DataError(
                f"{path.name}: {aside.first_ragged}, and {aside.ragged:,} of {seen:,} rows are like this. "
                "Correct the header or choose another delimiter."
            )
        if not good:
            continue
        if not average:
            average = width + sum(len("".join(cells)) for _, cells in good[:500]) / len(good[:500])
        lines = [line for line, _ in good]
        yield lines, list(zip(*[cells for _, cells in good], strict=True)), int(average * seen)


def _take(
    columns: list[Reading],
    cells: list[tuple[str, ...]],
    lines: list[int],
    aside: Aside,
    *,
    numbers: GrowingArray,
    categories: GrowingArray,
    texts: Mapping[str, TextFile],
) -> int:
    """Adds the chunk's rows and returns how many; rows with a cell that does not fit are set aside."""
    values: list[np.ndarray] = []
    keep = np.ones(len(lines), dtype=bool)
    for place, column in enumerate(columns):
        if not column.is_numeric:
            continue
        found, bad = column.numbers(cells[place])
        values.append(found)
        if bad:
            aside.bad_cells[column.name] = aside.bad_cells.get(column.name, 0) + len(bad)
            for row in bad:
                if keep[row]:
                    cell = cells[place][row].strip()[:40]
                    aside.add(
                        f"line {lines[row]:,}", f"{column.name} is {cell!r}, not a {column.type}"
                    )
                keep[row] = False
    everything = bool(keep.all())
    codes: list[np.ndarray] = []
    for place, column in enumerate(columns):
        if column.is_coded:
            chosen = (
                cells[place]
                if everything
                else [c for c, k in zip(cells[place], keep, strict=True) if k]
            )
            coded = column.categories(chosen)
            column.missing += int((coded < 0).sum())
            codes.append(coded)
    for place, column in enumerate(columns):
        if column.is_text:
            for row in np.flatnonzero(keep).tolist():
                texts[column.name].add(cells[place][row], lines[row])
    rows = int(keep.sum())
    block = np.stack(values, axis=1)[keep] if values else np.empty((rows, 0))
    for column, kept in zip((c for c in columns if c.is_numeric), block.T, strict=True):
        column.count(kept)
    numbers.append(block)
    categories.append(np.stack(codes, axis=1) if codes else np.empty((rows, 0), np.int64))
    return rows


def _refuse_misfits(
    columns: list[Reading], bad: dict[str, int], seen: int, *, at_end: bool
) -> None:
    for column in columns:
        count = bad.get(column.name, 0)
        if column.is_declared or count <= TOLERATED * seen or not (at_end or count > 100):
            continue
        reason = f"{count:,} of {seen:,} values are not a {column.type}, so they are read as words"
        raise _Misfit(column.name, reason)


def _refuse_unusable(path: Path, columns: list[Reading], total: int, aside: Aside) -> None:
    if total:
        return
    for column in columns:
        if aside.bad_cells.get(column.name):
            raise DataError(
                f"No row of {path.name} has a {column.type} in {column.name!r}. Choose another type for this column."
            )
    why = aside.listed[0].why if aside.listed else "it has no rows"
    raise DataError(f"No row of {path.name} can be used: {why}.")
