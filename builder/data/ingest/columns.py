"""Columns while a table is read: cells to values, chunk by chunk, with what does not fit."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from builder.data.ingest.guess import Guess
from builder.data.raw import Column
from builder.data.read import CELLS, MISSING_WORDS
from builder.spec.data import ColumnType

MAX_CATEGORIES = 10_000
"""A column with more different words is free text."""
MOST_DISTINCT = 50
"""Distinct numbers are counted up to here, to tell codes of classes from quantities."""
CATEGORY_MISSING = frozenset(("", "NaN", "nan"))
"""In a column of words only these are gaps: `None`, `NA` and `null` may well be a category."""
LOOKS_MISSING = frozenset(MISSING_WORDS) - CATEGORY_MISSING
UNIQUE_ROWS = 50
MISSING = frozenset(MISSING_WORDS)


class Reading:
    """One column being read. `values` turns a chunk of cells into an array, or None when they are not kept."""

    def __init__(self, name: str, written: str, guess: Guess, *, is_declared: bool) -> None:
        self.name = name
        self.written = written
        self.guess = guess
        self.is_declared = is_declared
        self.missing = 0
        self.distinct: set[float] = set()
        self.codes: dict[str, int] = {}
        self.examples: tuple[str, ...] = ()
        self.seen = 0
        settings = {
            "style": guess.style.model_dump(),
            "date_format": guess.date_format,
            "categories": guess.words or (),
        }
        self._settings = settings

    @property
    def type(self) -> ColumnType:
        """The type it is read as."""
        return self.guess.type

    @property
    def is_numeric(self) -> bool:
        """True where values are kept as float64."""
        return self.type in CELLS

    @property
    def is_text(self) -> bool:
        """True where the cells are kept as texts until it is known whether they are learned from."""
        return self.type == "text"

    @property
    def is_coded(self) -> bool:
        """True where values are kept as category codes."""
        return self.type == "category"

    def numbers(self, cells: Sequence[str]) -> tuple[npt.NDArray[np.float64], list[int]]:
        """float64 values, NaN where missing, and the places of cells that do not fit."""
        return CELLS[self.type](cells, self._settings, MISSING)

    def categories(self, cells: Sequence[str]) -> npt.NDArray[np.int64]:
        """int64 codes in order of first appearance, -1 where missing (or beyond MAX_CATEGORIES different words)."""
        codes = self.codes
        found = []
        for cell in cells:
            word = cell.strip()
            code = codes.get(word)
            if code is None:
                if word in CATEGORY_MISSING or len(codes) > MAX_CATEGORIES:
                    code = -1
                else:
                    code = codes[word] = len(codes)
            found.append(code)
        return np.array(found, dtype=np.int64)

    def count(self, values: npt.NDArray[np.float64]) -> None:
        """Adds a kept chunk of numbers to the counts of missing and distinct values."""
        gaps = np.isnan(values)
        self.missing += int(gaps.sum())
        self.seen += len(values)
        if len(self.distinct) <= MOST_DISTINCT:
            self.distinct.update(np.unique(values[~gaps])[: 2 * MOST_DISTINCT].tolist())

    def order(self) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
        """The categories in natural order, and for each code + 1 as read its final code (the first entry stays -1)."""
        words = list(self.codes)
        ranked = sorted(range(len(words)), key=lambda i: _natural(words[i]))
        final = np.full(len(words) + 1, -1, dtype=np.int64)
        for new, old in enumerate(ranked):
            final[old + 1] = new
        return tuple(words[i] for i in ranked), final

    def column(self, place: int, categories: tuple[str, ...] = ()) -> Column:
        """What is known of the column now that all rows are read."""
        return Column(
            name=self.name,
            type=self.type,
            place=place,
            categories=categories or (self.guess.words or ()),
            missing=self.missing,
            reason=self.guess.reason,
            style=self.guess.style,
            date_format=self.guess.date_format,
            written=self.written[:200] if self.written != self.name else "",
        )

    def settle(self, rows: int) -> None:
        """Turns a column of words that are nearly all different into text or an id, unless its type was chosen."""
        if not self.is_coded:
            return
        distinct = len(self.codes)
        if distinct > MAX_CATEGORIES:
            words = f"more than {MAX_CATEGORIES:,} different words"
            self.guess = self.guess._replace(type="text", reason=words)
        elif not self.is_declared and rows >= UNIQUE_ROWS and distinct == rows - self.missing:
            self.guess = self.guess._replace(
                type="id", reason=f"all {distinct:,} values are different"
            )
        elif not self.is_declared and rows >= UNIQUE_ROWS and distinct > 0.5 * rows:
            words = f"{distinct:,} different values in {rows:,} rows"
            self.guess = self.guess._replace(type="text", reason=words)
        elif not self.is_declared:
            self.guess = self.guess._replace(reason=_category_reason(self.guess.reason, distinct))


def _category_reason(reason: str, distinct: int) -> str:
    return f"{distinct:,} different words" if reason.endswith("different words") else reason


def _natural(word: str) -> tuple[int, float, str]:
    try:
        number = float(word)
    except ValueError:
        return (1, 0.0, word.casefold() + word)
    return (0, number, word) if not math.isnan(number) else (1, 0.0, word)
