"""What a table turned out to be, once every row was read: final columns, warnings, what was set aside."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from builder.data.ingest.columns import LOOKS_MISSING, MOST_DISTINCT, Reading
from builder.data.ingest.found import MAX_LISTED, FoundColumn, Skipped, Warned
from builder.data.ingest.texts import TextFile
from builder.data.raw import Column

CHUNK = 65_536
"""Rows recoded at once."""


class Aside:
    """Rows set aside: all counted, the first ones listed."""

    def __init__(self) -> None:
        self.listed: list[Skipped] = []
        self.total = 0
        self.ragged = 0
        self.first_ragged = ""
        self.bad_cells: dict[str, int] = {}
        """By column: cells that are not of its type."""

    def add_ragged(self, line: int, given: int, wanted: int) -> None:
        """Sets a row aside that has too few or too many values."""
        why = f"has {given:,} values, the header has {wanted:,}"
        self.ragged += 1
        self.first_ragged = self.first_ragged or f"Line {line:,} {why}"
        self.add(f"line {line:,}", why)

    def add(self, where: str, why: str) -> None:
        """Sets one row aside."""
        self.total += 1
        if len(self.listed) < MAX_LISTED:
            self.listed.append(Skipped(where=where, why=why))


class Scan(NamedTuple):
    """A table that was read in full: its columns, and what was set aside."""

    rows: int
    columns: tuple[Column, ...]
    found: tuple[FoundColumn, ...]
    skipped: tuple[Skipped, ...]
    skipped_total: int
    warnings: tuple[Warned, ...]
    preview: tuple[tuple[str, ...], ...]
    texts: dict[str, TextFile]
    """Columns whose cells were kept as texts."""
    small_whole: frozenset[str]
    """Number columns with few different whole values: perhaps codes of classes."""


def settle(
    codes_file: Path,
    readings: list[Reading],
    total: int,
    aside: Aside,
    *,
    preview: tuple[tuple[str, ...], ...],
    texts: dict[str, TextFile],
) -> Scan:
    """The table's final columns: words in natural order, columns of words that are no categories left out."""
    warnings = _warnings(readings, aside.bad_cells)
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
        if (
            reading.type == "number"
            and 2 <= distinct <= MOST_DISTINCT
            and all(v == int(v) for v in reading.distinct)
        ):
            small.add(reading.name)
    _recode(codes_file, finals)
    return Scan(
        total,
        tuple(columns),
        tuple(found),
        tuple(aside.listed),
        aside.total,
        tuple(warnings),
        preview,
        texts,
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


def _warnings(readings: list[Reading], bad_cells: Mapping[str, int]) -> list[Warned]:
    found = []
    for reading in readings:
        name = reading.name
        if reading.written.strip() and reading.written.strip() != name:
            found.append(
                Warned(
                    code="renamed",
                    what=f"A column is now called {name!r}: its own name was in use or "
                    "not fit to be shown.",
                    column=name,
                )
            )
        if bad_cells.get(name):
            found.append(
                Warned(
                    code="misfits",
                    what=f"{bad_cells[name]:,} rows are set aside because {name} is not a "
                    f"{reading.type} there. Choose the type category to keep them.",
                    column=name,
                )
            )
        if reading.is_coded:
            words = sorted(LOOKS_MISSING & set(reading.codes))
            if words:
                found.append(
                    Warned(
                        code="missing words",
                        what=f"{name}: {', '.join(words)} is kept as a category of its own, "
                        "not as a gap.",
                        column=name,
                    )
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
