"""Figures and intervals against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from builder.evaluate import metrics


def draw(classes: int, count: int = 200):
    generator = np.random.default_rng(classes)
    target = generator.integers(0, classes, count)
    logits = generator.normal(size=(count, classes)) + 1.5 * np.eye(classes)[target]
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return np.round(shares, 2), target  # rounded: ties


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_figures_of_a_draw_are_those_of_scikit_learn_on_the_drawn_rows(classes: int) -> None:
    shares, target = draw(classes)
    rows = np.random.default_rng(1).integers(0, len(target), len(target))
    counts = np.bincount(rows, minlength=len(target)).astype(float)
    got = metrics._class_figures(shares, target)(counts)
    answers = shares.argmax(1)
    assert got["accuracy"] == pytest.approx(sk.accuracy_score(target[rows], answers[rows]))
    assert got["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(target[rows], answers[rows])
    )
    assert got["f1_macro"] == pytest.approx(
        sk.f1_score(target[rows], answers[rows], average="macro")
    )
    assert got["auroc"] == pytest.approx(metrics.auroc(shares[rows], target[rows]))


def test_number_figures_of_a_draw_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    target = generator.normal(size=(80, 2))
    predicted = target + 0.3 * generator.normal(size=(80, 2))
    rows = generator.integers(0, 80, 80)
    counts = np.bincount(rows, minlength=80).astype(float)
    got = metrics._number_figures(predicted, target)(counts)
    assert got["r2"] == pytest.approx(sk.r2_score(target[rows], predicted[rows]))
    assert got["mae"] == pytest.approx(sk.mean_absolute_error(target[rows], predicted[rows]))
    assert got["rmse"] == pytest.approx(
        np.sqrt(sk.mean_squared_error(target[rows], predicted[rows]))
    )


def test_an_interval_holds_its_figure_and_is_wider_with_fewer_samples() -> None:
    shares, target = draw(3, 1000)
    many = metrics.classification(shares, target)
    few = metrics.classification(shares[:100], target[:100])
    for name, figure in many.items():
        assert figure.low <= figure.value <= figure.high
        assert few[name].high - few[name].low > figure.high - figure.low


def test_one_class_has_no_area_and_one_sample_has_no_spread() -> None:
    shares, _ = draw(3, 5)
    figures = metrics.classification(shares[:1], np.zeros(1, np.int64))
    assert np.isnan(figures["auroc"].value)
    assert figures["accuracy"].low == figures["accuracy"].high == figures["accuracy"].value


def test_rows_of_the_confusion_matrix_are_the_truth() -> None:
    table = metrics.confusion(np.array([1, 1, 0]), np.array([0, 1, 0]), 2)
    assert table.tolist() == [[1, 1], [0, 1]]
