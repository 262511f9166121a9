"""Colours, answers and files of masks."""

import io

import numpy as np
import torch
from PIL import Image

from builder.data.painting import GROUND, answers, colours, mask_file, painted


def test_every_class_has_a_colour_of_its_own_and_the_background_is_dark():
    names = ["background", *(f"class {i}" for i in range(40))]
    found = colours(names)
    assert tuple(found[0]) == GROUND
    assert len({tuple(colour) for colour in found.tolist()}) == len(names)
    assert painted(np.array([[0, 1]]), names).tolist() == [found[:2].tolist()]


def test_answers_are_the_likeliest_class_of_each_pixel_with_shares():
    logits = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    (first, _) = answers(logits.numpy(), ["a", "b", "c"])
    mask = logits.argmax(1)[0]
    assert first["mask"] == mask.tolist()
    assert first["shares"]["a"] == float((mask == 0).double().mean())
    referee = logits.double().softmax(1).max(1).values[0].mean()
    assert abs(first["certainty"] - float(referee)) < 1e-12


def test_a_file_gives_back_the_codes_and_carries_the_colours():
    mask = np.array([[0, 1, 2], [2, 1, 0]])
    with Image.open(io.BytesIO(mask_file(mask, ["background", "a", "b"]))) as image:
        assert (image.mode, image.format) == ("P", "PNG")
        np.testing.assert_array_equal(np.asarray(image), mask)
        coloured = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(coloured, painted(mask, ["background", "a", "b"]))
