"""How good forecasts are: figures, the error each step ahead, windows to look at, and simple opponents."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from builder.data.batches import Tensors
from builder.data.describe import moment_of
from builder.data.steps import SeriesTarget
from builder.data.store import open_raw
from builder.evaluate import metrics
from builder.evaluate.part import Part, intervals, values
from builder.evaluate.results import Baseline, Drawn, Forecasts, Mistake, Results
from builder.train.losses import Pinball
from builder.train.measures import forecast_metrics, middle
from builder.train.trained import Trained

Floats = NDArray[np.float64]
DRAWN = 8
SERIES = 6
WORST = 24
MOST_SAMPLES = 10_000
"""Windows the straight line is fitted on; of more, the newest."""
STRENGTHS = tuple(float(10.0**power) for power in range(-3, 4))
"""Ridge penalties, of which leaving one out chooses."""


def forecast_part(
    trained: Trained, train: Tensors, measured: Tensors, rows: NDArray[np.int64], compare: bool
) -> Part:
    """The figures of forecasts against what came, in the series' own unit; simple opponents beside them."""
    target, scale = _truth(trained, measured)
    outputs = trained.outputs(measured.inputs).double().numpy()
    answer = middle(outputs, target)
    horizon = target.shape[1]
    figures = metrics.forecast(answer, target, scale, block=horizon)
    error = np.abs(answer - target).mean((1, 2))
    order = np.argsort(-error, kind="stable")[:WORST]
    results = Results(
        split="other",
        samples=len(target),
        metric="",
        metrics=values(figures),
        intervals=intervals(figures),
        forecasts=_forecasts(trained, measured, rows, outputs, target),
        baselines=opponents(trained, train, measured) if compare else (),
        worst=tuple(
            Mistake(
                index=int(rows[place]),
                truth=float(target[place].mean()),
                answer=float(answer[place].mean()),
                score=float(error[place]),
            )
            for place in order
        ),
    )
    return Part(results)


def _truth(trained: Trained, samples: Tensors) -> tuple[Floats, Floats]:
    """What came, (N, horizon, series), and the error of repeating the last season on the training rows."""
    scaled = trained.preparation.target
    assert isinstance(scaled, SeriesTarget)
    assert samples.target is not None
    return scaled.inverse(samples.target).double().numpy(), scaled.naive_error.double().numpy()


def _forecasts(
    trained: Trained,
    measured: Tensors,
    rows: NDArray[np.int64],
    outputs: Floats,
    target: Floats,
) -> Forecasts:
    answer = middle(outputs, target)
    is_band = outputs.size != target.size
    low, high = (outputs[:, 0], outputs[:, -1]) if is_band else (answer[:0], answer[:0])
    inside = float(((low <= target) & (target <= high)).mean()) if is_band else None
    shown = np.unique(np.linspace(0, len(target) - 1, min(DRAWN, len(target))).astype(np.int64))
    windows = trained.preparation.schema.windows
    assert windows is not None
    past = _own_unit(trained, measured, target.shape[2])
    times = _times(trained, rows, target)
    return Forecasts(
        series=windows.series[:SERIES],
        drawn=tuple(
            Drawn(
                index=int(rows[place]),
                times=times(place),
                past=_by_series(past[place]),
                truth=_by_series(target[place]),
                answer=_by_series(answer[place]),
                low=_by_series(low[place]) if is_band else (),
                high=_by_series(high[place]) if is_band else (),
            )
            for place in shown.tolist()
        ),
        by_step=tuple(np.abs(answer - target).mean((0, 2)).tolist()),
        levels=_levels(trained) if is_band else (),
        inside=inside,
    )


def _levels(trained: Trained) -> tuple[float, ...]:
    loss = trained.recipe.loss(Pinball.kind, trained.project.training.recipe_settings)
    assert isinstance(loss, Pinball)
    return loss.levels


def _by_series(steps: Floats) -> tuple[tuple[float, ...], ...]:
    """Numbers (horizon, series) as one row a series, six digits that count."""
    return tuple(tuple(float(f"{v:.6g}") for v in column) for column in steps.T[:SERIES])


def _times(
    trained: Trained, rows: NDArray[np.int64], target: Floats
) -> Callable[[int], tuple[str, ...]]:
    """When the steps of a window are, by its place; steps counted from the border where these are other data."""
    raw = open_raw(trained.project.data)
    line, windows = raw.timeline, raw.schema.windows
    assert line is not None
    assert windows is not None
    length = windows.lookback + windows.horizon
    is_own = len(rows) and rows[-1] < len(raw) and raw.target is not None
    if not is_own or not np.allclose(raw.target[rows], target, rtol=1e-4):  # type: ignore[index]
        return lambda place: tuple(
            f"{step:+d}" for step in range(1 - windows.lookback, 1 + windows.horizon)
        )

    def times(place: int) -> tuple[str, ...]:
        first = int(line.starts[rows[place]])
        return tuple(moment_of(raw, step) for step in range(first, first + length))

    return times


def opponents(trained: Trained, train: Tensors, measured: Tensors) -> tuple[Baseline, ...]:
    """The last value, the last season and a straight line on the same windows; the best one last."""
    target, scale = _truth(trained, measured)
    past = _own_unit(trained, measured, target.shape[2])
    found = [
        _opponent("last_value", "The last value", _last_value(past, target.shape[1]), target, scale)
    ]
    season = trained.schema.target.season
    if 1 < season <= past.shape[1]:
        repeated = _last_season(past, target.shape[1], season)
        title = f"The last season, {season} steps ago"
        found.append(_opponent("seasonal_naive", title, repeated, target, scale))
    start = time.perf_counter()
    line = _straight_line(trained, train, measured, target.shape)
    seconds = time.perf_counter() - start
    ridge = _opponent("ridge", "Ridge regression on the lags", line, target, scale)
    found.append(ridge.model_copy(update={"seconds": round(seconds, 4)}))
    return tuple(sorted(found, key=lambda one: -(one.metrics["mase"] or 0.0)))


def _own_unit(trained: Trained, samples: Tensors, series: int) -> Floats:
    """What the windows show of the series, gaps carried over, in their own unit: (N, lookback, series)."""
    (window,) = samples.inputs.values()
    inverse = trained.preparation.target.inverse
    found: Floats = inverse(window[..., :series].double()).numpy()
    return found


def _last_value(past: Floats, horizon: int) -> Floats:
    return np.repeat(past[:, -1:], horizon, axis=1)


def _last_season(past: Floats, horizon: int, season: int) -> Floats:
    places = past.shape[1] - season + np.arange(horizon) % season
    return past[:, places]


def _straight_line(
    trained: Trained, train: Tensors, measured: Tensors, shape: tuple[int, ...]
) -> Floats:
    assert train.target is not None
    rows = _rows(train)[-MOST_SAMPLES:]
    model: Any = make_pipeline(StandardScaler(), RidgeCV(STRENGTHS))
    model.fit(rows, train.target.double().flatten(1).numpy()[-MOST_SAMPLES:])
    scaled = np.asarray(model.predict(_rows(measured))).reshape(shape)
    standardise = trained.preparation.target
    assert isinstance(standardise, SeriesTarget)
    own: Floats = (
        scaled * standardise.standardise.std.numpy() + standardise.standardise.mean.numpy()
    )
    return own


def _rows(samples: Tensors) -> Floats:
    (window,) = samples.inputs.values()
    rows: Floats = window.double().flatten(1).numpy()
    return rows


def _opponent(name: str, title: str, forecast: Floats, target: Floats, scale: Floats) -> Baseline:
    figures = forecast_metrics(forecast, target, scale)
    return Baseline(
        name=name,
        title=title,
        metrics={key: value if np.isfinite(value) else None for key, value in figures.items()},
        seconds=0.0,
        by_step=tuple(np.abs(forecast - target).mean((0, 2)).tolist()),
    )
