"""The canonical form of data before preparation: plain arrays and what they mean; no torch."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from builder.spec.base import Frozen, Label
from builder.spec.data import ColumnType, TargetSchema, Windows

Kind = Literal["image", "table", "text", "series"]
Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

NUMBERS = "numbers"
"""Field of a table: float64 (N, n), NaN where a value is missing."""
CATEGORIES = "categories"
"""Field of a table: int64 codes (N, m), -1 where a value is missing or unknown."""
IMAGE = "image"
"""Field of an image set: uint8 (N, H, W, C)."""
TEXT = "text"
"""Field of a text set: UTF-8 bytes, uint8 (N, longest), 0 behind the end of each text."""
LENGTHS = "lengths"
"""Field of a text set: how many words, characters and bytes each text has, int32 (N, 3), as `PIECES` names them."""
SO_FAR = "so_far"
"""What a network that writes a text has written so far, as codes int64 (N, length): made of the target, no field."""
TEXT_LENGTH = "text_length"
"""How many tokens of a text are no padding, int64 (N,): made of the text, no field."""
PIECES = ("words", "characters", "bytes")
"""What a text can be cut into."""

WINDOW = "window"
"""Field of a forecast: float64 (N, lookback, series and covariates), NaN where a value is missing."""

NUMERIC: frozenset[ColumnType] = frozenset({"number", "boolean", "date"})
"""Column types that are kept as numbers (a date as days since 1970, a boolean as 0 and 1)."""


class NumberStyle(Frozen):
    """How numbers are written in a column: decimal mark, thousands mark, percent sign."""

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    percent: bool = False


class Column(Frozen):
    """One column of a table. `place` is its column in `numbers` or `categories`, -1 when it is not kept."""

    name: Label
    type: ColumnType
    place: int = -1
    categories: tuple[str, ...] = ()
    missing: int = 0
    reason: str = ""
    style: NumberStyle = NumberStyle()
    date_format: str = ""
    written: str = ""
    """The name as it stands in the file, where that had to be changed."""

    @property
    def is_numeric(self) -> bool:
        """True where the values are kept as numbers."""
        return self.type in NUMERIC

    @property
    def is_kept(self) -> bool:
        """True where the values are kept at all (text, ids and skipped columns are not)."""
        return self.place >= 0


class Frequency(Frozen):
    """How far apart the rows of a series are: `every` units; `row` where their times say nothing regular."""

    unit: Literal["row", "number", "second", "weekday", "month"] = "row"
    every: Annotated[float, Field(gt=0)] = 1.0


class RawSchema(Frozen):
    """What the arrays of a data set mean."""

    name: Label
    kind: Kind
    samples: Annotated[int, Field(ge=0)]
    target: TargetSchema | None = None
    columns: tuple[Column, ...] = ()
    """Input columns of a table, in file order; `place` counts within `numbers` or `categories`."""
    maximum: int = 255
    """The pixel value that is white (16 in the digits, 255 elsewhere)."""
    official_test: int = 0
    """The last so many samples are the test split its makers published."""
    missing_words: tuple[str, ...] = ()
    delimiter: str = ","
    encoding: str = "utf-8"
    distinct: tuple[int, int, int] = (0, 0, 0)
    """Different words that occur at least twice, different characters and different bytes of all texts."""
    target_distinct: tuple[int, int, int] = (0, 0, 0)
    """The same of the texts that are wanted, where the target is a text."""
    target_longest: tuple[int, int, int] = (0, 0, 0)
    """Words, characters and bytes of the longest of them, each counted by itself."""
    windows: Windows | None = None
    frequency: Frequency = Frequency()

    def meaning(self) -> str:
        """As JSON for hashes: what this class got later is left out at its default, so that old data keep theirs."""
        later: dict[str, Any] = dict.fromkeys(_later(self, _HASHED), True)
        if self.target is not None:
            later["target"] = _later(self.target, _HASHED_TARGET)
        return self.model_dump_json(exclude=later)

    @property
    def is_corpus(self) -> bool:
        """Whether the samples are the parts of one text, in order, and what comes next is to be predicted."""
        return self.target is not None and self.target.kind == "tokens"

    @property
    def is_pairs(self) -> bool:
        """Whether each text is to become another text."""
        return self.target is not None and self.target.kind == "text"


_HASHED = frozenset(
    (
        "name",
        "kind",
        "samples",
        "target",
        "columns",
        "maximum",
        "official_test",
        "missing_words",
        "delimiter",
        "encoding",
    )
)
"""Fields of a RawSchema that are in every hash."""
_HASHED_TARGET = frozenset(("kind", "name", "classes", "width", "unit"))
"""The same of its target."""


def _later(model: Frozen, hashed: frozenset[str]) -> set[str]:
    """Fields a model got later and has at their default."""
    return {
        name
        for name, field in type(model).model_fields.items()
        if name not in hashed and getattr(model, name) == field.default
    }


@dataclass(frozen=True)
class Timeline:
    """The rows behind the windows of a forecast, in order of time.

    `times` float64 (T,), as in the time column, or row numbers; `values` float64 (T, series and covariates), NaN
    where missing, covariates as they will be `horizon` rows later; `starts` int64 (N,), the first row of each window.
    """

    times: Array
    values: Array
    starts: Indices


@dataclass(frozen=True)
class Raw:
    """A data set as it was read: nothing scaled, nothing filled in.

    `fields`: `image` uint8 (N, H, W, C), or `numbers` float64 (N, n) and `categories` int64 (N, m), or `text` uint8
    (N, longest) and `lengths` int32 (N, 3).
    `target`: class codes int64 (N,), or numbers float64 (N, width), or (N, horizon, series), or class codes of pixels
    uint8 (N, H, W), or wanted texts as UTF-8 bytes, uint8 (N, longest), or None. `notes` tells what was left out;
    `timeline` has the rows of a series.
    """

    fields: dict[str, Array]
    target: Array | None
    schema: RawSchema
    notes: tuple[str, ...] = ()
    timeline: Timeline | None = None

    def __len__(self) -> int:
        return self.schema.samples

    @property
    def kind(self) -> Kind:
        """`image`, `table`, `text` or `series`."""
        return self.schema.kind

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the samples' classes, in the order of their codes; empty for numbers and masks."""
        return self.schema.target.labels if self.schema.target else ()

    @property
    def has_masks(self) -> bool:
        """Whether the target is a class for each pixel."""
        return self.schema.target is not None and self.schema.target.kind == "mask"

    def take(self, indices: Indices) -> "Raw":
        """These samples only, copied; the official test split counts those of its samples that are in."""
        first_test = len(self) - self.schema.official_test
        schema = self.schema.model_copy(
            update={
                "samples": len(indices),
                "official_test": int((indices >= first_test).sum()),
            }
        )
        line = self.timeline
        return replace(
            self,
            timeline=line and replace(line, starts=line.starts[indices]),
            fields={name: values[indices] for name, values in self.fields.items()},
            target=None if self.target is None else self.target[indices],
            schema=schema,
        )

    def class_counts(self) -> tuple[int, ...]:
        """How many samples each class has; empty for numbers."""
        if self.target is None or not self.classes:
            return ()
        return tuple(np.bincount(self.target, minlength=len(self.classes)).tolist())


def content_hash(arrays: Iterable[tuple[str, Array]], schema: str) -> str:
    """SHA-256 over names, dtypes, shapes and bytes of the arrays and a schema text; equal content, equal hash."""
    digest = hashlib.sha256(schema.encode())
    for name, values in sorted(arrays, key=lambda pair: pair[0]):
        digest.update(f"{name} {values.dtype.str} {values.shape}".encode())
        rows = max(1, (1 << 24) // max(1, values[:1].nbytes))
        for start in range(0, len(values), rows):
            digest.update(np.ascontiguousarray(values[start : start + rows]).tobytes())
    return digest.hexdigest()
