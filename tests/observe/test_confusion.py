"""The confusion matrix and its message."""

import numpy as np

from builder.observe.confusion import confusion_chart, confusion_of


def test_the_worst_confusions_are_found_in_order() -> None:
    found = confusion_of(["a", "b", "c"], [[5, 1, 0], [4, 6, 0], [0, 2, 7]])
    assert found.worst(2) == [("b", "a", 4), ("c", "b", 2)]
    assert found.right == 18


def test_the_message_names_the_most_frequent_confusion(palette) -> None:
    chart = confusion_chart(confusion_of(["4", "9"], [[8, 1], [3, 8]]), palette)
    assert chart.alt == "16 of 20 right; most often 9 is taken for 4 (3 times)."


def test_no_mistake_is_said_plainly(palette) -> None:
    chart = confusion_chart(confusion_of(["a", "b"], [[3, 0], [0, 4]]), palette)
    assert chart.alt == "All 7 samples are answered rightly."


def test_colour_is_the_share_of_the_true_class_and_an_empty_class_is_zero(palette) -> None:
    chart = confusion_chart(confusion_of(["a", "b"], [[3, 1], [0, 0]]), palette)
    assert np.allclose(chart.traces[0]["z"], [[0.75, 0.25], [0, 0]])


def test_counts_are_written_up_to_twenty_classes_only(palette) -> None:
    small = confusion_chart(
        confusion_of([str(i) for i in range(20)], np.eye(20, dtype=int).tolist()), palette
    )
    large = confusion_chart(
        confusion_of([str(i) for i in range(21)], np.eye(21, dtype=int).tolist()), palette
    )
    assert "text" in small.traces[0]
    assert "text" not in large.traces[0]
