"""What each kind of layer would make of what flows here, with its usual settings: the proposals' figures."""

from typing import NamedTuple

from builder.layers import catalogue
from builder.layers.base import Inputs, LayerType, TensorType
from builder.network.shapes import measure


class Offer(NamedTuple):
    """What comes out of a layer and what it costs; or `refusal`, why torch does not take it."""

    shape: tuple[int, ...]
    parameters: int
    refusal: str = ""


def offers(given: TensorType) -> dict[str, Offer]:
    """By kind, for every kind with an output that can stand there with one connection."""
    made: dict[str, Offer] = {}
    for kind in catalogue.all_kinds():
        if kind.outputs and kind.inputs and _needs_one(kind):
            offer = _offer(kind(), ((given,), *((),) * (len(kind.inputs) - 1)))
            if offer is not None:
                made[kind.kind] = offer
    return made


def _needs_one(kind: type[LayerType]) -> bool:
    return all(port.optional for port in kind.inputs[1:])


def _offer(layer: LayerType, inputs: Inputs) -> Offer | None:
    if layer.accepts(*inputs) is not None:
        return None
    told = measure(layer, inputs)
    if told.refusal is not None:
        return Offer((), 0, told.refusal)
    return Offer(told.outputs[0].shape, told.parameters)
