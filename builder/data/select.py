"""From all kept columns of a table to inputs and one target, as the data spec asks; no torch."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from builder.data.raw import CATEGORIES, NUMBERS, Array, Column, Indices, Raw
from builder.errors import DataError
from builder.spec.data import ColumnType, TargetSchema

MAX_CLASSES = 10_000
"""More distinct values than this are not classes but numbers or names."""


def choose_target(raw: Raw, target: str | None) -> Raw:
    """The raw table with column `target` taken out of the inputs; rows without a target are left out and told."""
    if target is None:
        return raw
    column = next((c for c in raw.schema.columns if c.name == target), None)
    if column is None:
        known = ", ".join(c.name for c in raw.schema.columns[:20])
        raise DataError(f"There is no column {target!r} to predict. The columns are: {known}.")
    if not column.is_kept:
        raise DataError(
            f"Column {target!r} cannot be predicted because it was read as {_word(column.type)}. "
            "Import the file again with another type for it."
        )
    values, schema = _target_values(raw, column)
    answered = values >= 0 if schema.kind == "classes" else np.isfinite(values)
    columns = tuple(c for c in raw.schema.columns if c.name != target)
    chosen = replace(
        raw,
        target=values if schema.kind == "classes" else values[:, None],
        schema=raw.schema.model_copy(update={"target": schema, "columns": columns}),
    )
    if answered.all():
        return chosen
    left_out = int((~answered).sum())
    if left_out == len(raw):
        raise DataError(
            f"No row has a value in {target!r}, so there is nothing to learn. Choose another target."
        )
    kept = chosen.take(np.flatnonzero(answered).astype(np.int64))
    subject = "1 row" if left_out == 1 else f"{left_out:,} rows"
    note = f"Left out: {subject} without a value in {target!r}."
    return replace(kept, notes=(*kept.notes, note))


def retype(raw: Raw, types: Mapping[str, ColumnType]) -> Raw:
    """The raw table with columns read as other types, where that needs no second look at the file."""
    if raw.kind != "table" or not types:
        return raw
    for name, wanted in types.items():
        column = next((c for c in raw.schema.columns if c.name == name), None)
        if column is not None and column.type != wanted:
            raw = _retype_one(raw, column, wanted)
    return raw


def compact(raw: Raw) -> Raw:
    """The raw table whose arrays hold exactly its input columns, in order; views where that is possible."""
    if raw.kind != "table":
        return raw
    columns: list[Column] = []
    fields: dict[str, Array] = {}
    numeric = [c for c in raw.schema.columns if c.is_kept and c.is_numeric]
    coded = [c for c in raw.schema.columns if c.is_kept and not c.is_numeric]
    for name, kept in ((NUMBERS, numeric), (CATEGORIES, coded)):
        if kept:
            fields[name] = _columns(raw.fields[name], [c.place for c in kept])
    places = {c.name: i for kept in (numeric, coded) for i, c in enumerate(kept)}
    for column in raw.schema.columns:
        columns.append(column.model_copy(update={"place": places.get(column.name, -1)}))
    if not fields:
        raise DataError(
            "No column is left to learn from: all are skipped, ids or free text. Give one the type number or category."
        )
    schema = raw.schema.model_copy(update={"columns": tuple(columns)})
    return replace(raw, fields=fields, schema=schema)


def limit(raw: Raw, most: int | None) -> Raw:
    """At most `most` samples, chosen at random but always the same, in their old order; test samples in proportion."""
    if most is None or most >= len(raw):
        return raw
    if raw.schema.is_corpus:
        kept = raw.take(np.arange(most, dtype=np.int64))
        note = f"Only the first {most:,} of {len(raw):,} parts of the text are used, as you chose."
        return replace(kept, notes=(*kept.notes, note))
    if raw.timeline is not None:
        last = raw.take(np.arange(len(raw) - most, len(raw), dtype=np.int64))
        note = f"Only the last {most:,} of {len(raw):,} windows are used, as you chose."
        return replace(last, notes=(*last.notes, note))
    generator = np.random.default_rng(0)
    official = raw.schema.official_test
    test = round(most * official / len(raw))
    pool = len(raw) - official
    chosen: Indices = np.concatenate(
        [
            generator.permutation(pool)[: most - test],
            pool + generator.permutation(official)[:test],
        ]
    ).astype(np.int64)
    kept = raw.take(np.sort(chosen))
    return replace(
        kept, notes=(*kept.notes, f"Only {most:,} of {len(raw):,} samples are used, as you chose.")
    )


def _target_values(raw: Raw, column: Column) -> tuple[Array, TargetSchema]:
    if column.type == "category":
        codes = np.asarray(raw.fields[CATEGORIES][:, column.place])
        return codes, TargetSchema(kind="classes", name=column.name, classes=column.categories)
    values = np.asarray(raw.fields[NUMBERS][:, column.place])
    if column.type == "boolean":
        codes = np.where(np.isnan(values), -1, values).astype(np.int64)
        return codes, TargetSchema(kind="classes", name=column.name, classes=column.categories)
    return values, TargetSchema(kind="numbers", name=column.name)


def _retype_one(raw: Raw, column: Column, wanted: ColumnType) -> Raw:
    if wanted in ("skip", "id", "text"):
        changed = column.model_copy(update={"type": wanted, "place": -1, "reason": "as you chose"})
        return _with_column(raw, changed, raw.fields)
    if column.is_kept and column.is_numeric and wanted == "category":
        codes, words = _codes(np.asarray(raw.fields[NUMBERS][:, column.place]), column)
        old = raw.fields.get(CATEGORIES, np.empty((len(raw), 0), np.int64))
        fields = {**raw.fields, CATEGORIES: np.concatenate([old, codes[:, None]], axis=1)}
        changed = column.model_copy(
            update={
                "type": wanted,
                "place": old.shape[1],
                "categories": words,
                "reason": "as you chose",
            }
        )
        return _with_column(raw, changed, fields)
    raise DataError(
        f"Column {column.name!r} was read as {_word(column.type)}; to use it as {_word(wanted)}, import the file again "
        "with that type."
    )


def _codes(values: Array, column: Column) -> tuple[Array, tuple[str, ...]]:
    distinct = np.unique(values[~np.isnan(values)])
    if len(distinct) > MAX_CLASSES:
        raise DataError(
            f"Column {column.name!r} has {len(distinct):,} different values, too many for a category "
            f"(at most {MAX_CLASSES:,}). Keep it as a number."
        )
    codes = np.where(np.isnan(values), -1, np.searchsorted(distinct, values)).astype(np.int64)
    words = column.categories or tuple(number_word(v) for v in distinct)
    return codes, words


def number_word(value: float) -> str:
    """`3` for 3.0 and `0.5` for 0.5: a number as the name of a category."""
    return (
        str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    )


def _with_column(raw: Raw, changed: Column, fields: dict[str, Array]) -> Raw:
    columns = tuple(changed if c.name == changed.name else c for c in raw.schema.columns)
    return replace(raw, fields=fields, schema=raw.schema.model_copy(update={"columns": columns}))


def _columns(values: Array, places: list[int]) -> Array:
    if places == list(range(places[0], places[0] + len(places))):
        return values[:, places[0] : places[-1] + 1]
    return values[:, places]


def _word(column_type: ColumnType) -> str:
    return {
        "id": "an id",
        "text": "free text",
        "skip": "a skipped column",
        "category": "a category",
        "number": "a number",
        "date": "a date",
        "boolean": "a yes/no column",
    }[column_type]
