"""How much of the input every place of a layer's output sees: the receptive field, from what the layers say.

The rule is that of Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks" (Distill,
2019): a layer whose places look at `size` places of its input, `step` apart, adds (size - 1) × jump, and the jump
grows by the step.
"""

from typing import NamedTuple

from builder.layers.base import LayerType, TensorType
from builder.network.walk import Place, Placed, Walked


class Seen(NamedTuple):
    """Along each axis after the first: the places of the input that one place sees, and how far the next one is off."""

    sizes: tuple[float, ...]
    jumps: tuple[float, ...]

    @property
    def whole(self) -> tuple[int, ...]:
        """The sizes in whole places of the input."""
        return tuple(round(size) for size in self.sizes)


def fields(walked: Walked) -> dict[str, Seen]:
    """By node id, wherever there are axes to see along: images, volumes, channels × steps."""
    found: dict[str, Seen] = {}
    for node_id, placed in walked.placed.items():
        seen = _seen(placed, found)
        if seen is not None:
            found[node_id] = seen
    return found


def has_axes(given: TensorType) -> bool:
    """Whether places along its later axes lie beside each other: an image, or channels × steps."""
    return len(given.shape) > 1 and given.role in ("image", "any") and given.dtype == "float32"


def _seen(placed: Placed, found: dict[str, Seen]) -> Seen | None:
    if not placed.outputs or not has_axes(placed.outputs[0]):
        return None
    axes = len(placed.outputs[0].shape) - 1
    if placed.node.kind == "input":
        return Seen((1.0,) * axes, (1.0,) * axes)
    before = [
        found[source[0]] for wired in placed.sources for source in wired if source[0] in found
    ]
    before = [one for one in before if len(one.sizes) == axes]
    if not before or placed.rounds:
        return _through(placed, before)
    seen = Seen(
        tuple(max(one.sizes[axis] for one in before) for axis in range(axes)),
        tuple(max(one.jumps[axis] for one in before) for axis in range(axes)),
    )
    given = placed.inputs[0][0]
    if placed.skipped or placed.layer is None or len(given.shape) != axes + 1:
        return seen
    return _further(placed.layer, given, placed.outputs[0], seen)


def _further(layer: LayerType, given: TensorType, made: TensorType, seen: Seen) -> Seen:
    reaches = layer.reach(given, made)
    return Seen(
        tuple(
            size + (reach.size - 1) * jump
            for size, jump, reach in zip(seen.sizes, seen.jumps, reaches, strict=True)
        ),
        tuple(jump * reach.step for jump, reach in zip(seen.jumps, reaches, strict=True)),
    )


def _through(placed: Placed, before: list[Seen]) -> Seen | None:
    """Through a block, once for every repetition."""
    if not before or not placed.rounds:
        return None
    seen = before[0]
    for number in range(placed.repeat):
        inner = placed.rounds[min(number, len(placed.rounds) - 1)]
        passed = _inside(inner, seen)
        if passed is None:
            return None
        seen = passed
    return seen


def _inside(walked: Walked, seen: Seen) -> Seen | None:
    found: dict[str, Seen] = {}
    for node_id, placed in walked.placed.items():
        one = seen if placed.node.kind == "input" else _seen(placed, found)
        if one is not None:
            found[node_id] = one
    outputs = walked.of_kind("output")
    source: Place | None = outputs[0].sources[0][0] if outputs and outputs[0].sources[0] else None
    return found.get(source[0]) if source else None
