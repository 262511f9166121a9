"""What the network says, in shares that add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from builder.observe.answers import (
    answer_chart,
    answer_from_logits,
    answer_from_shares,
    percentages,
)


def test_shares_are_scipys_softmax_in_order() -> None:
    logits = np.array([1.0, 5.0, 3.0])
    answer = answer_from_logits(logits, ["a", "b", "c"])
    assert answer.names == ("b", "c", "a")
    assert answer.shares == pytest.approx(sorted(softmax(logits), reverse=True))


def test_one_logit_for_two_classes_is_a_sigmoid() -> None:
    answer = answer_from_logits(np.array([2.0]), ["no", "yes"])
    assert answer.name == "yes"
    assert answer.certainty == pytest.approx(1 / (1 + np.exp(-2)))


def test_huge_logits_do_not_overflow() -> None:
    assert answer_from_logits(np.array([1e30, -1e30]), ["a", "b"]).certainty == 1.0


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=12))
def test_all_shares_add_up_to_a_hundred_percent(parts: list[float]) -> None:
    total = sum(parts)
    shown = percentages([part / total for part in parts])
    assert round(sum(shown), 6) == 100.0
    assert all(abs(s - 100 * p / total) <= 0.1 + 1e-9 for s, p in zip(shown, parts, strict=True))


def test_at_most_five_are_shown_the_surest_first(palette) -> None:
    answer = answer_from_shares({str(i): i / 45 for i in range(10)})
    assert answer.names == ("9", "8", "7", "6", "5")
    chart = answer_chart(answer, palette, truth="3")
    assert len(chart.traces[0]["x"]) == 5
    assert chart.alt == "The answer is 9, 20.0 % sure. The truth is 3."
