"""Rules about activations: none between two weighted sums, two in a row, and stacks in which gradients fade."""

from collections.abc import Iterator
from math import prod

from builder.layers.base import LayerType
from builder.network.advice.rule import Look, rule
from builder.network.mending import put_into, remove, replace, usual_activation, with_fix
from builder.network.walk import Placed
from builder.spec.problems import Problem

MANY_LIMITS = 5
"""So many limiting activations in a row make the first layers learn slowly."""


@rule
def no_activation(look: Look) -> Iterator[Problem]:
    """Two weighted sums with nothing between them that bends."""
    for placed, layer in look.layers:
        last, follower = _through(look, placed)
        after = look.layer(follower.node.id) if follower else None
        usual = usual_activation(layer) or usual_activation(after)
        if not (layer.linear_map and after and after.linear_map and usual and follower):
            continue
        if _in_parts(layer) or _in_parts(after) or _is_narrow(placed, follower):
            continue
        wire = look.leaving[last.node.id][0]
        between = "directly" if last is placed else f"with only {last.node.name} between them"
        problem = look.problem(
            "no_activation",
            "hint",
            f"{placed.node.name} and {follower.node.name} follow each other {between}; together they can "
            f"do no more than one of them. Put {usual.title} between them.",
            follower,
            got="no activation",
            expected=f"an activation such as {usual.title}",
        )
        yield with_fix(problem, put_into(look.walked, wire, usual))


def _through(look: Look, placed: Placed) -> tuple[Placed, Placed | None]:
    """The last of the layers that only pass on what this one gives, and the one behind it."""
    last, follower = placed, look.only_reader(placed)
    while follower is not None:
        layer = look.layer(follower.node.id)
        if not follower.skipped and (layer is None or not layer.passes):
            break
        last, follower = follower, look.only_reader(follower)
    return last, follower


def _in_parts(layer: LayerType) -> bool:
    """Whether it sums each channel or group by itself: the next one mixes them, on purpose."""
    return getattr(layer, "groups", 1) != 1 or hasattr(layer, "multiplier")


def _is_narrow(placed: Placed, follower: Placed) -> bool:
    """Whether what is between both is narrower than what comes in and goes out: one layer would not squeeze so."""
    sizes = [prod(types[0].shape) for types in (placed.inputs[0], placed.outputs, follower.outputs)]
    return sizes[1] < min(sizes[0], sizes[2])


@rule
def activation_twice(look: Look) -> Iterator[Problem]:
    """Two activations, one directly after the other."""
    for placed, layer in look.layers:
        before = look.before(placed)
        first = look.layer(before.node.id) if before else None
        if before is None or first is None or first.shares or layer.shares:
            continue
        if not (first.family == layer.family == "activation") or not look.only_reader(before):
            continue
        problem = look.problem(
            "activation_twice",
            "hint",
            f"{before.node.name} and {placed.node.name} are two activations in a row; the second one only "
            "narrows what the first has made. Keep one.",
            placed,
            got=f"{first.title}, then {layer.title}",
            expected="one activation",
        )
        yield with_fix(problem, remove(look.walked, placed.node), remove(look.walked, before.node))


@rule
def fading_stack(look: Look) -> Iterator[Problem]:
    """Many layers in a row that squeeze their values: the slope of each shrinks the gradient."""
    length: dict[str, list[Placed]] = {}
    for placed, layer in look.layers:
        before = look.before(placed)
        chain = [] if before is None else length.get(before.node.id, [])
        if layer.normalises or len(placed.inputs[0]) > 1:
            chain = []
        length[placed.node.id] = [*chain, placed] if layer.limits and not layer.shares else chain
    longest = max(length.values(), key=len, default=[])
    if len(longest) < MANY_LIMITS:
        return
    first, last = longest[0], longest[-1]
    problem = look.problem(
        "fading_stack",
        "warning",
        f"{len(longest)} layers in a row squeeze their values, from {first.node.name} to {last.node.name}. Each "
        "weakens the gradient, so the layers before them learn slowly or not at all. "
        "Use ReLU, or a normalisation in between.",
        first,
        got=f"{len(longest)} squeezing activations in a row",
        expected=f"at most {MANY_LIMITS - 1}",
    )
    weighted = look.before(first)
    usual = usual_activation(weighted.layer) if weighted else None
    fixes = (replace(look.walked, [one.node for one in longest], usual),) if usual else ()
    yield with_fix(problem, *fixes)
