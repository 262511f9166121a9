from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from builder.layers import modules
from builder.layers.base import TensorType
from builder.layers.catalogue import parse

SOURCE = TensorType((5, 16), "float32", "sequence")
TARGET = TensorType((6, 16), "float32", "sequence")


def test_the_transformer_computes_what_torchs_own_does() -> None:
    sizes = {"d_model": 16, "nhead": 4, "dim_feedforward": 24}
    layers = {"num_encoder_layers": 2, "num_decoder_layers": 2}
    ours = modules.Transformer(**sizes, **layers, dropout=0.0)
    theirs = nn.Transformer(**sizes, **layers, dropout=0.0, batch_first=True)
    assert len(list(ours.parameters())) == len(list(theirs.parameters()))
    with torch.no_grad():
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            mine.copy_(other)
    x, y = torch.randn(3, 5, 16), torch.randn(3, 6, 16)
    mask = torch.ones(6, 6, dtype=torch.bool).triu(1)
    torch.testing.assert_close(
        ours(x, y, tgt_mask=mask, tgt_is_causal=True),
        theirs(x, y, tgt_mask=mask, tgt_is_causal=True),
    )


def test_stacked_layers_start_from_weights_of_their_own() -> None:
    stack = modules.TransformerEncoder(16, 4, 24, 2)
    first, second = (layer.linear1.weight for layer in stack.layers)
    assert not torch.equal(first, second)


def test_a_decoder_that_looks_back_never_sees_later_steps(run: Any) -> None:
    for kind in ("transformer_decoder", "transformer_decoder_layer"):
        types = ((TARGET,), (SOURCE,), (), ())
        placed = run.place(parse(kind, {}), types)
        placed.module.eval()
        x, memory = torch.randn(2, 6, 16), torch.randn(2, 5, 16)
        changed = x.clone()
        changed[:, 4:] = 7.0
        before, after = placed(x, memory)[:, :4], placed(changed, memory)[:, :4]
        torch.testing.assert_close(before, after)


def test_memory_of_another_width_is_refused_with_the_units_to_use() -> None:
    wrong = parse("transformer_decoder", {}).accepts(
        (TARGET,), (TensorType((5, 8), "float32", "sequence"),), (), ()
    )
    assert wrong is not None and wrong.port == "memory"
    assert wrong.advice == "Put Linear with 16 units before it."


def test_attention_without_weights_is_counted_as_two_matrix_products() -> None:
    layer = parse("scaled_dot_product_attention", {})
    x = torch.randn(1, 6, 16)
    with FlopCounterMode(display=False) as counter:
        (x @ x.transpose(1, 2)) @ x
    assert layer.flops(((TARGET,),) * 3, (TARGET,)) == counter.get_total_flops()
