"""Strokes become pictures that look like the training pictures."""

import math

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from builder.ui.pad.component import MAX_STROKES, strokes_of
from builder.ui.pad.picture import Placement, picture_of, placement_of


def arc(
    cx: float, cy: float, rx: float, ry: float, start: float, end: float
) -> list[tuple[float, float]]:
    """Points of an ellipse, angles in turns clockwise from the right."""
    turns = np.linspace(start, end, 24)
    return [
        (cx + rx * math.cos(2 * math.pi * t), cy + ry * math.sin(2 * math.pi * t)) for t in turns
    ]


DRAWINGS = {
    0: [arc(0.5, 0.5, 0.2, 0.3, 0, 1)],
    1: [[(0.4, 0.3), (0.5, 0.2), (0.5, 0.8)]],
    2: [[*arc(0.5, 0.35, 0.18, 0.15, 0.5, 1.1), (0.32, 0.8), (0.7, 0.8)]],
    3: [[*arc(0.48, 0.35, 0.17, 0.15, 0.6, 1.25), *arc(0.48, 0.65, 0.19, 0.15, 0.75, 1.4)]],
    4: [[(0.5, 0.2), (0.3, 0.55), (0.7, 0.55)], [(0.58, 0.4), (0.52, 0.85)]],
    5: [[(0.68, 0.2), (0.38, 0.2), (0.36, 0.48), *arc(0.48, 0.63, 0.18, 0.17, 0.7, 1.4)]],
    6: [[(0.6, 0.2), (0.42, 0.4), *arc(0.5, 0.63, 0.15, 0.16, 0.5, 1.5)]],
    7: [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)], [(0.35, 0.5), (0.65, 0.5)]],
    8: [arc(0.5, 0.35, 0.14, 0.14, 0.25, 1.25), arc(0.5, 0.65, 0.17, 0.16, 0.75, 1.75)],
    9: [[*arc(0.48, 0.37, 0.15, 0.16, 0, 1), (0.62, 0.4), (0.58, 0.8)]],
}


@pytest.fixture(scope="module")
def digits() -> tuple[Placement, SVC]:
    images, labels = load_digits(return_X_y=True)
    raw = images.reshape(-1, 8, 8, 1).astype(np.uint8)
    return placement_of(raw, 16), SVC(gamma=0.001).fit(images, labels)


def test_the_digits_are_bright_ink_that_fills_the_height(digits: tuple[Placement, SVC]) -> None:
    place, _ = digits
    assert place.bright_ink
    assert place.tall == 1.0
    assert 0.2 < place.ink < 0.4


def test_drawn_digits_are_recognised_by_a_classifier_that_only_saw_real_ones(
    digits: tuple[Placement, SVC],
) -> None:
    place, referee = digits
    answers = {
        digit: int(referee.predict(picture_of(strokes, place).reshape(1, -1))[0])
        for digit, strokes in DRAWINGS.items()
    }
    right = [digit for digit, answer in answers.items() if digit == answer]
    assert len(right) >= 9, answers


def test_where_and_how_large_it_is_drawn_does_not_change_the_picture(
    digits: tuple[Placement, SVC],
) -> None:
    place, _ = digits
    for strokes in DRAWINGS.values():
        small = [[(0.1 + x / 3, 0.6 + y / 3) for x, y in stroke] for stroke in strokes]
        difference = picture_of(strokes, place).astype(int) - picture_of(small, place)
        assert np.abs(difference).max() <= 1


def test_dark_ink_on_a_bright_ground_is_drawn_dark() -> None:
    images = np.full((20, 12, 10, 3), 255, dtype=np.uint8)
    images[:, 3:9, 4:6] = 0
    place = placement_of(images, 255)
    picture = picture_of([[(0.5, 0.1), (0.5, 0.9)]], place)
    assert picture.shape == (12, 10, 3)
    assert picture[0, 0, 0] == 255
    assert picture[6, 5, 0] < 128


def test_nothing_drawn_is_an_empty_picture(digits: tuple[Placement, SVC]) -> None:
    assert not picture_of([], digits[0]).any()


def test_a_dot_is_a_picture(digits: tuple[Placement, SVC]) -> None:
    assert picture_of([[(0.5, 0.5)]], digits[0]).any()


@pytest.mark.parametrize(
    "sent",
    [
        None,
        7,
        {"strokes": "x"},
        {"strokes": [["a", 1]]},
        {"strokes": [[0.1]]},
        {"strokes": [[float("nan"), 0.1]]},
        {"strokes": [[True, False]]},
        {"strokes": [[1e9, 0.0]]},
    ],
)
def test_what_is_not_a_stroke_is_left_out(sent: object) -> None:
    assert strokes_of(sent) == []


def test_strokes_are_pairs_of_places_and_bounded_in_number() -> None:
    assert strokes_of({"strokes": [[0.1, 0.2, 0.3, 0.4]]}) == [[(0.1, 0.2), (0.3, 0.4)]]
    assert len(strokes_of({"strokes": [[0.1, 0.2]] * 999})) == MAX_STROKES
