"""What something simple gets on the same split: always the same answer, and the best straight line."""

import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from builder.evaluate.results import Baseline
from builder.train.measures import auroc, confusion_metrics

Floats = NDArray[np.float64]
MOST_SAMPLES = 10_000
"""A baseline is to take seconds: from more, the first so many are used."""


class Flat(NamedTuple):
    """Samples as rows of numbers (N, F) or as texts (N,), and their targets: codes (N,) or numbers (N, width)."""

    inputs: NDArray[Any]
    target: NDArray[Any]


def baselines(train: Flat, measured: Flat, classes: int) -> tuple[Baseline, ...]:
    """Both opponents, the weaker first; the same split, inputs and preparation as the network had."""
    train = Flat(train.inputs[:MOST_SAMPLES], train.target[:MOST_SAMPLES])
    make = _classifiers if classes else _regressors
    if train.inputs.dtype == object:
        make = _text_classifiers if classes else _text_regressors
    return tuple(
        _timed(name, title, model, train, measured, classes) for name, title, model in make()
    )


def _classifiers() -> list[tuple[str, str, Any]]:
    line = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    return [
        ("majority", "Always the most frequent class", DummyClassifier(strategy="prior")),
        ("logistic_regression", "Logistic regression", line),
    ]


def _text_classifiers() -> list[tuple[str, str, Any]]:
    line = make_pipeline(_words(), LogisticRegression(max_iter=300, C=10.0))
    return [
        ("majority", "Always the most frequent class", DummyClassifier(strategy="prior")),
        ("tfidf_logistic_regression", "TF-IDF and logistic regression", line),
    ]


def _text_regressors() -> list[tuple[str, str, Any]]:
    line = make_pipeline(_words(), Ridge())
    return [
        ("mean", "Always the mean", DummyRegressor()),
        ("tfidf_ridge", "TF-IDF and ridge regression", line),
    ]


def _words() -> Any:
    """Words and pairs of neighbouring words, weighed by how rare they are."""
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=200_000)


def _regressors() -> list[tuple[str, str, Any]]:
    line = make_pipeline(StandardScaler(), Ridge())
    return [("mean", "Always the mean", DummyRegressor()), ("ridge", "Ridge regression", line)]


def _timed(  # noqa: PLR0917 - one row of a table
    name: str, title: str, model: Any, train: Flat, measured: Flat, classes: int
) -> Baseline:
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(train.inputs, train.target if classes else train.target.squeeze(-1))
    seconds = time.perf_counter() - start
    score: Callable[[Any, Flat, int], dict[str, float]] = (
        _class_scores if classes else _number_scores
    )
    metrics = score(model, measured, classes)
    return Baseline(
        name=name,
        title=title,
        metrics={key: value if np.isfinite(value) else None for key, value in metrics.items()},
        seconds=round(seconds, 4),
    )


def _class_scores(model: Any, measured: Flat, classes: int) -> dict[str, float]:
    shares = np.zeros((len(measured.target), classes))
    shares[:, model.classes_] = model.predict_proba(measured.inputs)
    pairs = measured.target * classes + shares.argmax(1)
    counts = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    return {**confusion_metrics(counts), "auroc": auroc(shares, measured.target)}


def _number_scores(model: Any, measured: Flat, classes: int) -> dict[str, float]:
    predicted = np.asarray(model.predict(measured.inputs)).reshape(measured.target.shape)
    difference = predicted - measured.target
    spread = ((measured.target - measured.target.mean(0)) ** 2).sum(0)
    r2 = 1 - (difference**2).sum(0) / np.where(spread > 0, spread, np.nan)
    return {
        "r2": float(r2.mean()),
        "mae": float(np.abs(difference).mean()),
        "rmse": float(np.sqrt((difference**2).mean())),
    }
