from math import prod
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.layers.base import LayerType, TensorType
from builder.layers.catalogue import all_kinds, find, parse
from builder.network import shapes

IMAGE = TensorType((3, 4, 4), "float32", "image")
FLAT = TensorType((784,), "float32", "features")
SEQUENCE = TensorType((9, 5), "float32", "sequence")
TOKENS = TensorType((7,), "int64", "tokens")
CHANNELS_BY_STEPS = TensorType((5, 9))


def bridges(given_type: TensorType, consumer: LayerType) -> dict[str, dict[str, Any]]:
    """Every kind that offers to mend this, and with which settings."""
    offers = {kind.kind: kind.adapt(given_type, consumer) for kind in all_kinds()}
    return {kind: knobs for kind, knobs in offers.items() if knobs is not None}


@pytest.mark.parametrize(
    ("given_type", "consumer", "kind", "knobs"),
    [
        (SEQUENCE, "conv1d", "permute", {"order": (1, 0)}),
        (FLAT, "conv2d", "reshape", {"shape": (1, 28, 28)}),
        (TensorType((3072,)), "conv2d", "reshape", {"shape": (3, 32, 32)}),
        (SEQUENCE, "conv2d", "reshape", {"shape": (1, 9, 5)}),
        (TensorType((1, 8, 8), "float32", "image"), "lstm", "reshape", {"shape": (8, 8)}),
        (TensorType((11,)), "lstm", "reshape", {"shape": (11, 1)}),
        (IMAGE, "batch_norm1d", "flatten", {}),
        (IMAGE, "batch_norm1d", "global_avg_pool", {}),
        (TOKENS, "lstm", "embedding", {}),
        (SEQUENCE, "linear", "pool_steps", {}),
        (SEQUENCE, "linear", "last_step", {}),
    ],
)
def test_a_mismatch_is_bridged(
    given_type: TensorType, consumer: str, kind: str, knobs: dict[str, Any]
) -> None:
    assert bridges(given_type, parse(consumer, {}))[kind] == knobs


@pytest.mark.parametrize("consumer", [kind for kind in all_kinds() if len(kind.inputs) > 0])
@pytest.mark.parametrize("given_type", [IMAGE, FLAT, SEQUENCE, TOKENS, CHANNELS_BY_STEPS])
def test_every_bridge_holds(given_type: TensorType, consumer: type[LayerType]) -> None:
    for kind, knobs in bridges(given_type, consumer()).items():
        layer = parse(kind, knobs)
        free = ((),) * (len(layer.inputs) - 1)
        assert layer.accepts((given_type,), *free) is None
        (made,) = shapes.infer(layer, ((given_type,), *free))
        assert consumer().suits(made), (kind, made)


@pytest.mark.parametrize(
    ("given_type", "wanted", "kind"),
    [
        (TensorType((64,)), (10,), "linear"),
        (TensorType((9, 5), "float32", "sequence"), (9, 8), "linear"),
        (IMAGE, (48,), "flatten"),
        (IMAGE, (3,), "global_avg_pool"),
        (TensorType((48,)), (3, 4, 4), "reshape"),
        (SEQUENCE, (5, 9), "permute"),
        (SEQUENCE, (5,), "last_step"),
    ],
)
def test_a_wanted_shape_is_reached_exactly(
    given_type: TensorType, wanted: tuple[int, ...], kind: str
) -> None:
    consumer = parse("output", {})
    offers = [
        (one.kind, knobs)
        for one in all_kinds()
        if (knobs := one.adapt(given_type, consumer, wanted)) is not None
    ]
    assert kind in dict(offers)
    for name, knobs in offers:
        layer = parse(name, knobs)
        free = ((),) * (len(layer.inputs) - 1)
        (made,) = shapes.infer(layer, ((given_type,), *free))
        assert made.shape == wanted, name


def test_there_and_back_a_permuted_sequence_is_a_sequence_again() -> None:
    swap = parse("permute", {})
    (turned,) = shapes.infer(swap, ((SEQUENCE,),))
    assert turned == TensorType((5, 9), "float32", "any")
    assert shapes.infer(swap, ((turned,),)) == (SEQUENCE,)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-1, 6), max_size=6), st.sampled_from([(12,), (3, 4, 4), (2, 6)]))
def test_reshape_refuses_exactly_what_torch_refuses(
    wanted: list[int], shape: tuple[int, ...]
) -> None:
    wrong = parse("reshape", {"shape": wanted}).accepts((TensorType(shape),))
    try:
        made = tuple(torch.empty(shape).reshape(wanted).shape)
    except RuntimeError:
        made = ()
    # torch lets an empty shape stand for one value, we want at least one axis.
    assert (wrong is None) == (bool(made) and prod(made) == prod(shape))


def test_a_shape_that_does_not_fit_says_how_many_values_there_are() -> None:
    wrong = parse("reshape", {"shape": (1, 7, 7)}).accepts((IMAGE,))
    assert wrong is not None and wrong.knob == "shape"
    assert wrong.needs == "49 values for 1×7×7; there are 48"


def test_an_axis_that_is_not_there_is_named() -> None:
    wrong = parse("mean", {"axis": 3}).accepts((IMAGE,))
    assert wrong is not None and wrong.knob == "axis" and wrong.advice == "Set axis to 2 or less."
    wrong = parse("mean", {"axis": -4}).accepts((IMAGE,))
    assert wrong is not None and wrong.advice == "Set axis to -1."


def test_an_order_of_the_wrong_length_is_named() -> None:
    wrong = parse("permute", {}).accepts((IMAGE,))
    assert wrong is not None and wrong.advice == "Set order to 2, 1, 0."
    wrong = parse("permute", {"order": (0, 0)}).accepts((SEQUENCE,))
    assert wrong is not None and wrong.knob == "order"


def test_sizes_no_machine_could_hold_are_refused_before_torch_overflows() -> None:
    huge = TensorType((3, 2**20, 2**20), "float32", "image")
    for kind in ("upsample", "conv_transpose2d"):
        wrong = parse(kind, {}).accepts((huge,))
        assert wrong is not None and "1,000,000,000,000 values" in wrong.needs


def test_a_mean_keeps_or_drops_its_axis(run: Any) -> None:
    x = torch.randn(2, 3, 4, 4)
    for axis in (-3, -1, 0, 2):
        for keep in (False, True):
            placed = run.place(parse("mean", {"axis": axis, "keepdim": keep}), ((IMAGE,),))
            torch.testing.assert_close(placed(x), x.mean(dim=1 + axis % 3, keepdim=keep))


def test_kinds_that_bridge_are_found_by_asking() -> None:
    bridging = {kind.kind for kind in all_kinds() if "adapt" in kind.__dict__}
    assert {"flatten", "reshape", "permute", "linear", "global_avg_pool"} <= bridging
    assert find("relu") not in bridging
