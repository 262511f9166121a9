from typing import Any

import pytest
import torch

from builder.layers import modules
from builder.layers.base import TensorType
from builder.layers.catalogue import parse


def test_products_of_turned_steps_depend_on_their_distance_only():
    rotary = modules.RotaryPositions(8)
    query, key = torch.randn(8), torch.randn(8)
    turned_q = rotary(query.repeat(1, 20, 1))[0]
    turned_k = rotary(key.repeat(1, 20, 1))[0]
    products = turned_q @ turned_k.T
    for distance in (0, 1, 7):
        same = products.diagonal(distance)
        torch.testing.assert_close(same, same[:1].expand_as(same), atol=1e-4, rtol=1e-4)
    assert not torch.allclose(products[0, 0], products[0, 7])
    torch.testing.assert_close(turned_q.norm(dim=1), query.norm().expand(20))


@pytest.mark.parametrize("causal", [False, True])
def test_rotary_attention_is_softmax_of_turned_products(causal):
    torch.manual_seed(0)
    layer = modules.RotaryAttention(8, 2, causal=causal)
    x = torch.randn(2, 5, 8)
    query, key, value = layer.enter(x).chunk(3, 2)
    rotary = modules.RotaryPositions(4)
    heads = []
    for h in (slice(0, 4), slice(4, 8)):
        scores = rotary(query[..., h]) @ rotary(key[..., h]).transpose(1, 2) / 2
        if causal:
            hidden = torch.ones(5, 5, dtype=torch.bool).triu(1)
            scores = scores.masked_fill(hidden, -torch.inf)
        heads.append(scores.softmax(-1) @ value[..., h])
    torch.testing.assert_close(layer(x), layer.leave(torch.cat(heads, 2)))


@pytest.mark.parametrize("padded", [False, True])
def test_causal_rotary_attention_never_sees_later_steps(padded: bool, run: Any):
    sequence, lengths = TensorType((6, 16), "float32", "sequence"), TensorType((), "int64")
    placed = run.place(
        parse("rotary_attention", {"causal": True}), ((sequence,), (lengths,) if padded else ())
    )
    x = torch.randn(2, 6, 16)
    later = x.clone()
    later[:, 4:] += 10
    rest = [torch.tensor([6, 5])] if padded else []
    before, after = placed(x, *rest), placed(later, *rest)
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


def test_odd_widths_are_refused_with_what_to_do():
    odd = TensorType((6, 9), "float32", "sequence")
    assert "even" in parse("rotary_positions", {}).accepts((odd,)).needs
    wrong = parse("rotary_attention", {"num_heads": 3}).accepts((odd,), ())
    assert wrong.knob == "num_heads" and "each head, not 3" in wrong.needs
