from typing import Any

import pytest
import torch
from torch import nn

from builder.layers.base import TensorType
from builder.layers.catalogue import parse

TOKENS = TensorType((7,), "int64", "tokens")


def test_linear_works_on_the_last_axis_and_keeps_the_others(run: Any) -> None:
    image = TensorType((3, 4, 5), "float32", "image")
    placed = run.place(parse("linear", {"out_features": 2}), ((image,),))
    assert placed(torch.randn(2, 3, 4, 5)).shape == (2, 3, 4, 2)


@pytest.mark.parametrize("kind", ["linear", "conv1d", "lstm", "relu", "batch_norm1d", "dropout"])
def test_tokens_are_sent_to_an_embedding_first(kind: str) -> None:
    layer = parse(kind, {})
    wrong = layer.accepts((TOKENS,), *((),) * (len(layer.inputs) - 1))
    assert wrong is not None and wrong.advice == "Put Embedding before it."


def test_embedding_refuses_decimal_numbers() -> None:
    wrong = parse("embedding", {}).accepts((TensorType((7,)),))
    assert wrong is not None and wrong.needs == "whole numbers: tokens or category codes"


def test_bilinear_refuses_inputs_that_differ_before_the_last_axis() -> None:
    layer = parse("bilinear", {})
    wrong = layer.accepts((TensorType((4, 6)),), (TensorType((5, 6)),))
    assert wrong is not None and wrong.port == "other"


def test_bilinear_computes_what_its_flops_count(run: Any) -> None:
    """A sum over i of x_i W_ij, then over j with y_j: the two products that the formula counts."""
    layer = parse("bilinear", {"out_features": 4})
    types = ((TensorType((6,)),), (TensorType((5,)),))
    placed = run.place(layer, types)
    assert isinstance(placed.module, nn.Bilinear)
    x, y = torch.randn(2, 6), torch.randn(2, 5)
    inner = torch.einsum("oij,bj->boi", placed.module.weight, y)  # 4 * 6 * 5 multiply-adds a sample
    outer = torch.einsum("boi,bi->bo", inner, x)  # 4 * 6 multiply-adds a sample
    torch.testing.assert_close(placed(x, y), outer + placed.module.bias)
    assert layer.flops(types, ()) == 2 * (4 * 6 * 5 + 4 * 6)
