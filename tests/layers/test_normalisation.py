from typing import Any

import pytest
import torch

from builder.layers.base import TensorType
from builder.layers.catalogue import parse

IMAGE = TensorType((8, 6, 6), "float32", "image")
SEQUENCE = TensorType((6, 8), "float32", "sequence")
CHANNELS_BY_STEPS = TensorType((8, 6))


def normalised(kind: str, given: TensorType, run: Any, **knobs: Any) -> torch.Tensor:
    placed = run.place(parse(kind, knobs), ((given,),))
    result: torch.Tensor = placed(torch.randn(16, *given.shape) * 3 + 5)
    return result.detach()


@pytest.mark.parametrize(
    ("given", "over"),
    [
        (TensorType((8,), "float32", "features"), (0,)),
        (SEQUENCE, (0, 1)),
        (CHANNELS_BY_STEPS, (0, 2)),
    ],
)
def test_batch_norm1d_normalises_each_feature_in_either_layout(
    given: TensorType, over: tuple[int, ...], run: Any
) -> None:
    result = normalised("batch_norm1d", given, run)
    means = result.mean(dim=over)
    assert means.shape == (8,)
    torch.testing.assert_close(means, torch.zeros(8), atol=1e-5, rtol=0)
    torch.testing.assert_close(result.var(dim=over, correction=0), torch.ones(8), atol=1e-3, rtol=0)


@pytest.mark.parametrize("kind", ["layer_norm", "rms_norm"])
@pytest.mark.parametrize(
    ("given", "over", "axes"),
    [
        (SEQUENCE, "features", (2,)),
        (SEQUENCE, "all", (1, 2)),
        (IMAGE, "features", (1,)),
        (IMAGE, "all", (1, 2, 3)),
    ],
)
def test_layer_norm_normalises_features_wherever_they_are(
    kind: str, given: TensorType, over: str, axes: tuple[int, ...], run: Any
) -> None:
    result = normalised(kind, given, run, over=over)
    power = (result**2).mean(dim=axes)
    torch.testing.assert_close(power, torch.ones_like(power), atol=1e-3, rtol=0)
    if kind == "layer_norm":
        means = result.mean(dim=axes)
        torch.testing.assert_close(means, torch.zeros_like(means), atol=1e-5, rtol=0)


def test_groups_that_do_not_divide_are_named_with_those_that_do() -> None:
    wrong = parse("group_norm", {"num_groups": 8}).accepts((TensorType((12, 4, 4)),))
    assert wrong is not None and wrong.knob == "num_groups"
    assert wrong.needs == "channels that 8 divides, not 12"
    assert wrong.advice == "Set groups to 4, 6 or 12."


def test_wrong_ranks_name_the_sibling() -> None:
    wrong = parse("batch_norm1d", {}).accepts((IMAGE,))
    assert wrong is not None and wrong.advice == "Use BatchNorm2d."
    wrong = parse("batch_norm2d", {}).accepts((TensorType((8,)),))
    assert wrong is not None and wrong.advice == "Put it before Flatten, or use BatchNorm1d."
    wrong = parse("group_norm", {}).accepts((SEQUENCE,))
    assert wrong is not None and wrong.advice == "Use LayerNorm for a sequence."


def test_one_pixel_a_channel_cannot_be_normalised_by_itself() -> None:
    wrong = parse("instance_norm2d", {}).accepts((TensorType((8, 1, 1), "float32", "image"),))
    assert wrong is not None and wrong.needs == "more than one value a channel"


def test_dropout_says_its_share() -> None:
    assert parse("dropout", {"p": 0.25}).brief() == "25%"
