"""What each kind would make of what flows here agrees with torch and with what the kinds say themselves."""

import torch

from builder.layers import catalogue
from builder.layers.base import TensorType
from builder.network.offers import offers


def test_an_offer_is_the_shape_and_the_size_that_torch_gives():
    made = offers(TensorType((3, 14, 14), "float32", "image"))
    layer = catalogue.find("conv2d")()
    torch_layer = torch.nn.Conv2d(3, layer.out_channels, layer.kernel_size, padding="same")
    assert made["conv2d"].shape == tuple(torch_layer(torch.zeros(1, 3, 14, 14)).shape[1:])
    assert made["conv2d"].parameters == sum(p.numel() for p in torch_layer.parameters())
    assert made["flatten"].shape == (3 * 14 * 14,)


def test_kinds_that_do_not_take_it_are_left_out():
    made = offers(TensorType((128,), "float32", "features"))
    assert "conv2d" not in made
    assert made["linear"].parameters == 128 * made["linear"].shape[0] + made["linear"].shape[0]
    assert "output" not in made
