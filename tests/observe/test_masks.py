"""Masks over their pictures: the background is left as it is, classes have their colour, the legend names them."""

import numpy as np
import pytest

from builder.data.painting import colours, painted
from builder.observe.masks import COVER, MOST_NAMED, answer_mask_chart, masks_chart, overlaid

NAMES = ("background", "disc", "square")
MASK = np.array([[0, 1], [2, 0]])


def test_the_background_shows_the_picture_and_a_class_its_colour_over_grey():
    picture = np.random.default_rng(0).random((2, 2, 3))
    over = overlaid(picture, MASK, NAMES)
    np.testing.assert_allclose(over[0, 0], picture[0, 0], rtol=1e-6)
    wanted = COVER * colours(NAMES)[1] / 255 + (1 - COVER) * picture[0, 1].mean()
    np.testing.assert_allclose(over[0, 1], wanted, rtol=1e-6)


def test_grey_pictures_get_colours_too():
    over = overlaid(np.full((4, 2, 2, 1), 0.5), np.stack([MASK] * 4), NAMES)
    assert over.shape == (4, 2, 2, 3) and over.max() <= 1


def test_pictures_stand_above_the_truth_and_the_answer(palette):
    pictures = np.random.default_rng(0).random((4, 2, 2, 3)).astype(np.float32)
    truths, answers = np.stack([MASK] * 4), np.zeros((4, 2, 2), np.int64)
    chart = masks_chart(pictures, truths, answers, NAMES, palette, scores=[0.1, 0.2, 0.3, 1])
    assert chart.layout["yaxis"]["ticktext"] == ["picture ", "truth ", "answer "]
    assert len(chart.layout["images"]) == 12
    assert chart.layout["xaxis"]["ticktext"] == ["10 %", "20 %", "30 %", "100 %"]
    assert "50.0 % of their pixels are right" in chart.alt
    named = {trace["name"]: trace["marker"]["color"] for trace in chart.traces if "name" in trace}
    assert list(named) == list(NAMES)
    red, green, blue = colours(NAMES)[1]
    assert named["disc"] == f"#{red:02x}{green:02x}{blue:02x}"
    assert chart.table["truth: disc, pixels"] == [1] * 4
    assert chart.table["answer: background, pixels"] == [4] * 4


def test_without_a_truth_only_answers_are_drawn(palette):
    pictures = np.zeros((2, 2, 2, 1), np.float32)
    chart = masks_chart(pictures, None, np.zeros((2, 2, 2), np.int64), NAMES, palette)
    assert chart.layout["yaxis"]["ticktext"] == ["picture ", "answer "]
    assert not chart.layout["xaxis"]["visible"]


def test_one_answer_stands_over_its_picture_and_alone(palette):
    chart = answer_mask_chart(np.zeros((2, 2, 1)), MASK, NAMES, palette)
    assert len(chart.layout["images"]) == 3
    assert chart.table["answer: square, pixels"] == [1]


@pytest.mark.parametrize("classes", [1, 40])
def test_any_number_of_classes_is_drawn_and_only_some_are_named(palette, classes):
    names = [f"class {i}" for i in range(classes)]
    mask = np.full((1, 2, 2), classes - 1)
    chart = masks_chart(np.zeros((1, 2, 2, 3)), mask, mask, names, palette)
    assert sum("name" in trace for trace in chart.traces) == min(classes, MOST_NAMED)
    assert painted(mask, names).shape == (1, 2, 2, 3)
