from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from builder.layers.base import TensorType
from builder.layers.catalogue import parse

IMAGE = TensorType((6, 9, 7), "float32", "image")
small = st.integers(1, 6)
padding = st.integers(0, 6)


@pytest.mark.parametrize(
    ("given_type", "advice"),
    [
        (TensorType((16,), "float32", "features"), "Put it before Flatten, or use Linear."),
        (
            TensorType((8, 8), "float32", "sequence"),
            "Put Reshape before it to add the channels, or use Conv1d.",
        ),
        (TensorType((2, 3, 4, 5)), "Put Reshape before it."),
        (TensorType((8,), "int64", "tokens"), "Put Embedding before it."),
    ],
)
def test_what_is_not_an_image_is_refused_with_what_to_do(
    given_type: TensorType, advice: str
) -> None:
    wrong = parse("conv2d", {}).accepts((given_type,))
    assert wrong is not None and wrong.advice == advice
    assert wrong.needs in ("channels × height × width", "decimal numbers (float32)")


def test_a_sequence_is_the_wrong_way_round_for_conv1d() -> None:
    layer = parse("conv1d", {})
    wrong = layer.accepts((TensorType((20, 4), "float32", "sequence"),))
    assert wrong is not None and wrong.advice == "Put Permute before it to swap the two."
    assert layer.accepts((TensorType((4, 20)),)) is None


def test_a_kernel_larger_than_the_padded_input_is_named_with_the_largest_that_fits() -> None:
    wrong = parse("conv2d", {"kernel_size": (3, 10)}).accepts((IMAGE,))
    assert wrong is not None and wrong.knob == "kernel_size"
    assert "7 with its padding of 1 is too small for kernel size 10" in wrong.needs
    assert "Set kernel size to 9 or less" in wrong.advice
    assert parse("conv2d", {"kernel_size": (3, 9)}).accepts((IMAGE,)) is None


def test_groups_must_divide_channels_and_filters() -> None:
    channels = parse("conv2d", {"groups": 4}).accepts((IMAGE,))
    assert channels is not None and channels.needs == "channels that 4 divides, not 6"
    assert channels.advice == "Set groups to 2, 3 or 6."
    filters = parse("conv2d", {"groups": 3, "out_channels": 32}).accepts((IMAGE,))
    assert filters is not None and filters.needs == "filters that 3 divides, not 32"


def test_depthwise_is_a_convolution_with_a_group_for_each_channel() -> None:
    call = parse("depthwise_conv2d", {"multiplier": 2}).call((IMAGE,))
    assert call.arguments["groups"] == call.arguments["in_channels"] == 6
    assert call.arguments["out_channels"] == 12


def _torch_says(make: Any, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape torch gives, None if it refuses; for real, because tensors without memory are refused less."""
    try:
        return tuple(make()(torch.zeros(2, *shape)).shape[1:])
    except (RuntimeError, ValueError):
        return None


@settings(max_examples=150, deadline=None)
@given(small, small, padding, small, st.integers(1, 12), st.integers(1, 12))
def test_conv2d_refuses_exactly_what_torch_refuses(
    kernel: int, stride: int, pad: int, dilation: int, high: int, wide: int
) -> None:
    knobs = {"kernel_size": kernel, "stride": stride, "padding": pad, "dilation": dilation}
    wrong = parse("conv2d", knobs).accepts((TensorType((2, high, wide), "float32", "image"),))
    shape = _torch_says(lambda: nn.Conv2d(2, 3, **knobs), (2, high, wide))
    assert (wrong is None) == (shape is not None and 0 not in shape)


@settings(max_examples=150, deadline=None)
@given(small, small, padding, st.integers(0, 6), small, st.integers(1, 6))
def test_conv_transpose1d_refuses_exactly_what_torch_refuses(
    kernel: int, stride: int, pad: int, extra: int, dilation: int, steps: int
) -> None:
    knobs = {
        "kernel_size": kernel,
        "stride": stride,
        "padding": pad,
        "output_padding": extra,
        "dilation": dilation,
    }
    wrong = parse("conv_transpose1d", knobs).accepts((TensorType((2, steps)),))
    shape = _torch_says(lambda: nn.ConvTranspose1d(2, 3, **knobs), (2, steps))
    assert (wrong is None) == (shape is not None and 0 not in shape)


@settings(max_examples=150, deadline=None)
@given(small, small, padding, st.integers(1, 12), st.sampled_from(["max", "avg"]))
def test_pools_refuse_exactly_what_torch_refuses(
    kernel: int, stride: int, pad: int, steps: int, how: str
) -> None:
    knobs = {"kernel_size": kernel, "stride": stride, "padding": pad}
    wrong = parse(f"{how}_pool1d", knobs).accepts((TensorType((2, steps)),))
    make = nn.MaxPool1d if how == "max" else nn.AvgPool1d
    shape = _torch_says(lambda: make(**knobs), (2, steps))
    assert (wrong is None) == (shape is not None and 0 not in shape)


def test_the_words_on_the_canvas() -> None:
    assert parse("conv2d", {}).brief() == "32 filters · 3×3"
    assert parse("conv2d", {"kernel_size": (3, 5)}).brief() == "32 filters · 3×5"
    assert parse("max_pool2d", {}).brief() == "2×2 · stride 2"
