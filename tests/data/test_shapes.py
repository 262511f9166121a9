"""The made set of shapes is the same everywhere, and no colour tells a class."""

import numpy as np

from builder.data import builtin
from builder.data.shapes import CLASSES, LARGEST, Draws
from builder.data.store import content_hash


def test_the_set_is_bit_for_bit_the_same_everywhere():
    raw = builtin.load("shapes-with-masks")
    arrays = [("image", raw.fields["image"]), ("target", raw.target)]
    assert content_hash(arrays, "").startswith("c046b1957fb7d166")


def test_masks_are_one_class_a_pixel_of_the_picture_and_every_class_occurs():
    raw = builtin.load("shapes-with-masks")
    images = raw.fields["image"]
    assert images.shape[:3] == raw.target.shape and images.dtype == raw.target.dtype == np.uint8
    assert raw.schema.target.classes == CLASSES
    assert np.unique(raw.target).tolist() == list(range(len(CLASSES)))
    shown = [(mask > 0).sum() for mask in raw.target]
    assert min(shown) > 20 and max(shown) < 3 * (2 * LARGEST + 1) ** 2


def test_within_a_class_the_colour_is_noise_around_one_colour_a_shape():
    raw = builtin.load("shapes-with-masks")
    ground = raw.fields["image"][0][raw.target[0] == 0].astype(float)
    assert (ground.std(axis=0) < 30).all()
    means = np.array(
        [
            i[m == 1].mean(axis=0)
            for i, m in zip(raw.fields["image"], raw.target, strict=True)
            if (m == 1).any()
        ]
    )
    assert (means.std(axis=0) > 40).all()


def test_bells_have_the_spread_they_are_scaled_by():
    drawn = Draws(3).bells(100_000)
    assert abs(drawn.mean()) < 3 and abs(drawn.std() - 209) < 3
