"""Data with masks say so everywhere, and are prepared as a class number for each pixel."""

import numpy as np
import pytest
import torch

from builder.data import builtin, describe, prepare
from builder.data.batches import batches, tensors
from builder.data.masks import pixel_counts, shown_classes
from builder.data.profile import profile
from builder.data.split import split
from builder.data.store import open_raw
from builder.errors import DataError


@pytest.fixture(scope="module")
def spec():
    return describe.describe(builtin.spec_of("shapes-with-masks").model_copy(update={"limit": 60}))


def test_the_snapshot_has_a_class_for_each_pixel_and_none_for_samples(spec):
    target = spec.snapshot.target
    assert (target.kind, target.classes[0], target.labels) == ("mask", "background", ())
    assert spec.snapshot.class_counts == ()
    assert spec.snapshot.fields[0].shape == (3, 32, 32)


def test_prepared_masks_are_whole_numbers_at_each_pixel_and_are_batched_with_their_pictures(spec):
    raw = open_raw(spec)
    parts = split(raw, spec.split)
    preparation = prepare.fit(spec, raw, parts.train)
    samples = tensors(preparation, raw, parts.train)
    assert samples.target.dtype == torch.int64
    assert samples.target.shape == (len(parts.train), 32, 32)
    first = next(batches(samples, 8, 0, 0))
    assert first.target.shape == (8, 32, 32) and first.inputs["image"].shape == (8, 3, 32, 32)
    place = int(samples.places(0, 0)[0])
    np.testing.assert_array_equal(first.target[0].numpy(), raw.target[parts.train[place]])


def test_words_facts_and_samples_speak_of_pixels(spec):
    assert "4 classes of pixels, background" in describe.verdict(spec)
    facts = {fact.name: fact.value for fact in describe.facts(spec)}
    assert (facts["task"], facts["output width"]) == ("segmentation", "4 × 32 × 32")
    one = describe.samples(spec, 3)[0]
    assert one.mask.shape == one.image.shape[:2] == (32, 32)
    assert set(one.answer.split(", ")) <= {"disc", "square", "triangle"}
    with pytest.raises(DataError, match="no class 'disc'"):
        describe.samples(spec, 3, class_name="disc")


def test_pixels_are_counted_as_numpy_counts_them(spec):
    raw = open_raw(spec)
    found = dict(profile(raw, split(raw, spec.split)).pixel_counts)
    referee = np.bincount(raw.target.ravel(), minlength=4)
    assert list(found.values()) == referee.tolist()
    assert pixel_counts(builtin.load("digits")) == ()


def test_the_largest_class_is_named_first_and_the_background_only_alone():
    names = ("background", "disc", "square")
    assert shown_classes(np.array([[0, 1], [2, 2]]), names) == "square, disc"
    assert shown_classes(np.zeros((2, 2), np.uint8), names) == "background"
