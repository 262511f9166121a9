import pytest
import torch
from torch import nn

from builder.layers import catalogue, modules
from builder.layers.base import TensorType
from builder.network import line
from builder.network.shapes import execute, infer, measure

DTYPES = {"float32": torch.float32, "int64": torch.int64, "bool": torch.bool}
KINDS = [kind for kind in catalogue.all_kinds() if kind.family != "input_output"]


def real_outputs(layer, inputs):
    """The shapes a real forward gives at batch 3, without the batch."""
    call = layer.call(*inputs)
    names = {"torch": torch, "nn": nn}
    if call.constructor:
        names["self"] = execute(line.constructor(call), {"nn": nn, "modules": modules}).eval()
    sources = []
    for port, wired in enumerate(inputs):
        words = []
        for index, given in enumerate(wired):
            names[f"x{port}_{index}"] = torch.ones((3, *given.shape), dtype=DTYPES[given.dtype])
            words.append(f"x{port}_{index}")
        sources.append(words)
    made = execute(line.forward(call, layer, sources, "self"), names)
    outputs = made if isinstance(made, tuple) else (made,)
    return [(tuple(one.shape[1:]), one.dtype) for one in outputs[: len(layer.outputs)]]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_the_declared_shape_is_the_shape_torch_computes(kind):
    layer = kind()
    made = infer(layer, kind.example)
    assert [(one.shape, DTYPES[one.dtype]) for one in made] == real_outputs(layer, kind.example)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_parameters_are_those_of_the_built_module(kind):
    call = kind().call(*kind.example)
    built = (
        execute(line.constructor(call), {"nn": nn, "modules": modules})
        if call.constructor
        else nn.Identity()
    )
    assert measure(kind(), kind.example).parameters == sum(p.numel() for p in built.parameters())


def test_flops_of_a_linear_layer_are_twice_its_multiplications():
    made = measure(catalogue.parse("linear", {"out_features": 5}), ((TensorType((7,)),),))
    assert made.flops == 2 * 7 * 5


def test_long_sequences_keep_their_real_length():
    layer = catalogue.parse("lstm", {"output": "sequence", "hidden_size": 3})
    assert infer(layer, ((TensorType((5000, 4), "float32", "sequence"),), ()))[0].shape == (5000, 3)


def test_a_layer_of_100_gb_is_sized_without_being_allocated_and_without_touching_the_generator():
    before = torch.get_rng_state()
    made = measure(
        catalogue.parse("linear", {"out_features": 160_000}), ((TensorType((160_000,)),),)
    )
    assert made.parameters == 160_000 * 160_001
    assert torch.equal(before, torch.get_rng_state())


def test_what_torch_refuses_is_a_sentence_not_an_exception():
    layer = catalogue.parse("conv2d", {"kernel_size": 9, "padding": 0})
    made = measure(layer, ((TensorType((1, 4, 4)),),))
    assert made.outputs == () and "Conv2d cannot work on 1×4×4" in made.refusal
