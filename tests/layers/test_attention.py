import math
from typing import Any

import pytest
import torch

from builder.layers.base import TensorType
from builder.layers.catalogue import parse
from builder.layers.modules import LearnedPositions, SinusoidalPositions

SEQUENCE = TensorType((6, 16), "float32", "sequence")
OTHER = TensorType((4, 10), "float32", "sequence")
LENGTHS = TensorType((), "int64", "any")


@pytest.mark.parametrize("kind", ["multihead_attention", "transformer_encoder_layer"])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_a_causal_layer_never_sees_later_steps(
    kind: str, padded: bool, training: bool, run: Any
) -> None:
    layer = parse(kind, {"causal": True, "dropout": 0.0})
    free = ((),) * (len(layer.inputs) - 2)
    types = ((SEQUENCE,), *free, (LENGTHS,) if padded else ())
    placed = run.place(layer, types)
    placed.module.train(training)
    x = torch.randn(2, 6, 16)
    later = x.clone()
    later[:, 4:] += 10
    rest = [torch.tensor([6, 5])] if padded else []
    with torch.set_grad_enabled(training):
        before, after = placed(x, *rest), placed(later, *rest)
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


def test_free_keys_and_values_are_the_queries() -> None:
    call = parse("multihead_attention", {}).call((SEQUENCE,), (), (), ())
    assert call.forward == "{self}({in}, {in}, {in}, need_weights=False)[0]"
    assert call.arguments == {"embed_dim": 16, "num_heads": 4, "batch_first": True}


def test_attention_over_another_sequence_keeps_the_steps_of_the_queries(run: Any) -> None:
    layer = parse("multihead_attention", {"num_heads": 2})
    types = ((SEQUENCE,), (OTHER,), (), (LENGTHS,))
    assert layer.accepts(*types) is None
    placed = run.place(layer, types)
    x, other = torch.randn(2, 6, 16), torch.randn(2, 4, 10)
    noise = other.clone()
    noise[1, 2:] = 99.0
    lengths = torch.tensor([4, 2])
    assert placed(x, other, lengths).shape == (2, 6, 16)
    torch.testing.assert_close(placed(x, other, lengths), placed(x, noise, lengths))


def test_heads_that_do_not_divide_the_features_are_named_with_those_that_do() -> None:
    for kind, knob in (
        ("multihead_attention", "num_heads"),
        ("transformer_encoder_layer", "nhead"),
    ):
        layer = parse(kind, {knob: 5})
        wrong = layer.accepts((SEQUENCE,), *((),) * (len(layer.inputs) - 1))
        assert wrong is not None and wrong.knob == knob
        assert wrong.needs == "features that 5 divides, not 16"
        assert wrong.advice == "Set heads to 2, 4 or 8."


def test_keys_and_values_of_different_lengths_are_refused() -> None:
    layer = parse("multihead_attention", {})
    wrong = layer.accepts((SEQUENCE,), (OTHER,), (SEQUENCE,), ())
    assert wrong is not None and wrong.port == "value"


def test_looking_back_needs_as_many_steps_on_both_sides() -> None:
    wrong = parse("multihead_attention", {"causal": True}).accepts((SEQUENCE,), (OTHER,), (), ())
    assert wrong is not None and wrong.knob == "causal"


@pytest.mark.parametrize("features", [1, 7, 8])
def test_waves_are_those_of_the_paper(features: int) -> None:
    table = SinusoidalPositions(steps=5, features=features).table
    for place in range(5):
        for i in range(features):
            angle = place / 10000 ** ((i - i % 2) / features)
            expected = math.sin(angle) if i % 2 == 0 else math.cos(angle)
            assert table[place, i].item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("positions", [SinusoidalPositions, LearnedPositions])
def test_shorter_sequences_take_the_first_places(positions: Any) -> None:
    module = positions(steps=6, features=16)
    x = torch.randn(2, 6, 16)
    torch.testing.assert_close(module(x)[:, :3], module(x[:, :3]))


@pytest.mark.parametrize("positions", [SinusoidalPositions, LearnedPositions])
def test_each_step_gets_the_row_of_its_place(positions: Any) -> None:
    module = positions(steps=6, features=16)
    added = module(torch.zeros(2, 6, 16))
    assert torch.equal(added[0], added[1])
    torch.testing.assert_close(added[0], module.table)
    assert len(torch.unique(added[0], dim=0)) == 6
