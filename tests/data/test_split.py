"""Splits share out every sample once, keep proportions, and tell every fall-back."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.data.builtin import load
from builder.data.raw import Raw, RawSchema
from builder.data.split import split
from builder.errors import DataError
from builder.spec.data import SplitSpec, TargetSchema


def labelled(codes, official=0):
    codes = np.asarray(codes, np.int64)
    names = tuple(f"c{i}" for i in range(codes.max(initial=0) + 1))
    target = TargetSchema(kind="classes", classes=names)
    schema = RawSchema(
        name="x", kind="table", samples=len(codes), target=target, official_test=official
    )
    return Raw({"numbers": np.zeros((len(codes), 1))}, codes, schema)


@given(
    st.lists(st.integers(0, 5), min_size=10, max_size=200),
    st.floats(0, 0.4),
    st.floats(0, 0.4),
    st.sampled_from(["stratified", "random", "in order"]),
)
def test_every_sample_is_in_exactly_one_part(codes, validation, test, how):
    parts = split(labelled(codes), SplitSpec(validation=validation, test=test, how=how))
    together = np.concatenate(parts[:3])
    assert sorted(together.tolist()) == list(range(len(codes)))


def test_stratified_parts_keep_the_proportions_of_the_classes():
    codes = np.repeat([0, 1, 2], [600, 300, 100])
    parts = split(labelled(codes), SplitSpec())
    for part, share in zip(parts[:3], (0.65, 0.15, 0.2), strict=True):
        np.testing.assert_allclose(
            np.bincount(codes[part]), np.array([600, 300, 100]) * share, atol=1
        )


def test_the_same_seed_gives_the_same_split_and_another_seed_another_one():
    raw = load("digits")
    first, again, other = (split(raw, SplitSpec(seed=seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first[:3], again[:3], strict=True))
    assert not np.array_equal(first.train, other.train)


def test_a_class_too_small_to_share_out_trains_only_and_is_told():
    codes = [0] * 50 + [1] * 50 + [2]
    parts = split(labelled(codes), SplitSpec())
    assert 100 in parts.train
    assert any("c2" in note and "training only" in note for note in parts.notes)


def test_in_order_keeps_time_and_random_does_not():
    parts = split(labelled([0, 1] * 50), SplitSpec(how="in order"))
    assert parts.train.max() < parts.validation.min() and parts.validation.max() < parts.test.min()
    assert split(labelled([0, 1] * 50), SplitSpec(how="random")).train.max() > 90


def test_a_published_test_split_is_kept_and_told():
    parts = split(labelled([0, 1] * 50, official=20), SplitSpec())
    assert parts.test.tolist() == list(range(80, 100)) and "published" in parts.notes[0]


def test_shares_that_leave_nothing_for_training_are_refused():
    with pytest.raises(DataError, match="smaller"):
        split(labelled([0, 1] * 5), SplitSpec(validation=0.5, test=0.9))
    with pytest.raises(DataError, match="Nothing is left for training"):
        split(labelled([0, 1] * 5), SplitSpec(validation=0.5, test=0.5, how="random"))


def test_a_split_too_small_for_a_sample_is_told():
    parts = split(labelled([0, 1]), SplitSpec(validation=0.15, test=0.2))
    assert len(parts.validation) == 0 and any(
        "too few for a validation split" in note for note in parts.notes
    )


def test_numbers_are_split_at_random():
    raw = load("diabetes")
    assert sum(map(len, split(raw, SplitSpec())[:3])) == 442
    assert len(split(replace(raw, target=None), SplitSpec()).test) == 88
