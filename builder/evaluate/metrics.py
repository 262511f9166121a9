"""Metrics of answers against the truth, each with a bootstrap interval, from scikit-learn."""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

ROUNDS = 1000
LEVEL = 0.95
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class Measured(NamedTuple):
    """A figure and the interval in which it lies in 95 of 100 draws of as many samples."""

    value: float
    low: float
    high: float


def classification(probabilities: Floats, target: Codes) -> dict[str, Measured]:
    """Accuracy, balanced accuracy, F1 and AUROC of probabilities (N, classes) against class codes (N,)."""
    answers = probabilities.argmax(1)
    named: dict[str, Callable[[Codes], float]] = {
        "accuracy": lambda rows: float((answers[rows] == target[rows]).mean()),
        "balanced_accuracy": lambda rows: _balanced(answers[rows], target[rows]),
        "f1_macro": lambda rows: float(
            sk.f1_score(target[rows], answers[rows], average="macro", zero_division=0.0)
        ),
        "auroc": lambda rows: auroc(probabilities[rows], target[rows]),
    }
    return _measured(named, len(target))


def regression(predicted: Floats, target: Floats) -> dict[str, Measured]:
    """R², mean absolute and root mean squared error of numbers (N, width), in the target's unit."""
    named: dict[str, Callable[[Codes], float]] = {
        "r2": lambda rows: _r2(predicted[rows], target[rows]),
        "mae": lambda rows: float(np.abs(predicted[rows] - target[rows]).mean()),
        "rmse": lambda rows: float(np.sqrt(((predicted[rows] - target[rows]) ** 2).mean())),
    }
    return _measured(named, len(target))


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


def _measured(named: dict[str, Callable[[Codes], float]], count: int) -> dict[str, Measured]:
    everything = np.arange(count)
    generator = np.random.default_rng(0)
    rounds = ROUNDS if count <= 2000 else max(100, int(ROUNDS * 2000 / count))
    draws = [generator.integers(0, count, count) for _ in range(rounds)] if count > 1 else []
    found = {}
    for name, figure in named.items():
        value = figure(everything)
        few = draws[: 200 if name in ("f1_macro", "auroc") else None]  # slow ones need fewer
        drawn = np.array([figure(rows) for rows in few])
        drawn = drawn[np.isfinite(drawn)]
        edges = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
        low, high = np.quantile(drawn, edges) if len(drawn) else (value, value)
        found[name] = Measured(value, float(low), float(high))
    return found


def _balanced(answers: Codes, target: Codes) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes that a draw does not contain
        return float(sk.balanced_accuracy_score(target, answers))


def _r2(predicted: Floats, target: Floats) -> float:
    return float(sk.r2_score(target, predicted)) if len(target) > 1 else float("nan")
