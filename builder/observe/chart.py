"""What a chart is here: traces and layout as plain data, colours from outside, and its message in a sentence."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Trace = dict[str, Any]

TICK_SIZE = 12
POWERS_LARGER = 1.25
"""Plotly writes powers of ten so much larger than it is told."""
OLDER_UP_TO = 6.0
"""How many times the recent range old values may take on an axis."""
POINTS = 1000
"""No trace has more points than this."""


class Palette(NamedTuple):
    """The colours a figure needs, as #RRGGBB; the theme gives them."""

    train: str
    validation: str
    test: str
    text: str
    muted: str
    hairline: str
    ground: str
    surface: str
    error: str
    warning: str
    good: str
    series: tuple[str, ...]
    depth: tuple[str, ...]
    """Layers in order, input to output."""
    magnitude: tuple[str, ...]
    """Low to high."""
    signed: tuple[str, ...]
    """Negative to positive."""


class Chart(NamedTuple):
    """A figure in Plotly's own terms, with the words around it."""

    id: str
    title: str
    """A noun."""
    question: str
    """What the chart answers."""
    traces: list[Trace]
    layout: Mapping[str, Any]
    alt: str
    """The message of the chart in a sentence."""
    height: int = 240
    note: str = ""
    """What was done to the numbers: smoothed, clipped."""
    wide: bool = False
    aspect: float | None = None
    """Height over width of a picture; keeps `height` from leaving empty room on narrow screens."""
    pick: bool = False
    """A click on a cell tells which one it was; whoever draws such a chart offers the same by keyboard."""
    table: Mapping[str, list[Any]] | None = None
    """Columns for the table view and the CSV where the traces do not say it (pictures)."""


def colour_scale(colours: tuple[str, ...]) -> list[list[float | str]]:
    """Evenly spaced colours as a Plotly colour scale."""
    last = max(1, len(colours) - 1)
    return [[i / last, colour] for i, colour in enumerate(colours)]


def mixed(colours: tuple[str, ...], share: float) -> str:
    """The colour at `share` (0..1) of a scale."""
    place = min(max(share, 0.0), 1.0) * (len(colours) - 1)
    low = min(int(place), len(colours) - 1)
    high = min(low + 1, len(colours) - 1)
    parts = (
        round(
            int(colours[low][i : i + 2], 16) * (1 - place + low)
            + int(colours[high][i : i + 2], 16) * (place - low)
        )
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in parts)


def faint(colour: str, share: float) -> str:
    """A colour with so much of it left, as rgba()."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def bucket_means(x: Floats, y: Floats, points: int = POINTS // 2) -> tuple[Floats, Floats]:
    """At most `points` points, each the mean of its neighbours; NaN are left out of the means."""
    if len(x) <= points:
        return x, y
    edges = np.linspace(0, len(x), points + 1).astype(np.int64)
    known = np.isfinite(y)
    sums = np.add.reduceat(np.where(known, y, 0.0), edges[:-1])
    counts = np.add.reduceat(known.astype(np.float64), edges[:-1])
    means = np.divide(sums, counts, out=np.full(points, np.nan), where=counts > 0)
    return x[edges[1:] - 1], means


def smoothed(y: Floats, weight: float = 0.6) -> Floats:
    """The exponential moving average, corrected for its start; NaN are passed over."""
    out = np.full(len(y), np.nan)
    average = mass = 0.0
    for i, value in enumerate(y):
        if np.isfinite(value):
            average = weight * average + (1 - weight) * value
            mass = weight * mass + (1 - weight)
        if mass > 0:
            out[i] = average / mass
    return out


class Fit(NamedTuple):
    """A vertical range that old or single spikes do not spoil, and how many values lie above it."""

    low: float
    high: float
    clipped: int


def fit_middle(*series: Floats, floor: float | None = None) -> Fit | None:
    """The range of the middle 99 % of the values; the older half may raise its top six times at most.

    None where nothing is finite.
    """
    known = [values[np.isfinite(values)] for values in series]
    known = [values for values in known if len(values)]
    if not known:
        return None
    recent = np.concatenate([v[len(v) // 2 :] if len(v) > 200 else v for v in known])
    low, high = _middle(recent)
    whole = _middle(np.concatenate(known))
    low, high = min(low, whole[0]), max(high, min(whole[1], OLDER_UP_TO * high))
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    bottom, top = float(low - margin), float(high + 2 * margin)
    if floor is not None and low >= floor:
        bottom = max(bottom, floor)
    return Fit(bottom, top, int(sum((v > top).sum() for v in known)))


def _middle(values: Floats) -> tuple[float, float]:
    if len(values) <= 50:
        return float(values.min()), float(values.max())
    low, high = np.quantile(values, [0.005, 0.995])
    return float(low), float(high)


def line(x: Floats, y: Floats, name: str, colour: str, **more: Any) -> Trace:
    """A line trace."""
    dash = more.pop("dash", "solid")
    width = more.pop("width", 2)
    return {
        "type": "scatter",
        "mode": more.pop("mode", "lines"),
        "x": x,
        "y": y,
        "name": name,
        "line": {"color": colour, "dash": dash, "width": width},
        **more,
    }


def axes(x: str = "epoch", y: str = "", **y_more: Any) -> dict[str, Any]:
    """The two axes of a chart over training time."""
    return {
        "xaxis": {"title": {"text": x, "standoff": 6}, "rangemode": "tozero", "minallowed": 0},
        "yaxis": {"title": {"text": y, "standoff": 6}, **y_more},
        "hovermode": "x unified",
    }


def decades(*series: Floats) -> dict[str, Any]:
    """A logarithmic axis with decade ticks only, six or so of them."""
    known = [values[np.isfinite(values) & (values > 0)] for values in series]
    ends = [end for values in known if len(values) for end in (values.min(), values.max())]
    span = np.log10(max(ends) / min(ends)) if ends else 1.0
    return {
        "type": "log",
        "dtick": max(1, int(np.ceil(span / 6))),
        "exponentformat": "power",
        "tickfont": {"size": TICK_SIZE / POWERS_LARGER},
    }
