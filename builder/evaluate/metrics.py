"""Metrics of answers against the truth from scikit-learn, each with a bootstrap interval.

The interval draws samples with replacement (Efron 1979). A draw is a count for every sample, so that all figures of a
draw come from weighted sums; the referee of these sums is scikit-learn on the drawn rows.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from builder.train.measures import mask_metrics

ROUNDS = 1000
LEVEL = 0.95
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Figures = dict[str, float]


class Measured(NamedTuple):
    """A figure and the interval in which it lies in 95 of 100 draws of as many samples."""

    value: float
    low: float
    high: float


def classification(probabilities: Floats, target: Codes) -> dict[str, Measured]:
    """Accuracy, balanced accuracy, F1 and AUROC of probabilities (N, classes) against class codes (N,)."""
    answers = probabilities.argmax(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes that are answered but do not occur
        values = {
            "accuracy": float(sk.accuracy_score(target, answers)),
            "balanced_accuracy": float(sk.balanced_accuracy_score(target, answers)),
            "f1_macro": float(sk.f1_score(target, answers, average="macro", zero_division=0.0)),
            "auroc": auroc(probabilities, target),
        }
    return _with_intervals(values, _class_figures(probabilities, target), len(target))


def regression(predicted: Floats, target: Floats) -> dict[str, Measured]:
    """R², mean absolute and root mean squared error of numbers (N, width), in the target's unit."""
    enough = len(target) > 1
    values = {
        "r2": float(sk.r2_score(target, predicted)) if enough else float("nan"),
        "mae": float(sk.mean_absolute_error(target, predicted)),
        "rmse": float(np.sqrt(sk.mean_squared_error(target, predicted))),
    }
    return _with_intervals(values, _number_figures(predicted, target), len(target))


def mean(values: Floats) -> Measured:
    """The mean of one number a sample (N,), with its interval."""

    def figures(counts: Floats) -> Figures:
        return {"mean": float((counts * values).sum() / counts.sum())}

    return _with_intervals({"mean": float(values.mean())}, figures, len(values))["mean"]


def language(nats: Floats) -> dict[str, Measured]:
    """Nats per token and perplexity of the cross-entropy of each token, float64 (windows, length)."""
    each = nats.mean(axis=1)

    def figures(counts: Floats) -> Figures:
        mean = float((counts * each).sum() / counts.sum())
        return {"nats_per_token": mean, "perplexity": float(np.exp(mean))}

    return _with_intervals(figures(np.ones(len(each))), figures, len(each))


def forecast(
    predicted: Floats, target: Floats, naive_error: Floats, *, block: int
) -> dict[str, Measured]:
    """MAE, RMSE and MASE of forecasts against (N, horizon, series), in the series' own unit.

    Neighbouring windows share rows, so whole blocks of so many are drawn (Künsch 1989).
    """
    error = np.abs(predicted - target)
    absolute, squared = error.mean((1, 2)), (error**2).mean((1, 2))
    scaled = (error / naive_error).mean((1, 2))

    def figures(counts: Floats) -> Figures:
        weights = counts / counts.sum()
        return {
            "mae": float((weights * absolute).sum()),
            "rmse": float(np.sqrt((weights * squared).sum())),
            "mase": float((weights * scaled).sum()),
        }

    count = len(target)
    return _with_intervals(figures(np.ones(count)), figures, count, block=block)


def segmentation(counts: NDArray[np.int64]) -> dict[str, Measured]:
    """Mean IoU and pixel accuracy from each sample's counts of pixels (N, true class, answer)."""

    def figures(times: Floats) -> Figures:
        return mask_metrics(np.tensordot(times, counts, 1))

    return _with_intervals(figures(np.ones(len(counts))), figures, len(counts))


def translation(exact: Floats, right: Floats, tokens: Floats, edits: Floats) -> dict[str, Measured]:
    """Exact match, token accuracy and edit distance of texts (N,): whether all is right (0 or 1), tokens that are
    right behind right ones, tokens in all, and characters to change."""

    def figures(counts: Floats) -> Figures:
        weights = counts / counts.sum()
        return {
            "exact_match": float((weights * exact).sum()),
            "token_accuracy": float((counts * right).sum() / max(1.0, (counts * tokens).sum())),
            "edit_distance": float((weights * edits).sum()),
        }

    return _with_intervals(figures(np.ones(len(exact))), figures, len(exact))


def confusion(answers: Codes, target: Codes, classes: int) -> NDArray[np.int64]:
    """How often each true class (row) was answered as each class (column)."""
    counts = np.bincount(target * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes)


def auroc(probabilities: Floats, target: Codes) -> float:
    """Area under the ROC curve, one class against the rest; NaN when only one class occurs."""
    present = np.unique(target)
    if len(present) < 2:
        return float("nan")
    if probabilities.shape[1] == 2:
        return float(sk.roc_auc_score(target == 1, probabilities[:, 1]))
    areas = [sk.roc_auc_score(target == code, probabilities[:, code]) for code in present]
    return float(np.mean(areas))


def _with_intervals(
    values: Figures, figures_of: Callable[[Floats], Figures], count: int, *, block: int = 1
) -> dict[str, Measured]:
    drawn: dict[str, list[float]] = {name: [] for name in values}
    for counts in _draws(count, min(block, count)):
        for name, value in figures_of(counts).items():
            if np.isfinite(value):
                drawn[name].append(value)
    edges = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    found = {}
    for name, value in values.items():
        low, high = np.quantile(drawn[name], edges) if drawn[name] else (value, value)
        found[name] = Measured(value, float(low), float(high))
    return found


def _draws(count: int, block: int = 1) -> Iterator[Floats]:
    """How often each of `count` samples is in each draw, drawn in blocks of neighbours; the last borders on the first.

    Fewer draws for many samples, whose figures vary less.
    """
    rounds = ROUNDS if count <= 2000 else max(100, int(ROUNDS * 2000 / count))
    generator = np.random.default_rng(0)
    for _ in range(rounds if count > 1 else 0):
        rows = generator.integers(0, count, -(-count // block))
        if block > 1:
            rows = ((rows[:, None] + np.arange(block)) % count).ravel()[:count]
        yield np.bincount(rows, minlength=count).astype(np.float64)


def _class_figures(probabilities: Floats, target: Codes) -> Callable[[Floats], Figures]:
    classes = probabilities.shape[1]
    cells = target * classes + probabilities.argmax(1)
    scored = (1,) if classes == 2 else tuple(range(classes))
    areas = [_area(probabilities[:, code], target == code) for code in scored]

    def figures(counts: Floats) -> Figures:
        table = np.bincount(cells, counts, classes * classes).reshape(classes, classes)
        right, true, answered = table.diagonal(), table.sum(1), table.sum(0)
        seen = true > 0
        either = (true + answered) > 0
        per_class = np.array([area(counts) for area in areas])
        per_class = per_class[np.isfinite(per_class)]
        return {
            "accuracy": float(right.sum() / table.sum()),
            "balanced_accuracy": float((right[seen] / true[seen]).mean()),
            "f1_macro": float((2 * right[either] / (true + answered)[either]).mean()),
            "auroc": float(per_class.mean()) if len(per_class) else float("nan"),
        }

    return figures


def _area(scores: Floats, positive: NDArray[np.bool_]) -> Callable[[Floats], float]:
    """Weighted area under the ROC curve: the share of pairs in the right order, ties counted half."""
    order = np.argsort(scores, kind="stable")
    truth = positive[order]
    ties = np.concatenate([[0], np.cumsum(np.diff(scores[order]) > 0)])

    def area(counts: Floats) -> float:
        weights = counts[order]
        lower = np.bincount(ties, weights * ~truth)
        below = np.cumsum(lower) - lower
        higher = np.bincount(ties, weights * truth)
        pairs = lower.sum() * higher.sum()
        return float((higher * (below + lower / 2)).sum() / pairs) if pairs else float("nan")

    return area


def _number_figures(predicted: Floats, target: Floats) -> Callable[[Floats], Figures]:
    errors = predicted - target

    def figures(counts: Floats) -> Figures:
        weights = (counts / counts.sum())[:, None]
        squared = (weights * errors**2).sum(0)
        spread = (weights * (target - (weights * target).sum(0)) ** 2).sum(0)
        known = spread > 0
        return {
            "r2": float((1 - squared[known] / spread[known]).mean())
            if known.any()
            else float("nan"),
            "mae": float((weights * np.abs(errors)).sum(0).mean()),
            "rmse": float(np.sqrt(squared.mean())),
        }

    return figures
