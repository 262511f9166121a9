"""Fixes that were tried: small edits proposed by the layers themselves, kept only when the problem goes away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from math import prod
from typing import Any

from builder.errors import SpecError
from builder.layers import catalogue
from builder.layers.base import LayerType, TensorType
from builder.layers.io import Output
from builder.network.changes import changes
from builder.network.ends import WRONG_ANSWERS
from builder.network.expectation import Expectation, Want
from builder.network.mending import new_node, remove, said, set_knob, wire_into
from builder.network.resolve import unknown
from builder.network.shapes import infer
from builder.network.walk import Placed, Walked
from builder.spec.edits import InsertNode, apply_all
from builder.spec.network import Expr
from builder.spec.problems import Fix, Problem
from builder.spec.project import Project

Mark = tuple[str, str | None, str | None, str | None]
"""Which problem it is: code, network, node, setting."""

Offer = tuple[type[LayerType], dict[str, Any]]
"""A kind and the settings with which it would help."""

MOST = 3
MOST_TRIED = 24
LAYERS_TRIED = 3600
"""So many layers may be walked again for trials, so that a wreck of a drawing answers as fast as a good one."""
FEWEST_TRIALS = 10


@dataclass(frozen=True)
class Looked:
    """A walked network and every problem with it, not yet with fixes that had to be tried."""

    walked: Walked
    problems: tuple[Problem, ...]

    def marks(self) -> set[Mark]:
        """Which problems there are."""
        return {_mark(one) for one in self.problems}

    def errors(self) -> set[Mark]:
        """Which errors there are."""
        return {_mark(one) for one in self.problems if one.severity == "error"}


Again = Callable[[Project], Looked]
"""Looks at the changed project, with nothing tried."""


def with_fixes(
    project: Project, looked: Looked, expectation: Expectation, again: Again
) -> tuple[Problem, ...]:
    """The problems, each with the fixes that were seen to make it go away, and what they change."""
    trial = _Trial(project, looked, again)
    return tuple(
        problem.model_copy(update={"fixes": trial.good(problem, candidates)})
        if (candidates := [*problem.fixes, *_candidates(looked.walked, problem, expectation)])
        else problem
        for problem in looked.problems
    )


class _Trial:
    """Tries fixes on copies of a project until its patience is over."""

    def __init__(self, project: Project, looked: Looked, again: Again) -> None:
        self.project, self.looked, self.again = project, looked, again
        self.errors = looked.errors()
        placed = looked.walked.placed
        self.hidden = {
            one.node.id
            for one in placed.values()
            if one.waiting_for or (one.layer is None and one.node.kind != "block")
        }
        self.left = max(FEWEST_TRIALS, LAYERS_TRIED // max(len(placed), 1))

    def good(self, problem: Problem, candidates: list[Fix]) -> tuple[Fix, ...]:
        """At most MOST of the candidates: the problem is gone, and what is new was hidden behind it before."""
        found: list[Fix] = []
        for fix in candidates[:MOST_TRIED]:
            if fix.sentence in [one.sentence for one in found]:
                continue
            after = self.look(fix)
            if after is None or _mark(problem) in after.marks():
                continue
            if any(mark[2] not in self.hidden for mark in after.errors() - self.errors):
                continue
            seen = changes(self.looked.walked, after.walked, fix.edits)
            found.append(fix.model_copy(update={"changes": seen}))
            if len(found) == MOST:
                break
        return tuple(found)

    def look(self, fix: Fix) -> Looked | None:
        """The project after the fix; None when it cannot be applied, or patience is over."""
        if not self.left:
            return None
        self.left -= 1
        try:
            return self.again(apply_all(fix.edits, self.project))
        except SpecError:
            return None


def _mark(problem: Problem) -> Mark:
    return (problem.code, problem.network, problem.node, problem.field)


def _candidates(walked: Walked, problem: Problem, expectation: Expectation) -> Iterator[Fix]:
    placed = walked.placed.get(problem.node or "")
    if placed is None or problem.network != walked.name:
        return
    if placed.mismatch is not None and placed.mismatch.code == problem.code:
        if problem.field:
            yield from _other_values(walked, placed, problem.field)
        yield from _in_between(walked, placed)
        yield from _without(walked, placed)
        yield from _alike(walked, placed)
    if problem.code == "undefined_variable" and problem.field:
        yield from _definitions(walked, placed, problem.field)
    if problem.code in WRONG_ANSWERS:
        yield from _for_output(walked, placed, expectation)


def _definitions(walked: Walked, placed: Placed, knob: str) -> Iterator[Fix]:
    """A variable of nearly that name used instead; making one is offered where the problem is found."""
    raw = placed.node.knobs[knob]
    for name in unknown(raw, walked.scope)[:1]:
        if isinstance(raw, Expr):
            for near in get_close_matches(name, list(walked.scope), n=1):
                yield set_knob(walked, placed.node, knob, Expr(expr=raw.expr.replace(name, near)))


def _in_between(walked: Walked, placed: Placed) -> Iterator[Fix]:
    """Layers that, put before this one, turn what comes into what it takes."""
    assert placed.layer is not None
    for place, (wired, types) in enumerate(zip(placed.sources, placed.inputs, strict=True)):
        if len(wired) == 1 and not placed.layer.inputs[place].many:
            for kind, knobs in _adapters(types[0], placed.layer, ()):
                yield from _insertion(walked, placed, place, wired[0], (kind, knobs))


def _without(walked: Walked, placed: Placed) -> Iterator[Fix]:
    """Removing the layer before, when it has no weights and only one input."""
    for wired in placed.sources:
        before = walked.placed[wired[0][0]] if len(wired) == 1 else None
        if before and before.sources and not before.measured.parameters and not before.rounds:
            yield remove(walked, before.node)


def _alike(walked: Walked, placed: Placed) -> Iterator[Fix]:
    """Layers that bring one of several inputs to the shape of another."""
    assert placed.layer is not None
    flat = [
        (place, source, made)
        for place, (wired, types) in enumerate(zip(placed.sources, placed.inputs, strict=True))
        for source, made in zip(wired, types, strict=True)
    ]
    if len(flat) < 2:
        return
    model = LayerType()
    for place, source, made in flat:
        for _, _, other in flat:
            if other.shape != made.shape:
                for kind, knobs in _adapters(made, model, other.shape):
                    yield from _insertion(walked, placed, place, source, (kind, knobs))


def _for_output(walked: Walked, cause: Placed, expectation: Expectation) -> Iterator[Fix]:
    """Another width of the layer that decides it, a layer before it, or one before the output."""
    for output in walked.of_kind("output"):
        role = output.node.knobs.get("role")
        want = expectation.want(role if isinstance(role, str) else "")
        if want is None or want.shape is None or not output.inputs:
            continue
        if output.inputs[0][0].shape == want.shape:
            continue
        if cause.layer is not None and cause.node.kind not in ("input", "output"):
            yield from _widths(walked, cause, want, expectation)
            yield from _before_cause(walked, cause)
            yield from _unfolded(walked, cause, output, want.shape)
        given, source = output.inputs[0][0], output.sources[0][0]
        for kind, knobs in _adapters(given, Output(), want.shape):
            named = _as_variables(knobs, want, expectation)
            yield from _insertion(walked, output, 0, source, (kind, named))
        for first, setup in _adapters(given, LayerType(), ()):
            made = _made(given, first, setup)
            for kind, knobs in _adapters(made, Output(), want.shape) if made else []:
                named = _as_variables(knobs, want, expectation)
                yield from _insertion(walked, output, 0, source, (first, setup), (kind, named))


def _before_cause(walked: Walked, cause: Placed) -> Iterator[Fix]:
    assert cause.layer is not None
    if len(cause.sources) >= 1 and len(cause.sources[0]) == 1:
        given, source = cause.inputs[0][0], cause.sources[0][0]
        for kind, knobs in _adapters(given, cause.layer, ()):
            yield from _insertion(walked, cause, 0, source, (kind, knobs))


def _widths(walked: Walked, cause: Placed, want: Want, expectation: Expectation) -> Iterator[Fix]:
    """The cause's own whole numbers set to the wanted width, as a variable of the data where there is one."""
    if not want.shape or not cause.outputs or not cause.outputs[0].shape:
        return
    current = {cause.outputs[0].shape[-1], cause.outputs[0].shape[0]}
    for info in catalogue.knobs(cause.node.kind):
        if info.type == "int" and getattr(cause.layer, info.name) in current:
            for width in dict.fromkeys((want.shape[-1], want.shape[0])):
                value = _variable(width, expectation)
                yield set_knob(walked, cause.node, info.name, value)


def _unfolded(
    walked: Walked, cause: Placed, output: Placed, wanted: tuple[int, ...]
) -> Iterator[Fix]:
    """The cause as wide as all values of a wanted picture or sequence, and what folds them into its shape."""
    given, source = output.inputs[0][0], output.sources[0][0]
    if len(given.shape) != 1 or len(wanted) < 2 or given.shape[0] == prod(wanted):
        return
    full = given._replace(shape=(prod(wanted),))
    for info in catalogue.knobs(cause.node.kind):
        if info.type != "int" or getattr(cause.layer, info.name) != given.shape[0]:
            continue
        wider = set_knob(walked, cause.node, info.name, prod(wanted))
        for offer in _adapters(full, Output(), wanted):
            for put in _insertion(walked, output, 0, source, offer):
                words = f"{wider.sentence}, and {put.sentence[0].lower()}{put.sentence[1:]}"
                yield Fix(sentence=words, edits=(*wider.edits, *put.edits))


def _variable(width: int, expectation: Expectation) -> int | Expr:
    """`classes` where that is the width; `features` says what comes in, so it is no name for what goes out."""
    for name, value in expectation.variables.items():
        if value == width and name != "features":
            return Expr(expr=name)
    return width


def _as_variables(knobs: dict[str, Any], want: Want, expectation: Expectation) -> dict[str, Any]:
    """The same knobs, the wanted number of channels or width as a variable of the data where there is one."""
    sizes = (want.shape[0], want.shape[-1]) if want.shape else ()
    return {
        name: _variable(value, expectation) if type(value) is int and value in sizes else value
        for name, value in knobs.items()
    }


def _other_values(walked: Walked, placed: Placed, knob: str) -> Iterator[Fix]:
    """The nearest allowed values of the knob that is to blame with which the layer takes what comes."""
    layer = placed.layer
    info = next((one for one in catalogue.knobs(placed.node.kind) if one.name == knob), None)
    if layer is None or info is None:
        return
    found = 0
    for value in _nearby(getattr(layer, knob), info):
        try:
            other = catalogue.parse(placed.node.kind, {**layer.model_dump(), knob: value})
        except SpecError:
            continue
        if other.accepts(*placed.inputs) is None:
            yield set_knob(walked, placed.node, knob, value)
            found += 1
        if found == 2:
            return


def _nearby(now: Any, info: catalogue.KnobInfo) -> Iterator[Any]:
    """Values around the present one, nearest first; the other of yes and no; the other choices."""
    if isinstance(now, bool):
        yield not now
    elif info.choices:
        yield from (choice for choice in info.choices if choice != now)
    elif info.type in ("int", "pair"):
        middle = now if isinstance(now, int) else max(now)
        for step in range(1, 65):
            yield middle - step
            yield middle + step


def _adapters(given: TensorType, consumer: LayerType, wanted: tuple[int, ...]) -> list[Offer]:
    """Kinds that offer to stand in between, and the knobs they would need; those that lose no value first."""
    offers = [
        (kind, knobs)
        for kind in catalogue.all_kinds()
        if (knobs := kind.adapt(given, consumer, wanted)) is not None
    ]

    def loses(offer: Offer) -> bool:
        made = _made(given, *offer)
        return made is None or prod(made.shape) != prod(given.shape)

    return sorted(offers, key=loses)


def _made(given: TensorType, kind: type[LayerType], knobs: dict[str, Any]) -> TensorType | None:
    """What such a layer gives; None when it refuses."""
    layer = catalogue.parse(kind.kind, knobs)
    inputs = ((given,), *((),) * (len(layer.inputs) - 1))
    if layer.accepts(*inputs) is not None:
        return None
    return next(iter(infer(layer, inputs)), None)


def _insertion(
    walked: Walked, placed: Placed, place: int, source: tuple[str, str], *chain: Offer
) -> Iterator[Fix]:
    """Puts one or two layers into the wire from `source`."""
    wire = wire_into(walked, placed, place, source)
    if wire is None:
        return
    edits = []
    for number, (kind, knobs) in enumerate(chain):
        node = new_node(walked, kind, placed.node.id, knobs)
        node = node.model_copy(update={"id": f"{node.id}{'b' * number}"})
        edits.append(InsertNode(graph=walked.name, node=node, into=wire))
        wire = wire.model_copy(update={"source": node.id, "source_port": "out"})
    titles = " and ".join(kind.title + _with(knobs) for kind, knobs in chain)
    yield Fix(sentence=f"Put {titles} before {placed.node.name}", edits=tuple(edits))


def _with(knobs: dict[str, Any]) -> str:
    parts = [f"{name} {said(value)}".replace("_", " ") for name, value in knobs.items()]
    return f" ({', '.join(parts)})" if parts else ""
