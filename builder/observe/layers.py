"""Which layer is ill: one number per layer over training, as history and as the map's colours."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from builder.observe.chart import (
    Chart,
    Floats,
    Palette,
    Trace,
    axes,
    colour_scale,
    decades,
    faint,
    line,
    mixed,
)
from builder.runs.metrics import Metrics, Table, minmax

LINES_UP_TO = 6
"""So many weighted layers are drawn as lines; more as a heat strip."""
STRIP_COLUMNS = 300


class VitalSign(NamedTuple):
    """A number every layer has: its name in the metrics, its words, its scale and what is healthy."""

    statistic: str
    title: str
    question: str
    low: float
    high: float
    """Ends of the colour scale."""
    healthy: tuple[float, float]
    logarithmic: bool = True

    def share(self, value: float) -> float:
        """Where a value lies on the colour scale, 0..1."""
        if self.logarithmic:
            value = max(value, self.low / 10)
            return float(np.clip(np.log(value / self.low) / np.log(self.high / self.low), 0.0, 1.0))
        return float(np.clip((value - self.low) / (self.high - self.low), 0.0, 1.0))

    def is_healthy(self, value: float) -> bool:
        """Whether the value lies in the healthy band."""
        return self.healthy[0] <= value <= self.healthy[1]

    def words(self, value: float) -> str:
        """The value for people: 1.1e-3, or 12 % for a share."""
        if not np.isfinite(value):
            return "–"
        if not self.logarithmic:
            return f"{100 * value:.0f} %"
        if value and (abs(value) < 0.01 or abs(value) >= 1000):
            mantissa, exponent = f"{value:.1e}".split("e")
            return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
        return f"{value:.3g}"


GRADIENT = VitalSign(
    "gradient_norm", "Gradient norm", "Which layer is ill?", 1e-5, 10.0, (1e-6, 1e2)
)
UPDATE = VitalSign(
    "update_ratio", "Update / weight ratio", "Are steps the right size?", 1e-6, 1e-1, (1e-4, 1e-2)
)
DEAD = VitalSign(
    "dead_share", "Dead units", "Are units dead?", 0.0, 1.0, (0.0, 0.5), logarithmic=False
)

SIGNS = (GRADIENT, UPDATE, DEAD)


class History(NamedTuple):
    """One statistic of several layers over training."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    x: Floats
    """Epochs."""
    values: NDArray[np.float64]
    """(layers, times)"""


class Reading(NamedTuple):
    """The latest value of a vital sign in one layer."""

    value: float
    share: float
    """Place on the colour scale, 0..1."""
    healthy: bool
    words: str


def history(
    metrics: Metrics, statistic: str, layers: Mapping[str, str], steps_per_epoch: float
) -> History:
    """One statistic of the layers (id -> name, in depth order) that have a value of it."""
    table = metrics.layers
    kept = [(i, n, _values(table, i, statistic)) for i, n in layers.items()]
    kept = [(i, n, v) for i, n, v in kept if np.isfinite(v).any()]
    x = table.column("step") / max(1.0, steps_per_epoch) if table.has("step") else np.empty(0)
    values = np.stack([v for _, _, v in kept]) if kept else np.empty((0, len(x)))
    return History(tuple(i for i, _, _ in kept), tuple(n for _, n, _ in kept), x, values)


def readings(metrics: Metrics, sign: VitalSign, layers: Sequence[str]) -> dict[str, Reading]:
    """The latest value of a vital sign for every layer that has one."""
    found = {}
    for layer in layers:
        values = _values(metrics.layers, layer, sign.statistic)
        known = values[np.isfinite(values)]
        if len(known):
            value = float(known[-1])
            found[layer] = Reading(
                value, sign.share(value), sign.is_healthy(value), sign.words(value)
            )
    return found


def sign_chart(past: History, sign: VitalSign, palette: Palette, *, chosen: str = "") -> Chart:
    """The sign of every layer over training: lines up to six layers, else a heat strip, layer × time."""
    many = len(past.ids) > LINES_UP_TO
    traces = [_strip(past, sign, palette)] if many else _lines(past, palette, chosen)
    layout: dict[str, Any] = axes(y="" if many else sign.title.lower())
    if many:
        layout["yaxis"] = {"autorange": "reversed", "automargin": True, "tickfont": {"size": 11}}
        layout["hovermode"] = "closest"
    elif sign.logarithmic:
        layout["yaxis"] |= decades(past.values.ravel())
    else:
        layout["yaxis"] |= {"range": [0, 1.02], "tickformat": ".0%"}
    if sign is UPDATE and not many:
        layout["shapes"] = _band(sign, palette)
    height = max(240, 90 + 18 * len(past.ids)) if many else 240
    return Chart(
        sign.statistic,
        sign.title,
        sign.question,
        traces,
        layout,
        sign_words(past, sign),
        height=height,
    )


def sign_words(past: History, sign: VitalSign) -> str:
    """The chart's message in one sentence."""
    if not past.ids or not len(past.x):
        return "Nothing has been measured yet."
    last = np.array([v[np.isfinite(v)][-1] for v in past.values])
    low, high = int(last.argmin()), int(last.argmax())
    return (
        f"{sign.title} now: highest in {past.names[high]} ({sign.words(last[high])}), "
        f"lowest in {past.names[low]} ({sign.words(last[low])})."
    )


def layer_charts(
    metrics: Metrics, layer: str, steps_per_epoch: float, palette: Palette
) -> list[Chart]:
    """One layer over training: gradient and weight norm, update ratio, activations, dead units."""
    table = metrics.layers
    if not table.has("step"):
        return []
    x = table.column("step") / max(1.0, steps_per_epoch)
    past = {
        name: _values(table, layer, name)
        for name in (
            "gradient_norm",
            "weight_norm",
            "update_ratio",
            "activation_mean",
            "activation_std",
            "dead_share",
        )
    }
    charts = [
        _norms(x, past, palette),
        _ratio(x, past, palette),
        _activations(x, past, palette),
        _dead(x, past, palette),
    ]
    return [chart for chart in charts if chart is not None]


def _norms(x: Floats, past: Mapping[str, Floats], palette: Palette) -> Chart | None:
    named = (("gradient", past["gradient_norm"], "solid"), ("weights", past["weight_norm"], "dash"))
    traces = [
        line(*minmax(x, values), name, palette.series[i], dash=dash)
        for i, (name, values, dash) in enumerate(named)
        if np.isfinite(values).any()
    ]
    if not traces:
        return None
    layout = axes(y="norm", **decades(past["gradient_norm"], past["weight_norm"]))
    words = f"Gradient norm now {GRADIENT.words(_last(past['gradient_norm']))}."
    return Chart(
        "norms", "Gradient and weights", "Does the error reach this layer?", traces, layout, words
    )


def _ratio(x: Floats, past: Mapping[str, Floats], palette: Palette) -> Chart | None:
    values = past["update_ratio"]
    if not np.isfinite(values).any():
        return None
    layout = axes(y="update / weight", **decades(values))
    layout["shapes"] = _band(UPDATE, palette)
    words = f"Update / weight ratio now {UPDATE.words(_last(values))}; healthy is 1e-4 to 1e-2."
    traces = [line(*minmax(x, values), "update / weight", palette.train)]
    return Chart("ratio", UPDATE.title, UPDATE.question, traces, layout, words)


def _activations(x: Floats, past: Mapping[str, Floats], palette: Palette) -> Chart | None:
    mean, spread = past["activation_mean"], past["activation_std"]
    if not np.isfinite(mean).any():
        return None
    x, mean, spread = _thinned(x, mean, spread)
    band: Trace = {
        "type": "scatter",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([mean + spread, (mean - spread)[::-1]]),
        "fill": "toself",
        "fillcolor": faint(palette.train, 0.16),
        "line": {"width": 0},
        "mode": "lines",
        "name": "± spread",
        "hoverinfo": "skip",
    }
    words = f"Outputs now average {_last(mean):.3g} with spread {_last(spread):.3g}."
    traces = [band, line(x, mean, "mean", palette.train)]
    return Chart(
        "activations", "Outputs", "What range do the outputs have?", traces, axes(y="output"), words
    )


def _dead(x: Floats, past: Mapping[str, Floats], palette: Palette) -> Chart | None:
    values = past["dead_share"]
    if not np.isfinite(values).any() or not np.nanmax(values) > 0:
        return None
    layout = axes(y="share of units")
    layout["yaxis"] |= {"range": [0, 1.02], "tickformat": ".0%"}
    words = f"{DEAD.words(_last(values))} of the units are zero for every probed sample."
    traces = [line(*minmax(x, values), "dead", palette.train)]
    return Chart("dead", DEAD.title, DEAD.question, traces, layout, words)


def _lines(past: History, palette: Palette, chosen: str) -> list[Trace]:
    last = max(1, len(past.ids) - 1)
    mode = "lines" if len(past.x) > 2 else "lines+markers"  # one point makes no line
    return [
        line(
            *minmax(past.x, values),
            name,
            mixed(palette.depth, i / last),
            width=3 if layer == chosen else 1.8,
            mode=mode,
        )
        for i, (layer, name, values) in enumerate(
            zip(past.ids, past.names, past.values, strict=True)
        )
    ]


def _strip(past: History, sign: VitalSign, palette: Palette) -> Trace:
    x, values = _columns(past.x, past.values)
    shown = np.log10(np.maximum(values, sign.low / 10)) if sign.logarithmic else values
    ends = (
        [np.log10(e) for e in (sign.low, sign.high)] if sign.logarithmic else [sign.low, sign.high]
    )
    bar: dict[str, Any] = {"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 11}}
    if sign.logarithmic:
        ticks = list(range(int(ends[0]), int(ends[1]) + 1, 2))
        bar |= {"tickvals": ticks, "ticktext": [f"1e{t}" for t in ticks]}
    return {
        "type": "heatmap",
        "x": x,
        "y": list(past.names),
        "z": shown,
        "zmin": ends[0],
        "zmax": ends[1],
        "colorscale": colour_scale(palette.magnitude),
        "colorbar": bar,
        "customdata": values,
        "hovertemplate": "%{y}<br>epoch %{x:.2f}<br>%{customdata:.2e}<extra></extra>",
        "name": sign.title,
    }


def _columns(x: Floats, values: NDArray[np.float64]) -> tuple[Floats, NDArray[np.float64]]:
    if len(x) <= STRIP_COLUMNS:
        return x, values
    edges = np.linspace(0, len(x), STRIP_COLUMNS + 1).astype(np.int64)
    known = np.where(np.isfinite(values), values, -np.inf)
    highest = np.maximum.reduceat(known, edges[:-1], axis=1)
    return x[edges[1:] - 1], np.where(np.isfinite(highest), highest, np.nan)


def _thinned(x: Floats, *series: Floats, points: int = 500) -> tuple[Floats, ...]:
    if len(x) <= points:
        return (x, *series)
    kept = np.linspace(0, len(x) - 1, points).astype(np.int64)
    return (x[kept], *(values[kept] for values in series))


def _band(sign: VitalSign, palette: Palette) -> list[dict[str, Any]]:
    low, high = sign.healthy
    return [
        {
            "type": "rect",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": low,
            "y1": high,
            "fillcolor": faint(palette.good, 0.12),
            "line": {"width": 0},
            "layer": "below",
        },
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": 1e-3,
            "y1": 1e-3,
            "line": {"color": palette.good, "dash": "dot", "width": 1},
        },
    ]


def _values(table: Table, layer: str, statistic: str) -> Floats:
    name = f"{layer}/{statistic}"
    return table.column(name) if table.has(name) else np.full(len(table), np.nan)


def _last(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")
