"""What every layer makes of its inputs: its own line of source, run by torch on tensors without memory."""

import ast
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from builder.layers import modules
from builder.layers.base import Call, Inputs, LayerType, TensorType, guess_role
from builder.network import line, words
from builder.network.kept import Kept, kept, saving
from builder.spec.data import Dtype

BATCH = 2
STEPS = 2
"""Recurrent layers unroll on tensors without memory, so they are run on this many steps."""

_TORCH: dict[Dtype, torch.dtype] = {
    "float32": torch.float32,
    "int64": torch.int64,
    "bool": torch.bool,
}
_OURS: dict[torch.dtype, Dtype] = {ours: name for name, ours in _TORCH.items()}


class Measured(NamedTuple):
    """One layer with one set of inputs: what it gives and costs; or `refusal`, the sentence why it cannot.

    `parameters` counts trained values, `buffers` the others; `flops` (2 x multiply-adds), `bytes` of the outputs
    and what is `kept` for the backward pass are a sample's.
    """

    call: Call | None
    outputs: tuple[TensorType, ...] = ()
    parameters: int = 0
    flops: int = 0
    bytes: int = 0
    refusal: str | None = None
    buffers: int = 0
    kept: Kept = Kept()


def infer(layer: LayerType, inputs: Inputs) -> tuple[TensorType, ...]:
    """What the layer gives for such inputs; empty when torch refuses them."""
    return measure(layer, inputs).outputs


def measure(layer: LayerType, inputs: Inputs) -> Measured:
    """What the layer gives and costs for inputs it accepts; cached, nothing is ever allocated."""
    return _measure(type(layer), layer, inputs)


@lru_cache(maxsize=8192)
def _measure(_kind: type[LayerType], layer: LayerType, inputs: Inputs) -> Measured:
    call = layer.call(*inputs)
    try:
        with torch.device("meta"):
            module = _build(call)
            given = _tensors(layer, inputs)
            with FlopCounterMode(display=False) as counter, saving() as saved:
                made = _forward(layer, call, module, given)
    except (
        RuntimeError,
        ValueError,
        TypeError,
        IndexError,
        ZeroDivisionError,
        OverflowError,
    ) as error:
        return Measured(call, refusal=_refusal(layer, inputs, error))
    outputs = made if isinstance(made, tuple) else (made,)
    if any(not isinstance(one, torch.Tensor) or one.shape[:1] != (BATCH,) for one in outputs):
        return Measured(call, refusal=f"{layer.title} does not keep the samples of a batch apart.")
    types = tuple(
        _type(layer, call, inputs, index, one)
        for index, one in enumerate(outputs[: len(layer.gives)])
    )
    own = layer.flops(inputs, types)
    weights = [*module.parameters(), *module.buffers()] if module else []
    steps = inputs[0][0].shape[0] / STEPS if layer.unrolls and inputs[0][0].shape else 1.0
    return Measured(
        call,
        types,
        sum(p.numel() for p in module.parameters() if p.requires_grad) if module else 0,
        counter.get_total_flops() // BATCH if own is None else own,
        sum(prod(one.shape) * _TORCH[one.dtype].itemsize for one in types),
        buffers=sum(b.numel() for b in module.buffers()) if module else 0,
        kept=kept(saved, given, outputs, weights, samples=BATCH, longer=max(steps, 1.0)),
    )


def execute(text: str, names: dict[str, Any]) -> Any:
    """The value of one expression of our own making: a constructor or a forward line, never a user's text."""
    return eval(_compiled(text), {"__builtins__": {}, **names})  # noqa: S307 - see above


@lru_cache(maxsize=8192)
def _compiled(text: str) -> Any:
    return compile(ast.parse(text, mode="eval"), "<layer>", "eval")


def _build(call: Call) -> nn.Module | None:
    if call.constructor is None:
        return None
    module: nn.Module = execute(line.constructor(call), {"nn": nn, "modules": modules})
    return module


def _forward(
    layer: LayerType, call: Call, module: nn.Module | None, given: list[list[torch.Tensor]]
) -> Any:
    names: dict[str, Any] = {"torch": torch, "nn": nn, "self": module}
    sources = []
    for port, tensors in enumerate(given):
        called = [f"x{port}_{index}" for index in range(len(tensors))]
        names |= dict(zip(called, tensors, strict=True))
        sources.append(called)
    return execute(line.forward(call, layer, sources, "self"), names)


def _tensors(layer: LayerType, inputs: Inputs) -> list[list[torch.Tensor]]:
    return [[_tensor(one, layer.unrolls) for one in wired] for wired in inputs]


def _tensor(given: TensorType, few_steps: bool) -> torch.Tensor:
    sizes = given.shape
    if few_steps and len(sizes) > 1:
        sizes = (min(STEPS, sizes[0]), *sizes[1:])
    return torch.empty(
        (BATCH, *sizes),
        dtype=_TORCH[given.dtype],
        requires_grad=given.dtype
        == "float32",  # as behind another layer, so that all that is kept is seen
    )


def _type(
    layer: LayerType, call: Call, inputs: Inputs, index: int, made: torch.Tensor
) -> TensorType:
    sizes = tuple(made.shape[1:])
    first = inputs[0][0].shape if inputs and inputs[0] else ()
    if layer.unrolls and sizes and len(sizes) == len(first):
        sizes = (first[0], *sizes[1:])
    dtype = _OURS.get(made.dtype, "float32" if made.dtype.is_floating_point else "int64")
    role = call.roles[index] if index < len(call.roles) else guess_role(sizes, dtype)
    return TensorType(sizes, dtype, role)


def _refusal(layer: LayerType, inputs: Inputs, error: Exception) -> str:
    given = words.tensors(tuple(one for wired in inputs for one in wired))
    if isinstance(error, OverflowError) or "overflow" in str(error):
        return f"{layer.title} would need more memory than any machine has. Make its sizes smaller."
    said = (str(error).strip().splitlines() or [""])[0].split("(", 1)[0][:160].strip(" :.")
    return f"{layer.title} cannot work on {given}: torch says “{said}”. Change its settings or what flows in."
