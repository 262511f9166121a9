"""Placed blocks: their arguments, their repetitions, and what goes wrong inside or between them."""

from collections.abc import Mapping
from typing import Any

from builder.errors import NetworkError
from builder.layers.base import TensorType
from builder.network import words
from builder.network.defining import define_fixes
from builder.network.resolve import number, resolve
from builder.network.sizes import sizes_of
from builder.network.walk import Feeds, Placed, Walked, Walker
from builder.spec.arithmetic import Number, parse, show
from builder.spec.edits import ChangeNode, SetKnobs
from builder.spec.network import Block, Expr, Knobs
from builder.spec.problems import Fix, Problem

DEEPEST = 16
MOST_REPEATS = 1000
MOST_MODULES = 20_000
"""Beyond it, building the layers takes minutes."""


def run_block(
    walker: Walker, placed: Placed, around: Walked, stack: tuple[str, ...]
) -> list[Problem]:
    """Walks the block of a placed node for each repetition that differs; fills outputs, rounds and cost."""
    block = walker.project.block(placed.node.block) if placed.node.block else None
    wrong = _impossible(block, placed, around, stack)
    if wrong or block is None:
        return wrong
    arguments, problems = _arguments(walker, block, placed, around)
    if problems:
        return problems
    flowing = tuple(wired[0] for wired in placed.inputs)
    for place, given in enumerate(arguments):
        scope = {**sizes_of(flowing), **given}
        inner = _walk(walker, block, scope, flowing, (*stack, block.id))
        if inner.failed() or not inner.answers:
            placed.stopped = inner
            return [_inside(placed, around, block, inner), *_own(inner, around)]
        placed.rounds = (*placed.rounds, inner)
        answers = inner.answers
        if place == 0 and placed.repeat > 1 and not placed.node.repeat_knobs:
            if not _fits(answers, flowing):
                return [_changes_shape(placed, around, flowing, answers)]
        elif placed.repeat > 1 and len(answers) > len(flowing):
            return [_changes_shape(placed, around, flowing, answers)]
        flowing = (*answers, *flowing[len(answers) :])
    placed.outputs = placed.rounds[-1].answers
    placed.modules = sum(one.modules for one in placed.rounds[0].placed.values()) * placed.repeat
    if placed.modules > MOST_MODULES:
        placed.outputs = ()
        return [_too_many(placed, around)]
    return []


def _impossible(
    block: Block | None, placed: Placed, around: Walked, stack: tuple[str, ...]
) -> list[Problem]:
    node = placed.node
    if block is None:
        what = f"{node.name} is a block that is not in this project. Remove it, or draw the block again."
        return [_problem("unknown_block", what, placed, around)]
    if block.id in stack or not block.nodes:
        what = (
            f"{node.name} would hold itself: the block {block.name} is inside {block.name}. Remove one."
            if block.nodes
            else f"{node.name} is an empty block. Open it and draw at least Input and Output."
        )
        return [_problem("recursion" if block.nodes else "empty_block", what, placed, around)]
    if len(stack) >= DEEPEST:
        what = f"{node.name} is nested deeper than {DEEPEST} blocks. Open one of them up."
        return [_problem("too_deep", what, placed, around)]
    if not any(block.of_kind("output")):
        what = f"{node.name}: the block {block.name} has no Output. Open it and add one."
        return [_problem("no_output", what, placed, around)]
    return []


def _arguments(
    walker: Walker, block: Block, placed: Placed, around: Walked
) -> tuple[list[dict[str, Number]], list[Problem]]:
    """The values of the block's variables, for each repetition that has its own, else once or twice."""
    node = placed.node
    try:
        repeat = number(node.repeat, around.scope)
    except NetworkError as fault:
        what = f"{node.name}: the number of repetitions cannot be computed. {fault}"
        fixes = define_fixes(node.repeat, around.scope, around.name, 2)
        return [], [_problem("bad_expression", what, placed, around, field="repeat", fixes=fixes)]
    if not isinstance(repeat, int) or not 1 <= repeat <= MOST_REPEATS:
        what = f"{node.name}: repetitions must be a whole number from 1 to {MOST_REPEATS:,}, not {repeat}."
        fix = Fix(
            sentence="Set repetitions to 1",
            edits=(ChangeNode(graph=around.name, node=node.id, repeat=1),),
        )
        return [], [_problem("bad_setting", what, placed, around, field="repeat", fixes=(fix,))]
    placed.repeat = repeat
    listed = node.repeat_knobs
    if listed and len(listed) != repeat:
        what = f"{node.name} is repeated {repeat} times and has settings for {len(listed)}. Make them equal."
        fix = Fix(
            sentence=f"Repeat it {len(listed)} times",
            edits=(ChangeNode(graph=around.name, node=node.id, repeat=len(listed)),),
        )
        return [], [_problem("repeat_settings", what, placed, around, field="repeat", fixes=(fix,))]
    if listed and node.share_weights:
        what = f"{node.name} shares its weights, so all repetitions have the same settings. Drop the list or sharing."
        fix = Fix(
            sentence="Give each repetition its own weights",
            edits=(ChangeNode(graph=around.name, node=node.id, share_weights=False),),
        )
        return [], [_problem("repeat_settings", what, placed, around, fixes=(fix,))]
    found, problems = [], []
    for extra in listed or ({},) * min(repeat, 2):
        values, wrong = _values(walker, block, {**node.knobs, **extra}, placed, around)
        found.append(values)
        problems += [one for one in wrong if one not in problems]
    return found, problems


def _values(
    walker: Walker, block: Block, knobs: Knobs, placed: Placed, around: Walked
) -> tuple[dict[str, Number], list[Problem]]:
    resolved = resolve(knobs, around.scope)
    known = {variable.name: variable.value for variable in block.variables}
    problems = []
    for name, value in resolved.values.items():
        if name not in known:
            there = ", ".join(known) or "none"
            what = (
                f"{placed.node.name}: the block {block.name} has no setting {name}. Known: {there}."
            )
        elif isinstance(value, bool) or not isinstance(value, int | float):
            what = f"{placed.node.name}: {name} must be a number, not {str(value)[:40]}."
        else:
            continue
        problems.append(_bad(what, name, placed, around))
    for name, fault in resolved.faults.items():
        what = f"{placed.node.name}: {name} cannot be computed. {fault}"
        usual = known.get(name)
        fixes = define_fixes(knobs[name], around.scope, around.name, usual)
        problems.append(_bad(what, name, placed, around, code="bad_expression", fixes=fixes))
    own = {name: value for name, value in resolved.values.items() if name in known}
    return {**known, **walker.data_variables, **own}, problems


def _bad(
    what: str,
    name: str,
    placed: Placed,
    around: Walked,
    *,
    code: str = "bad_setting",
    fixes: tuple[Fix, ...] = (),
) -> Problem:
    edit = SetKnobs(graph=around.name, node=placed.node.id, unset=(name,))
    fix = Fix(sentence=f"Put {name} back to its default", edits=(edit,))
    return _problem(code, what, placed, around, field=name, fixes=(*fixes, fix))


def _walk(
    walker: Walker,
    block: Block,
    scope: Mapping[str, Number],
    flowing: tuple[TensorType, ...],
    stack: tuple[str, ...],
) -> Walked:
    key = (block.id, tuple(sorted((k, repr(v)) for k, v in scope.items())), flowing)
    if key not in walker.blocks:
        ids = [node.id for node in block.of_kind("input")]
        feeds = Feeds(dict(zip(ids, flowing, strict=True)))
        walker.blocks[key] = walker.walk(block, scope, feeds, stack)
    return walker.blocks[key]


def _fits(answers: tuple[TensorType, ...], flowing: tuple[TensorType, ...]) -> bool:
    """Whether what comes out can go in again and is the same then."""
    return len(answers) <= len(flowing) and all(
        (made.shape, made.dtype) == (given.shape, given.dtype)
        for made, given in zip(answers, flowing, strict=False)
    )


def _inside(placed: Placed, around: Walked, block: Block, inner: Walked) -> Problem:
    first = next((p for p in inner.problems if p.severity == "error"), None)
    said = first.what if first else "nothing reaches its Output."
    what = f"{placed.node.name}: inside {block.name}, {said}"
    return _problem("inside", what, placed, around, fixes=first.fixes if first else ())


def _own(inner: Walked, around: Walked) -> list[Problem]:
    """The block's own problems once, however often it is placed."""
    return [one for one in inner.problems if one not in around.problems]


def _changes_shape(
    placed: Placed, around: Walked, flowing: tuple[TensorType, ...], answers: tuple[TensorType, ...]
) -> Problem:
    node = placed.node
    got, given = words.tensors(answers), words.tensors(flowing)
    fix = Fix(
        sentence="Use it once", edits=(ChangeNode(graph=around.name, node=node.id, repeat=1),)
    )
    return Problem(
        code="repeat_shape",
        severity="error",
        what=f"{node.name} is repeated {placed.repeat} times and turns {given} into {got}. "
        "A repeated block keeps its shape, or lists settings for each repetition.",
        got=got,
        expected=given,
        network=around.name,
        node=node.id,
        field="repeat",
        fixes=(fix,),
    )


def _too_many(placed: Placed, around: Walked) -> Problem:
    what = (
        f"{placed.node.name} stands for {placed.modules:,} layers; {MOST_MODULES:,} are the limit. "
        "Repeat it less often."
    )
    return _problem("too_large", what, placed, around, field="repeat")


def _problem(code: str, what: str, placed: Placed, around: Walked, **more: Any) -> Problem:
    return Problem(
        code=code, severity="error", what=what, network=around.name, node=placed.node.id, **more
    )


def repeat_source(placed: Placed, names: Mapping[str, str]) -> str:
    """The number of repetitions as source text over the surrounding variables."""
    raw = placed.node.repeat
    return show(parse(raw.expr), names) if isinstance(raw, Expr) else str(placed.repeat)
