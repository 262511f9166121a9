"""Rules about how far layers see: too little of the image, places that no window looks at."""

from collections.abc import Iterator
from math import prod

from builder.layers import catalogue
from builder.network import words
from builder.network.advice.rule import Look, rule
from builder.network.mending import set_knob, with_fix
from builder.network.seeing import Seen, fields, has_axes
from builder.network.walk import Placed
from builder.spec.problems import Fix, Problem

SMALL_SHARE = 0.5
LEAST_SIZE = 16


@rule
def small_view(look: Look) -> Iterator[Problem]:
    """An image averaged over all places, each of which has seen only a small part of it."""
    if not any(layer.linear_map and has_axes(placed.inputs[0][0]) for placed, layer in look.layers):
        return
    seen = fields(look.walked)
    whole = [
        placed.outputs[0].shape[1:] for placed in look.walked.of_kind("input") if placed.outputs
    ]
    sizes = max((one for one in whole if len(one) == 2), default=())
    if not sizes or min(sizes) < LEAST_SIZE:
        return
    for placed, _ in look.layers:
        before = look.before(placed)
        if before is None or before.node.id not in seen or not _averages(placed):
            continue
        view = seen[before.node.id].whole
        if len(view) != 2 or any(v >= SMALL_SHARE * s for v, s in zip(view, sizes, strict=True)):
            continue
        cause = _last_window(look, before, seen)
        problem = look.problem(
            "small_view",
            "hint",
            f"Each value of {cause.node.name} sees {words.shape(view)} of {words.shape(sizes)} pixels, and "
            f"{placed.node.name} then averages them, so larger objects are never seen whole. "
            "Add a layer, a stride or a pooling.",
            cause,
            got=f"{words.shape(view)} pixels",
            expected=f"about {words.shape(sizes)}",
        )
        yield with_fix(problem, *_wider(look, cause))


def _averages(placed: Placed) -> bool:
    """Whether all places of an image become one, without a weight."""
    given, made = placed.inputs[0][0], placed.outputs[0]
    places = prod(given.shape[1:])
    return (
        not placed.measured.parameters
        and places > 1
        and prod(made.shape) * places == prod(given.shape)
    )


def _last_window(look: Look, placed: Placed, seen: dict[str, Seen]) -> Placed:
    """The last layer with weights before the average."""
    at: Placed | None = placed
    while at is not None and not at.measured.parameters:
        at = look.before(at)
    return at or placed


def _wider(look: Look, placed: Placed) -> Iterator[Fix]:
    """Twice and four times its own gaps or steps."""
    for info in catalogue.knobs(placed.node.kind):
        if info.name in ("stride", "dilation") and getattr(placed.layer, info.name) == 1:
            yield set_knob(look.walked, placed.node, info.name, 2)
            yield set_knob(look.walked, placed.node, info.name, 4)


@rule
def skipped_places(look: Look) -> Iterator[Problem]:
    """A window that moves further than it reaches, so that some places are never looked at."""
    for placed, layer in look.layers:
        if not hasattr(layer, "stride") or not has_axes(placed.inputs[0][0]):
            continue
        given, made = placed.inputs[0][0], placed.outputs[0]
        if len(given.shape) != len(made.shape) or min(given.shape[1:]) <= 1:
            continue
        skipping = [one for one in layer.reach(given, made) if one.step > one.size]
        before = look.before(placed)
        if skipping and before and look.only_reader(before):  # else another branch may look there
            reach, step = int(skipping[0].size), int(skipping[0].step)
            problem = look.problem(
                "skipped_places",
                "hint",
                f"{placed.node.name} moves {step} places at a time and looks at {reach}, so "
                f"{step - reach} of every {step} are never seen. Make the stride smaller.",
                placed,
                got=f"stride {step}",
                expected=f"a stride of at most {reach}",
                field="stride",
            )
            yield with_fix(problem, set_knob(look.walked, placed.node, "stride", reach))
