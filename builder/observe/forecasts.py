"""How a series goes on: what was, what came and what was forecast, with its band; and the error each step ahead."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from builder.observe.chart import Chart, Palette, Trace, faint, line

Numbers = Sequence[float | None]
DASHES = ("dot", "dash", "dashdot", "longdash")
POINTS = 2000
"""A whole series is drawn with at most so many points; of more, every n-th."""


class Course(NamedTuple):
    """One series around one forecast: times of the steps back and ahead, and what is known of them."""

    times: tuple[str, ...]
    past: Numbers
    answer: Numbers
    truth: Numbers = ()
    low: Numbers = ()
    high: Numbers = ()


def forecast_chart(
    course: Course, palette: Palette, *, name: str, id: str = "forecast", title: str = "Forecast"
) -> Chart:
    """The steps looked back on, then the forecast beside what came; the band is shaded."""
    seen = len(course.past)
    back, ahead = course.times[:seen], course.times[seen : seen + len(course.answer)]
    join = [*back[-1:], *ahead]
    last = list(course.past[-1:])
    traces: list[Trace] = []
    if course.low:
        traces += _band(join, [*last, *course.low], [*last, *course.high], palette)
    traces.append(_line(back, course.past, "what was", palette.muted))
    if course.truth:
        traces.append(_line(join, [*last, *course.truth], "what came", palette.text))
    traces.append(
        _line(join, [*last, *course.answer], "forecast", palette.train) | {"mode": "lines+markers"}
    )
    layout: dict[str, Any] = {
        "xaxis": {"type": "category", "nticks": 8, "automargin": True},
        "yaxis": {"title": {"text": name[:40], "standoff": 6}, "automargin": True},
        "hovermode": "x unified",
        "showlegend": True,
    }
    return Chart(
        id, title, "How does it go on?", traces, layout, _words(course, name), height=300, wide=True
    )


def _words(course: Course, name: str) -> str:
    words = f"{name}: {len(course.answer)} steps ahead of {len(course.past)} back."
    if course.truth:
        off = np.abs(np.array(course.truth, float) - np.array(course.answer, float)).mean()
        words += f" The forecast is off by {off:.3g} on average."
    return words


def _line(x: Sequence[str], y: Numbers, name: str, colour: str) -> Trace:
    values = np.array([np.nan if v is None else v for v in y], dtype=np.float64)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": values,
        "name": name,
        "line": {"color": colour, "width": 2},
        "marker": {"size": 5, "color": colour},
    }


def _band(x: Sequence[str], low: Numbers, high: Numbers, palette: Palette) -> list[Trace]:
    edge = {"color": palette.train, "width": 0}
    upper = _line(x, high, "upper edge", palette.train) | {"line": edge, "showlegend": False}
    lower = _line(x, low, "band", palette.train) | {
        "line": edge,
        "fill": "tonexty",
        "fillcolor": faint(palette.train, 0.18),
    }
    return [upper, lower]


def steps_chart(
    network: Sequence[float], others: Mapping[str, Sequence[float]], palette: Palette
) -> Chart:
    """Mean absolute error of each step ahead, of the network and of simple opponents."""
    x = np.arange(1, len(network) + 1, dtype=np.float64)
    traces = [
        line(x, np.array(network), "this network", palette.train, mode="lines+markers", width=3)
    ]
    traces += [
        line(x, np.array(errors), name, palette.muted, dash=DASHES[i % len(DASHES)], width=1.5)
        for i, (name, errors) in enumerate(others.items())
        if len(errors) == len(network)
    ]
    layout: dict[str, Any] = {
        "xaxis": {"title": {"text": "steps ahead", "standoff": 6}, "dtick": max(1, len(x) // 8)},
        "yaxis": {"title": {"text": "mean absolute error"}, "rangemode": "tozero"},
        "hovermode": "x unified",
        "showlegend": True,
    }
    words = f"The error goes from {network[0]:.3g} one step ahead to {network[-1]:.3g} at {len(x)}."
    return Chart(
        "steps", "Error by horizon", "How far ahead can it see?", traces, layout, words, height=280
    )


def series_chart(
    times: Sequence[str],
    values: NDArray[np.float64],
    name: str,
    parts: Mapping[str, tuple[int, int]],
    palette: Palette,
) -> Chart:
    """A whole series with its splits in their colours; gaps stay open.

    values: float64 (T,). parts: name of a split -> first row and row after the last.
    """
    every = max(1, len(values) // POINTS)
    colours = {"training": palette.train, "validation": palette.validation, "test": palette.test}
    traces = []
    for part, (first, stop) in parts.items():
        rows = range(first, min(stop + 1, len(values)), every)  # one more, so that parts touch
        traces.append(
            _line([times[i] for i in rows], values[list(rows)].tolist(), part, colours[part])
        )
    layout: dict[str, Any] = {
        "xaxis": {"type": "category", "nticks": 8, "automargin": True},
        "yaxis": {"title": {"text": name[:40], "standoff": 6}, "automargin": True},
        "hovermode": "x unified",
        "showlegend": True,
    }
    gaps = int(np.isnan(values).sum())
    words = (
        f"{name}: {len(values):,} steps from {times[0]} to {times[-1]}, {gaps:,} without a value."
    )
    note = f"every {every}th step is drawn" if every > 1 else ""
    return Chart(
        f"series-{name}", name[:60], "", traces, layout, words, height=240, note=note, wide=True
    )
