"""The built-in sets are what their makers published."""

import numpy as np
import pytest
from sklearn import datasets

from builder.data import builtin
from builder.errors import DataError


@pytest.mark.parametrize(
    ("name", "loader"),
    [
        ("iris", datasets.load_iris),
        ("wine", datasets.load_wine),
        ("breast-cancer", datasets.load_breast_cancer),
        ("diabetes", lambda: datasets.load_diabetes(scaled=False)),
    ],
)
def test_tables_equal_those_of_scikit_learn(name, loader):
    referee, raw = loader(), builtin.load(name)
    np.testing.assert_array_equal(raw.fields["numbers"], referee.data)
    np.testing.assert_array_equal(np.asarray(raw.target).ravel(), referee.target)
    assert [column.name for column in raw.schema.columns] == list(referee.feature_names)


def test_digits_equal_those_of_scikit_learn():
    referee, raw = datasets.load_digits(), builtin.load("digits")
    np.testing.assert_array_equal(raw.fields["image"][..., 0], referee.images)
    np.testing.assert_array_equal(raw.target, referee.target)
    assert raw.schema.maximum == 16 == raw.fields["image"].max()


def test_the_fashion_subset_is_balanced_and_keeps_test_images_last():
    raw = builtin.load("fashion-mnist-10k")
    assert raw.class_counts() == (1000,) * 10
    assert np.bincount(raw.target[-1500:]).tolist() == [150] * 10
    assert raw.schema.official_test == 1500


@pytest.mark.skipif(
    not builtin.find("fashion-mnist").available, reason="dataset-fashion-mnist is not installed"
)
def test_the_subset_comes_from_the_right_files_of_the_full_set():
    full, part = builtin.load("fashion-mnist"), builtin.load("fashion-mnist-10k")
    rows = {
        image.tobytes(): label
        for image, label in zip(full.fields["image"][:60_000], full.target, strict=False)
    }
    assert all(
        rows[image.tobytes()] == label
        for image, label in zip(part.fields["image"][:500], part.target, strict=False)
    )
    test = {image.tobytes() for image in full.fields["image"][60_000:]}
    assert all(image.tobytes() in test for image in part.fields["image"][-300:])


def test_every_set_says_where_it_comes_from_and_under_which_licence():
    for about in builtin.sets():
        assert about.licence and about.origin and about.summary and about.title
        if about.available:
            assert len(builtin.load(about.name)) == about.samples
            assert bool(builtin.load(about.name).classes) == (about.task == "classification")


def test_an_unknown_set_lists_the_known_ones():
    with pytest.raises(
        DataError, match="Known are: austen-passages, breast-cancer, co2, dates, diabetes"
    ):
        builtin.load("mnist")


def test_a_set_that_is_not_here_says_what_to_do(monkeypatch):
    monkeypatch.setattr("builder.data.fashion.folder", lambda: None)
    assert not builtin.find("fashion-mnist").available
    with pytest.raises(DataError, match=r"Download it .* or use the 10,000 images"):
        builtin.load("fashion-mnist")
