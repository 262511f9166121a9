"""Is it learning, is it memorising: loss and metric over training, as numbers, then as charts."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from builder.observe.chart import (
    Chart,
    Floats,
    Palette,
    Trace,
    axes,
    bucket_means,
    faint,
    fit_middle,
    line,
    smoothed,
)
from builder.runs.metrics import Metrics, minmax
from builder.train.recipes.catalogue import all_recipes

SMOOTH_FROM = 200
SMOOTHING = 0.6
POINTS_UP_TO = 80
EMPTY: Floats = np.empty(0)


class LossCurves(NamedTuple):
    """Training loss at every step and validation loss after every epoch; x in epochs."""

    train_x: Floats
    train: Floats
    smooth_x: Floats
    smooth: Floats
    """Empty below 200 points: the raw line is enough then."""
    validation_x: Floats
    validation: Floats
    best: tuple[float, float] | None
    """Epoch and validation loss of the best epoch."""
    guessing: float | None
    """Loss of always giving the same answer."""
    broken_at: float | None
    """x from which the training loss is not a number."""
    broken_step: int | None
    gap_widens: bool
    """Validation rises while training falls: memorising."""


class MetricCurves(NamedTuple):
    """The watched metric after every epoch; x in epochs."""

    name: str
    validation_x: Floats
    validation: Floats
    train_x: Floats
    train: Floats
    best: tuple[float, float] | None
    baseline: float | None


def loss_curves(
    metrics: Metrics, steps_per_epoch: float, *, guessing: float | None = None
) -> LossCurves:
    """The loss so far; at most 1000 points a line, spikes kept."""
    step = metrics.steps.column("step")
    loss = metrics.steps.column("loss")
    x = step / max(1.0, steps_per_epoch)
    raw_x, raw = minmax(x, loss)
    smooth_x = smooth = EMPTY
    if len(loss) >= SMOOTH_FROM:
        smooth_x, means = bucket_means(x, loss)
        smooth = smoothed(means, SMOOTHING)
    epoch_x = metrics.epochs.column("epoch")
    validation = metrics.epochs.column("validation/loss")
    broken = np.flatnonzero(~np.isfinite(loss))
    return LossCurves(
        raw_x,
        raw,
        smooth_x,
        smooth,
        *minmax(epoch_x, validation),
        best=_lowest(epoch_x, validation),
        guessing=guessing,
        broken_at=float(x[broken[0]]) if len(broken) else None,
        broken_step=int(step[broken[0]]) if len(broken) else None,
        gap_widens=gap_widens(metrics.epochs.column("train/loss"), validation),
    )


def metric_curves(metrics: Metrics, name: str, *, baseline: float | None = None) -> MetricCurves:
    """The watched metric so far, and its best value."""
    x = metrics.epochs.column("epoch")
    validation = metrics.epochs.column(f"validation/{name}")
    train = metrics.epochs.column(f"train/{name}")
    known = np.isfinite(train)
    best = _lowest(x, -validation if higher_is_better(name) else validation)
    if best is not None and higher_is_better(name):
        best = (best[0], -best[1])
    return MetricCurves(
        name, *minmax(x, validation), *minmax(x[known], train[known]), best=best, baseline=baseline
    )


@cache
def _lower_is_better() -> frozenset[str]:
    """What the recipes say about their figures; a run of another version may have others."""
    known = {
        one.kind
        for recipe in all_recipes()
        for one in (*recipe.metrics, *recipe.results)
        if one.better == "lower"
    }
    return frozenset(known | {"loss", "mse", "nats_per_token", "perplexity"})


def higher_is_better(metric: str) -> bool:
    """Whether more of a metric is better."""
    return metric not in _lower_is_better()


def gap_widens(train: Floats, validation: Floats, window: int = 3) -> bool:
    """Whether validation loss rose over the last `window` epochs while training loss fell."""
    if len(validation) <= window or len(train) != len(validation):
        return False
    recent, before = validation[-1], validation[-1 - window]
    return bool(recent > before * 1.01 and train[-1] < train[-1 - window])


def loss_chart(curves: LossCurves, palette: Palette) -> Chart:
    """Train solid, validation dashed with points, a star at the best epoch, dotted what guessing gets."""
    traces = _train_traces(curves, palette)
    if curves.gap_widens and len(curves.smooth):
        traces.append(_gap(curves, palette))
    traces.append(
        line(
            curves.validation_x,
            curves.validation,
            "validation",
            palette.validation,
            dash="dash",
            mode=_points(curves.validation),
            marker={"size": 5, "color": palette.validation},
        )
    )
    if curves.best:
        traces.append(star(*curves.best, palette.validation, "best"))
    fit = fit_middle(
        curves.smooth if len(curves.smooth) else curves.train, curves.validation, floor=0.0
    )
    layout: dict[str, Any] = axes(y="loss")
    layout["shapes"], layout["annotations"] = [], []
    if curves.guessing is not None:
        _dotted(layout, curves.guessing, "always guessing", palette)
    if curves.broken_at is not None:
        _broken(layout, curves.broken_at, curves.broken_step or 0, palette)
    note = ""
    if fit:
        high = _with_guessing(fit.high, curves.guessing)
        layout["yaxis"]["range"] = [fit.low, high]
        above = int((curves.train[np.isfinite(curves.train)] > high).sum())
        note = f"▲ {above} above" if above and not len(curves.smooth) else ""
    if len(curves.smooth):
        note = "smoothed 0.6"
    return Chart(
        "loss",
        "Loss",
        "Is it learning, is it memorising?",
        traces,
        layout,
        loss_words(curves),
        note=note,
    )


def metric_chart(curves: MetricCurves, palette: Palette, *, title: str, percent: bool) -> Chart:
    """The watched metric: validation dashed, train solid, the baseline dotted."""
    factor = 100.0 if percent else 1.0
    traces: list[Trace] = []
    if len(curves.train):
        sparse = 2 * len(curves.train) < len(curves.validation)  # measured now and then only
        traces.append(
            line(
                curves.train_x,
                factor * curves.train,
                "train",
                palette.train,
                mode="markers" if sparse else "lines",
                marker={"size": 7, "color": palette.train},
            )
        )
    traces.append(
        line(
            curves.validation_x,
            factor * curves.validation,
            "validation",
            palette.validation,
            dash="dash",
            mode=_points(curves.validation),
            marker={"size": 5, "color": palette.validation},
        )
    )
    if curves.best:
        traces.append(star(curves.best[0], factor * curves.best[1], palette.validation, "best"))
    layout = axes(y=f"{title}, %" if percent else title)
    layout["shapes"], layout["annotations"] = [], []
    if curves.baseline is not None:
        _dotted(layout, factor * curves.baseline, "always guessing", palette)
    best = f"Best so far {_number(factor * curves.best[1])}" if curves.best else "No value yet"
    unit = " %" if percent and curves.best else ""
    return Chart(
        "metric",
        f"{title[:1].upper()}{title[1:]}",
        "How good is it?",
        traces,
        layout,
        f"{best}{unit}.",
    )


def learning_rate_chart(metrics: Metrics, steps_per_epoch: float, palette: Palette) -> Chart | None:
    """The learning rate over training; None where it was not recorded."""
    rate = metrics.steps.column("learning_rate")
    if not np.isfinite(rate).any():
        return None
    x, y = minmax(metrics.steps.column("step") / max(1.0, steps_per_epoch), rate)
    layout = axes(y="learning rate", range=[0, 1.2 * float(np.nanmax(y))], exponentformat="power")
    words = f"The learning rate is {y[-1]:.2g}."
    traces = [line(x, y, "learning rate", palette.train)]
    return Chart(
        "learning_rate", "Learning rate", "How big are the steps now?", traces, layout, words
    )


def speed_chart(metrics: Metrics, steps_per_epoch: float, palette: Palette) -> Chart | None:
    """Samples a second over training; None where it was not recorded."""
    speed = metrics.steps.column("samples_per_second")
    if not np.isfinite(speed).any():
        return None
    x, y = minmax(metrics.steps.column("step") / max(1.0, steps_per_epoch), speed)
    layout = axes(y="samples / s", rangemode="tozero")
    words = f"{np.nanmedian(speed):.0f} samples a second on average."
    traces = [line(x, y, "samples a second", palette.train)]
    return Chart("speed", "Speed", "Is the machine busy?", traces, layout, words)


def loss_words(curves: LossCurves) -> str:
    """The chart's message in one sentence."""
    if not len(curves.train):
        return "No step is done yet."
    first, last = curves.train[0], (curves.smooth if len(curves.smooth) else curves.train)[-1]
    if curves.broken_step is not None:
        return f"The training loss is not a number since step {curves.broken_step}."
    words = f"Training loss went from {_number(first)} to {_number(last)}"
    if curves.best:
        words += f"; best validation loss {_number(curves.best[1])} at epoch {curves.best[0]:.0f}"
    return words + "."


def star(x: float, y: float, colour: str, name: str) -> Trace:
    """One star."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.array([x]),
        "y": np.array([y]),
        "name": name,
        "marker": {"symbol": "star", "size": 12, "color": colour},
    }


def _train_traces(curves: LossCurves, palette: Palette) -> list[Trace]:
    if not len(curves.smooth):
        return [line(curves.train_x, curves.train, "train", palette.train)]
    raw = line(
        curves.train_x,
        curves.train,
        "train, raw",
        faint(palette.train, 0.22),
        width=1,
        hoverinfo="skip",
        showlegend=False,
    )
    return [raw, line(curves.smooth_x, curves.smooth, "train", palette.train)]


def _gap(curves: LossCurves, palette: Palette) -> Trace:
    train = np.interp(curves.validation_x, curves.smooth_x, curves.smooth)
    return {
        "type": "scatter",
        "x": np.concatenate([curves.validation_x, curves.validation_x[::-1]]),
        "y": np.concatenate([curves.validation, train[::-1]]),
        "fill": "toself",
        "fillcolor": faint(palette.validation, 0.12),
        "line": {"width": 0},
        "mode": "lines",
        "name": "gap",
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _dotted(layout: dict[str, Any], y: float, words: str, palette: Palette) -> None:
    layout["shapes"].append(
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": y,
            "y1": y,
            "line": {"color": palette.muted, "dash": "dot", "width": 1.5},
        }
    )
    layout["annotations"].append(
        {
            "xref": "paper",
            "x": 1,
            "y": y,
            "text": words,
            "showarrow": False,
            "xanchor": "right",
            "yanchor": "bottom",
            "font": {"size": 12, "color": palette.muted},
        }
    )


def _broken(layout: dict[str, Any], x: float, step: int, palette: Palette) -> None:
    layout["shapes"].append(
        {
            "type": "rect",
            "yref": "paper",
            "x0": x,
            "x1": x * 1.1 + 0.1,
            "y0": 0,
            "y1": 1,
            "fillcolor": faint(palette.error, 0.15),
            "line": {"color": palette.error, "dash": "dot", "width": 1},
        }
    )
    layout["annotations"].append(
        {
            "yref": "paper",
            "x": x,
            "y": 1,
            "text": f"not a number since step {step}",
            "showarrow": False,
            "xanchor": "right",
            "yanchor": "top",
            "font": {"size": 12, "color": palette.error},
        }
    )


def _lowest(x: Floats, y: Floats) -> tuple[float, float] | None:
    known = np.flatnonzero(np.isfinite(y))
    if not len(known):
        return None
    best = known[np.argmin(y[known])]
    return float(x[best]), float(y[best])


def _with_guessing(high: float, guessing: float | None) -> float:
    """The upper end of the axis, raised to show the guessing line when that is not far above."""
    return max(high, 1.04 * guessing) if guessing is not None and guessing < 3 * high else high


def _points(values: Floats) -> str:
    """Points on the line while they can be told apart."""
    return "lines+markers" if len(values) <= POINTS_UP_TO else "lines"


def _number(value: float) -> str:
    return f"{value:.3g}"
