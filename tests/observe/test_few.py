"""The few samples on Train: answers and certainties as softmax and truth have them."""

import numpy as np
import pytest
import torch

from builder.observe.few import Counted, counted, counted_chart, named, named_chart
from builder.ui.screens.run_watch import palette

LOGITS = np.array([[2.0, 0.5, -1.0], [0.0, 3.0, 1.0]], dtype=np.float32)


def test_certainties_are_those_of_softmax() -> None:
    few = named(LOGITS, ["a", "c"], ["a", "b", "c"])
    expected = torch.from_numpy(LOGITS).softmax(1).max(1)
    assert [one.answer for one in few] == [["a", "b", "c"][i] for i in expected.indices]
    assert [one.certainty for one in few] == pytest.approx(expected.values.tolist())
    assert [one.is_right for one in few] == [True, False]


def test_wrong_answers_are_told_in_words_not_by_colour_alone() -> None:
    chart = named_chart(named(LOGITS, ["a", "c"], ["a", "b", "c"]), palette("light"))
    right, wrong = chart.traces[0]["text"]
    assert "✓ a" in right
    assert "wrong: b" in wrong
    assert chart.alt == "1 of these 2 samples are answered rightly."


def test_every_picture_stands_at_its_row() -> None:
    chart = named_chart(
        named(LOGITS, ["a", "c"], ["a", "b", "c"]), palette("light"), pictures=["p0", "p1"]
    )
    placed = [(image["source"], image["y"]) for image in chart.layout["images"]]
    assert placed == [("p0", 0), ("p1", 1)]


def test_numbers_stand_beside_their_truth() -> None:
    few = counted(np.array([[1.5], [4.0]]), [2.0, 4.0])
    assert few == (Counted(2.0, 1.5), Counted(4.0, 4.0))
    chart = counted_chart(few, palette("light"), unit="mg")
    assert chart.alt == "On these 2 samples the answer is off by 0.25 on average."
    assert chart.layout["xaxis"]["title"]["text"] == "mg"
