"""The gallery: which templates are found."""

import pytest

from builder.projects.gallery import Wanted, found
from builder.projects.templates import templates


def ids(wanted):
    return [one.id for one in found(templates(), wanted)]


def test_nothing_wanted_finds_every_template_in_its_order():
    assert ids(Wanted()) == [one.id for one in templates()]


def test_every_wish_counts():
    for one in found(templates(), Wanted(task="regression", most_minutes=0.5)):
        assert one.recipe == "regression" and one.minutes <= 0.5
    assert {one.dataset for one in found(templates(), Wanted(dataset="digits"))} == {"digits"}
    assert ids(Wanted(task="regression", dataset="digits")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("lstm", "lstm-digits"), ("HANDWRITTEN", "mlp-digits"), ("dropout", "cnn-digits")],
)
def test_words_are_looked_for_in_titles_and_in_the_layers_themselves(text, expected):
    assert expected in ids(Wanted(text=text))


def test_all_words_must_be_found_and_titles_come_first():
    assert ids(Wanted(text="digits zebra")) == []
    first = found(templates(), Wanted(text="digits"))[0]
    assert "digits" in first.title.casefold()
