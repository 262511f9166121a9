"""The row input of the Use screen: one field a column, filled with a real row to change."""

from typing import Any

import numpy as np
import streamlit as st

from builder.data.describe import cell
from builder.data.raw import NUMBERS, Column
from builder.runs.store import Run
from builder.ui import words
from builder.ui.follow import follow, follow_choice
from builder.ui.screens.run_watch import Samples
from builder.ui.screens.use_answer import ask, show_answer
from builder.ui.screens.use_typical import typical_place

SLIDERS_UP_TO = 60
"""With more columns than this, fields are plain numbers."""


def show_row_input(run: Run, data: Samples) -> None:
    """Draws the form on the left and the answer on the right."""
    left, right = st.columns([560, 440], gap="large")
    columns = [column for column in data.raw.schema.columns if column.is_kept]
    with left:
        rows = data.rows(data.shown())
        place = typical_place(
            run, data, lambda row: {c.name: _value(data, c, row) for c in columns}
        )
        number = st.number_input(
            f"Start from sample, 0 to {len(rows) - 1} ({data.shown()})",
            0,
            len(rows) - 1,
            place,
            step=1,
            key="use_row_number",
        )
        row = int(rows[int(number)])
        values = _form(data, columns, row)
    with right, st.container(key="use_says"):
        changed = _changed(data, columns, row, values)
        truth = "" if changed else data.truth(row)
        if changed:
            st.caption(f"Changed from sample {int(number)}: {words.plain(', '.join(changed[:6]))}")
        show_answer(run, ask(run, [values]), truth=truth)


def _form(data: Samples, columns: list[Column], row: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    grid = st.columns(2, gap="small")
    for i, column in enumerate(columns):
        with grid[i % 2]:
            values[column.name] = _field(data, column, row)
    return values


def _field(data: Samples, column: Column, row: int) -> Any:
    key = _key(column)
    label = words.plain(words.cut(column.name, 40))
    value = _value(data, column, row)
    if _has_words(column):
        names = list(column.categories)
        return st.selectbox(label, names, **follow_choice(key, value, names))
    low, high = _range(data, column)
    whole = _is_whole(data, column)
    form = "%.0f" if whole else _format(high - low)
    if high > low and len(data.raw.schema.columns) <= SLIDERS_UP_TO:
        step = max(1.0, (high - low) // 200) if whole else (high - low) / 200
        return st.slider(label, low, high, step=step, format=form, **follow(key, value))
    return st.number_input(label, format=form, **follow(key, value))


def _changed(data: Samples, columns: list[Column], row: int, values: dict[str, Any]) -> list[str]:
    return [c.name for c in columns if values[c.name] != _value(data, c, row)]


def _has_words(column: Column) -> bool:
    """Whether values are chosen by their word: categories, and yes and no."""
    return not column.is_numeric or (column.type == "boolean" and bool(column.categories))


def _value(data: Samples, column: Column, row: int) -> Any:
    if _has_words(column):
        word = cell(data.raw, column, row)
        return column.categories[0] if word is None else word
    value = float(data.raw.fields[NUMBERS][row, column.place])
    low, high = _range(data, column)
    return min(max(value if np.isfinite(value) else (low + high) / 2, low), high)


def _range(data: Samples, column: Column) -> tuple[float, float]:
    values = np.asarray(data.raw.fields[NUMBERS][:, column.place], dtype=np.float64)
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)


def _is_whole(data: Samples, column: Column) -> bool:
    """Whether the column only has whole numbers, such as rooms or years."""
    values = np.asarray(data.raw.fields[NUMBERS][:, column.place], dtype=np.float64)
    known = values[np.isfinite(values)]
    return bool(len(known) and (known == np.round(known)).all())


def _format(spread: float) -> str:
    digits = int(np.clip(3 - np.floor(np.log10(spread)) if spread > 0 else 2, 0, 8))
    return f"%.{digits}f"


def _key(column: Column) -> str:
    return f"use_column_{column.name}"
