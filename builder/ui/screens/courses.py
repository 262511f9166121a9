"""What the screens show of forecasts: a window of the data, or rows of the user's own, as courses to draw."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from builder.data.describe import moment_of
from builder.data.raw import Raw
from builder.evaluate.results import Drawn
from builder.observe.forecasts import Course


def names_of(raw: Raw) -> tuple[str, ...]:
    """The series that are forecast."""
    assert raw.schema.windows is not None
    return raw.schema.windows.series


def of_drawn(drawn: Drawn, series: int) -> Course:
    """A window kept in the results."""
    return Course(
        times=drawn.times,
        past=drawn.past[series],
        answer=drawn.answer[series],
        truth=drawn.truth[series],
        low=drawn.low[series] if drawn.low else (),
        high=drawn.high[series] if drawn.high else (),
    )


def of_window(raw: Raw, row: int, outputs: NDArray[Any], series: int) -> Course | None:
    """A window of the data with what the network says; None where the outputs are not of that shape.

    outputs: (horizon, series), or (3, horizon, series) with a band, in the series' own unit.
    """
    windows = raw.schema.windows
    assert windows is not None
    size = windows.horizon * len(windows.series)
    if outputs.size not in (size, 3 * size) or raw.target is None:
        return None
    levels = outputs.reshape(-1, windows.horizon, len(windows.series))[..., series]
    low, high = (levels[0].tolist(), levels[-1].tolist()) if len(levels) > 1 else ([], [])
    return Course(
        times=times_of(raw, row),
        past=_known(raw.fields["window"][row][:, series]),
        answer=levels[len(levels) // 2].tolist(),
        truth=_known(raw.target[row][:, series]),
        low=low,
        high=high,
    )


def of_answer(past: Sequence[float | None], said: Mapping[str, Any], name: str) -> Course:
    """A forecast for rows of the user's own; steps are numbered from the newest row."""
    answer = said["forecast"][name]
    times = [str(place) for place in range(1 - len(past), 1)]
    times += [f"+{place}" for place in range(1, len(answer) + 1)]
    return Course(
        times=tuple(times),
        past=past,
        answer=answer,
        low=said["low"][name] if "low" in said else (),
        high=said["high"][name] if "high" in said else (),
    )


def times_of(raw: Raw, row: int) -> tuple[str, ...]:
    """When the steps of a window are, those back and those ahead."""
    line, windows = raw.timeline, raw.schema.windows
    assert line is not None
    assert windows is not None
    first = int(line.starts[row])
    length = windows.lookback + windows.horizon
    return tuple(moment_of(raw, place) for place in range(first, first + length))


def last_window(raw: Raw) -> NDArray[np.float64]:
    """What is seen before the first step beyond the data: float64 (lookback, series and covariates).

    Where columns are known in advance they end with the data, so it is the newest window whose answers came.
    """
    line, windows = raw.timeline, raw.schema.windows
    assert line is not None
    assert windows is not None
    stop = len(line.values) - (windows.horizon if windows.covariates else 0)
    rows: NDArray[np.float64] = line.values[stop - windows.lookback : stop]
    return rows


def known(values: NDArray[np.float64]) -> list[float | None]:
    """Numbers, None where one is missing."""
    return _known(values)


def _known(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
