"""The plain sentence about how learning goes."""

import numpy as np
import pytest

from builder.observe.health import health

FALLING = np.linspace(2.3, 0.3, 100)


@pytest.mark.parametrize(
    ("loss", "validation", "train", "mood", "words"),
    [
        ([], [], [], "waiting", "on its way"),
        ([2.3], [], [], "waiting", "first steps"),
        (FALLING, [], [], "good", "fell from"),
        (FALLING[::-1], [], [], "warning", "rising"),
        (FALLING, [1.0, 0.8, 0.6], [1.0, 0.8, 0.6], "good", "still falling"),
        (FALLING, [1.0, 0.5, 0.6, 0.7, 0.8], [1.0, 0.8, 0.6, 0.4, 0.2], "warning", "Memorising"),
        (FALLING, [0.5, 0.6, 0.6, 0.6, 0.6, 0.6], [0.5] * 6, "waiting", "Levelled off"),
        (FALLING[::-1], [1.0, 2.0], [1.0, 2.0], "warning", "Not learning"),
        ([2.3, np.nan], [], [], "error", "not a number since step 2"),
    ],
)
def test_the_sentence_fits_what_the_losses_do(make, loss, validation, train, mood, words) -> None:
    found = health(make(loss, validation, train))
    assert found.mood == mood
    assert words in found.sentence


@pytest.mark.parametrize(
    ("values", "mood", "words"),
    [
        ([9.0], "waiting", "after each epoch"),
        ([9.0, 4.0, 5.0], "good", "fell from 9 to 4"),
        ([9.0, 4.0, *[5.0] * 30], "waiting", "no further for 30 epochs"),
    ],
)
def test_a_duel_is_told_by_its_figure_whatever_the_losses_do(make, values, mood, words) -> None:
    metrics = make(FALLING[::-1], values, values)
    found = health(metrics, figure="loss", title="distance")
    assert found.mood == mood
    assert words in found.sentence
