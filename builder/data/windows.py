"""A table in order of time as samples of a forecast: so many rows back in, so many rows ahead out; no torch."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from builder.data import times as clock
from builder.data.raw import (
    CATEGORIES,
    NUMBERS,
    WINDOW,
    Array,
    Column,
    Frequency,
    Indices,
    Raw,
    Timeline,
)
from builder.data.read import ahead, grid_places, on_grid
from builder.errors import DataError
from builder.spec.data import DataSpec, TargetSchema, Windows

TIME_NAMES = frozenset(("year", "date", "time", "month", "week", "day", "hour", "step", "period"))
"""A number column of such a name can say when, if it rises from row to row."""
FEWEST_ROWS = 24
MOST_SERIES = 64


class Rows(NamedTuple):
    """The chosen columns in order of time, float64; `told` are sentences about what was found and done."""

    times: Array
    values: Array
    frequency: Frequency
    told: tuple[str, ...]


def windowed(raw: Raw, windows: Windows) -> Raw:
    """The table as windows: `window` (N, lookback, series and covariates), target (N, horizon, series).

    Both are views of the rows: nothing is copied a window. Windows without a single value to look back on, and those
    where an answer is missing, are left out and told. Raises DataError where the columns or the rows do not suit.
    """
    found = in_time(raw, windows)
    back, on, width = windows.lookback, windows.horizon, len(windows.series)
    if windows.covariates and back < on:
        raise DataError(
            f"Known columns need a lookback of at least the horizon, and {back} is less than {on}. Look further back."
        )
    rows = found.values
    if len(rows) < back + on:
        raise DataError(
            f"{len(rows):,} rows are too few for a window of {back:,} back and {on:,} ahead. Make the window shorter."
        )
    series = rows[:, :width]
    rows = np.concatenate([series, ahead(rows[:, width:], on)], axis=1)
    starts = np.arange(0, len(rows) - back - on + 1, windows.stride, dtype=np.int64)
    seen = sliding_window_view(rows, back, axis=0)[: len(rows) - back - on + 1]
    answers = sliding_window_view(series, on, axis=0)[back:]
    starts, told = _complete(starts, rows, windows)
    schema = raw.schema.model_copy(
        update={
            "kind": "series",
            "samples": len(starts),
            "target": TargetSchema(
                kind="numbers",
                name=", ".join(windows.series)[:200],
                width=width,
                horizon=on,
                season=windows.season,
            ),
            "windows": windows,
            "frequency": found.frequency,
        }
    )
    return Raw(
        fields={
            WINDOW: np.moveaxis(seen, 2, 1)[starts] if told else _strided(seen, windows.stride)
        },
        target=np.moveaxis(answers, 2, 1)[starts] if told else _strided(answers, windows.stride),
        schema=schema,
        notes=(*raw.notes, *found.told, *told),
        timeline=Timeline(found.times, rows, starts),
    )


def _strided(windows: Array, stride: int) -> Array:
    view: Array = np.moveaxis(windows, 2, 1)[::stride]
    return view


def _complete(starts: Indices, rows: Array, windows: Windows) -> tuple[Indices, tuple[str, ...]]:
    """The windows with every answer and something to look back on, and how many were left out."""
    back, on, width = windows.lookback, windows.horizon, len(windows.series)
    gap = np.isnan(rows[:, :width]).any(axis=1)
    lacking = np.concatenate([[0], np.cumsum(gap)])
    blank = np.concatenate([[0], np.cumsum(np.isnan(rows[:, :width]).all(axis=1))])
    answered = lacking[starts + back + on] == lacking[starts + back]
    seen = blank[starts + back] - blank[starts] < back
    kept = starts[answered & seen]
    if not len(kept):
        raise DataError(
            "No window has all its answers: too many values are missing. Make the horizon shorter, or fill the gaps."
        )
    left = len(starts) - len(kept)
    return kept, (f"Left out: {left:,} windows with a missing answer.",) if left else ()


def in_time(raw: Raw, windows: Windows) -> Rows:
    """Series and covariates of the table, oldest row first, with rows of NaN where a step is missing."""
    names = (*windows.series, *windows.covariates)
    values = np.stack([_numbers(raw, name) for name in names], axis=1).astype(np.float64)
    if windows.time is None:
        return Rows(np.arange(len(values), dtype=np.float64), values, Frequency(), ())
    column = _column(raw, windows.time)
    moments = _numbers(raw, windows.time)
    told = []
    if np.isnan(moments).any():
        lost = int(np.isnan(moments).sum())
        told.append(f"Left out: {lost:,} rows without a {windows.time}.")
        values, moments = values[~np.isnan(moments)], moments[~np.isnan(moments)]
    order = np.argsort(moments, kind="stable")
    values, moments = values[order], moments[order]
    _refuse_twins(moments, column)
    dated = column.type == "date"
    found = clock.pace(moments, dated=dated) if len(moments) > 1 else clock.Pace(Frequency(), 0)
    if found.frequency.unit != "row":
        places = grid_places(moments, found.frequency.unit, found.frequency.every)
        values, moments = on_grid(values, places), _spread(moments, places)
    first, last = (
        clock.moment(float(moments[i]), dated=dated, frequency=found.frequency) for i in (0, -1)
    )
    told.insert(0, _sentence(column.name, found, first, last, len(values)))
    if (np.diff(order) < 0).any():
        told.append("The rows were put in order of time, oldest first.")
    return Rows(moments, values, found.frequency, tuple(told))


def _sentence(name: str, found: clock.Pace, first: str, last: str, steps: int) -> str:
    if found.frequency.unit == "row":
        return (
            f"{name} runs from {first} to {last} in uneven steps, so each row counts as one step."
        )
    often = clock.every_words(found.frequency)
    if found.frequency == Frequency(unit="number") and name.casefold() in TIME_NAMES:
        often = f"a value every {name.casefold()}"
    words = f"{name} runs from {first} to {last}, {often}"
    if not found.gaps:
        return f"{words}, without a gap."
    if found.gaps == 1:
        return f"{words}; 1 step is missing and counts as a gap."
    return f"{words}; {found.gaps:,} of {steps:,} steps are missing and count as gaps."


def _spread(moments: Array, places: Indices) -> Array:
    """A time for every step, those between two rows in even parts."""
    filled: Array = np.interp(np.arange(int(places[-1]) + 1), places, moments)
    return filled


def _refuse_twins(moments: Array, column: Column) -> None:
    twins = np.flatnonzero(np.diff(moments) == 0)
    if not len(twins):
        return
    when = clock.moment(
        float(moments[twins[0]]), dated=column.type == "date", frequency=Frequency()
    )
    raise DataError(
        f"Two rows have the same {column.name}, {when}. A forecast needs one row a time: put several series "
        "in columns side by side."
    )


def _column(raw: Raw, name: str) -> Column:
    found = next((c for c in raw.schema.columns if c.name == name), None)
    if found is None:
        known = ", ".join(c.name for c in raw.schema.columns[:20])
        raise DataError(f"There is no column {name!r} to forecast. The columns are: {known}.")
    if not found.is_kept or not found.is_numeric:
        raise DataError(
            f"Column {name!r} cannot be part of a forecast because it was read as {found.type}; only numbers, "
            "dates and yes/no columns can."
        )
    return found


def _numbers(raw: Raw, name: str) -> Array:
    values: Array = np.asarray(raw.fields[NUMBERS][:, _column(raw, name).place])
    return values


def propose(raw: Raw, wanted: str | None) -> Windows | None:
    """The windows a table in order of time suggests; None where it is none, or `wanted` is no number.

    A date column, or a rising number column with a name such as year, says when; it must differ in every row and
    have even steps. All other number columns are forecast, or `wanted` alone.
    """
    time = _time_column(raw)
    numbers = [
        c.name for c in raw.schema.columns if c.type == "number" and c.is_kept and c is not time
    ]
    if time is None or len(raw) < FEWEST_ROWS or not numbers or len(numbers) > MOST_SERIES:
        return None
    if wanted is not None and wanted not in numbers:
        return None
    series = (wanted,) if wanted is not None else tuple(numbers)
    try:
        found = in_time(raw, Windows(time=time.name, series=series, lookback=1, horizon=1))
    except DataError:
        return None
    if found.frequency.unit == "row":
        return None
    return _sized(found, time.name, series)


def in_order(raw: Raw, wanted: str | None) -> Windows:
    """The windows of a table whose rows are in order by themselves, the number columns or `wanted` as series."""
    numbers = tuple(c.name for c in raw.schema.columns if c.type == "number" and c.is_kept)
    series = (wanted,) if wanted is not None else numbers[:MOST_SERIES]
    if not series:
        raise DataError("There is no number column to forecast. Give one the type number.")
    found = in_time(raw, Windows(series=series, lookback=1, horizon=1))
    return _sized(found, None, series)


def _sized(found: Rows, time: str | None, series: tuple[str, ...]) -> Windows:
    season = clock.season(found.values, found.frequency)
    back, on = sizes(len(found.values), season)
    return Windows(time=time, series=series, lookback=back, horizon=on, season=season)


def sizes(rows: int, season: int) -> tuple[int, int]:
    """A lookback of about two seasons and a horizon of about half of one, short enough for the rows there are."""
    most = max(2, rows // 12)
    back = min(max(2 * season, 12), most, 168)
    return back, max(1, min(max(season // 2, 6), back // 2, 24))


def resized(spec: DataSpec, like: Windows) -> DataSpec:
    """The spec with the lookback, horizon and stride of other windows; its own series, time and season stay."""
    assert spec.windows is not None
    sizes_of = {"lookback": like.lookback, "horizon": like.horizon, "stride": like.stride}
    return spec.model_copy(update={"windows": spec.windows.model_copy(update=sizes_of)})


def _time_column(raw: Raw) -> Column | None:
    if CATEGORIES in raw.fields and NUMBERS not in raw.fields:
        return None
    dates = [c for c in raw.schema.columns if c.type == "date" and c.is_kept]
    named = [
        c
        for c in raw.schema.columns
        if c.type == "number" and c.is_kept and c.name.casefold() in TIME_NAMES
    ]
    for column in (*dates, *named):
        moments = _numbers(raw, column.name)
        rises = np.diff(moments[~np.isnan(moments)])
        if len(rises) and ((rises != 0).all() if column.type == "date" else (rises > 0).all()):
            return column
    return None
