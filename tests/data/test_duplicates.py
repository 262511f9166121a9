"""Identical samples across a split are counted (fact 68)."""

import numpy as np

from builder.data import duplicates
from builder.data.builtin import load
from builder.data.split import Split


def parts(train, validation, test):
    return Split(*(np.array(part, np.int64) for part in (train, validation, test)))


def test_copies_across_the_split_are_counted(mixed):
    mixed.fields["numbers"][200:210] = mixed.fields["numbers"][:10]
    mixed.fields["categories"][200:210] = mixed.fields["categories"][:10]
    found = duplicates.find(mixed, parts(range(200), range(200, 205), range(205, 300)))
    assert found.repeated == 10 == found.leaking and "10 samples" in found.words


def test_rows_that_differ_in_one_value_are_no_copies(mixed):
    mixed.fields["numbers"][200] = mixed.fields["numbers"][1]
    mixed.fields["categories"][200] = mixed.fields["categories"][1]
    mixed.fields["numbers"][200, 0] = np.nextafter(mixed.fields["numbers"][200, 0], 10)
    assert duplicates.find(mixed, parts(range(200), [], range(200, 300))).repeated == 0


def test_fingerprints_agree_with_comparing_every_byte():
    raw = load("digits")
    referee = len({image.tobytes() for image in raw.fields["image"]})
    assert len(np.unique(duplicates.fingerprints(raw))) == referee
    iris = load("iris")
    assert duplicates.find(iris, parts(range(150), [], [])).repeated == 150 - len(
        np.unique(iris.fields["numbers"], axis=0)
    )


def test_identical_rows_with_other_answers_are_counted(mixed):
    mixed.fields["numbers"][1], mixed.fields["categories"][1] = (
        mixed.fields["numbers"][0],
        mixed.fields["categories"][0],
    )
    mixed.target[:2] = 0, 1
    assert duplicates.find(mixed, parts(range(300), [], [])).contradicting == 2
