from typing import Any

import pytest
import torch

from builder.layers.base import TensorType
from builder.layers.catalogue import all_kinds, parse

IMAGE = TensorType((3, 4, 4), "float32", "image")
ACTIVATIONS = [kind for kind in all_kinds() if kind.family == "activation"]


@pytest.mark.parametrize(
    "kind", [one for one in ACTIVATIONS if one.kind != "glu"], ids=lambda kind: kind.kind
)
def test_an_activation_is_torchs_of_its_name_and_keeps_shape_and_role(kind: Any, run: Any) -> None:
    assert kind().call((IMAGE,)).constructor == f"nn.{kind.title}"
    assert kind().call((IMAGE,)).roles == ("image",)
    assert run.place(kind(), ((IMAGE,),))(torch.randn(2, 3, 4, 4)).shape == (2, 3, 4, 4)


def test_a_gated_half_is_all_that_is_left(run: Any) -> None:
    layer = parse("glu", {"axis": 0})
    assert layer.accepts((TensorType((3, 4, 4)),)) is not None
    given = ((TensorType((4, 3, 3), "float32", "image"),),)
    assert run.place(layer, given)(torch.randn(2, 4, 3, 3)).shape == (2, 2, 3, 3)


@pytest.mark.parametrize("axis", [-3, -1, 0, 2])
def test_softmax_adds_up_to_one_along_its_axis(axis: int, run: Any) -> None:
    shares = run.place(parse("softmax", {"axis": axis}), ((IMAGE,),))(torch.randn(2, 3, 4, 4))
    total = shares.sum(dim=1 + axis % 3)
    torch.testing.assert_close(total, torch.ones_like(total))


def test_a_slope_for_each_channel_needs_channels_first(run: Any) -> None:
    layer = parse("prelu", {"per_channel": True})
    assert layer.call((IMAGE,)).arguments == {"num_parameters": 3}
    wrong = layer.accepts((TensorType((9, 5), "float32", "sequence"),))
    assert wrong is not None and wrong.knob == "per_channel"
