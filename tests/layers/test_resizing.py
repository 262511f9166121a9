from typing import Any

import torch

from builder.layers.base import TensorType
from builder.layers.catalogue import parse

IMAGE = TensorType((3, 4, 6), "float32", "image")


def test_pixel_shuffle_needs_channels_that_the_square_divides() -> None:
    layer = parse("pixel_shuffle", {})
    assert layer.accepts((TensorType((8, 2, 2), "float32", "image"),)) is None
    wrong = layer.accepts((TensorType((6, 2, 2), "float32", "image"),))
    assert wrong is not None and wrong.needs == "channels that 4 divides, not 6"


def test_a_frame_is_high_and_wide_as_asked(run: Any) -> None:
    made = run.place(parse("zero_pad2d", {"padding": (1, 2)}), ((IMAGE,),))(torch.ones(2, 3, 4, 6))
    assert made.shape == (2, 3, 6, 10)
    assert made.sum() == 2 * 3 * 4 * 6


def test_patches_are_the_squares_of_the_image(run: Any) -> None:
    placed = run.place(parse("patches", {"patch_size": 2}), ((IMAGE,),))
    x = torch.randn(2, 3, 4, 6)
    steps = placed(x)
    assert steps.shape == (2, 6, 12)
    torch.testing.assert_close(steps[:, 1], x[:, :, 0:2, 2:4].flatten(1))


def test_patches_that_do_not_divide_the_image_are_refused() -> None:
    wrong = parse("patches", {"patch_size": 4}).accepts((IMAGE,))
    assert wrong is not None and wrong.knob == "patch_size"
    assert wrong.needs == "pixels that 4 divides, not 6"
