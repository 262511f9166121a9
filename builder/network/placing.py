"""From a node's raw knobs to a layer with values, and every setting that is not allowed."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from builder.layers import catalogue
from builder.layers.base import LayerType
from builder.network.defining import define_fixes
from builder.network.resolve import Resolved, resolve, unknown
from builder.spec.arithmetic import Number
from builder.spec.edits import ReplaceKind, SetKnobs
from builder.spec.network import Node
from builder.spec.problems import Fix, Problem


class Setting(NamedTuple):
    """A node's layer, or None with the problems that keep it from having one."""

    layer: LayerType | None
    texts: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()


class _Fault(NamedTuple):
    knob: str
    what: str
    expected: str
    clamped: int | float | None = None


def settle(node: Node, graph: str, scope: Mapping[str, Number]) -> Setting:
    """The layer of a node in the scope of these variables, with all of its bad settings at once."""
    if catalogue.find(node.kind) is None:
        return Setting(None, {}, (_unknown_kind(node, graph),))
    resolved = resolve(node.knobs, scope)
    layer, faults = _parsed(node.kind, _key(resolved.values))
    problems = [_problem(node, graph, fault, resolved) for fault in faults]
    problems += [
        Problem(
            code="undefined_variable" if unknown(node.knobs[name], scope) else "bad_expression",
            severity="error",
            what=f"{node.name}: {name.replace('_', ' ')} cannot be computed. {fault}",
            expected="numbers, variables, + - * // / and ( )",
            network=graph,
            node=node.id,
            field=name,
            fixes=(
                *define_fixes(node.knobs[name], scope, graph, _default(node.kind, name)),
                *_unset(node, graph, name),
            ),
        )
        for name, fault in resolved.faults.items()
    ]
    return Setting(None if problems else layer, resolved.texts, tuple(problems))


@lru_cache(maxsize=8192)
def _parsed(
    kind: str, items: tuple[tuple[str, str, Any], ...]
) -> tuple[LayerType | None, tuple[_Fault, ...]]:
    layer_type = catalogue.find(kind)
    assert layer_type is not None
    known = {info.name: info for info in catalogue.knobs(kind)}
    values = {name: value for name, _, value in items}
    faults = []
    for name in values:
        if name not in known:
            named = ", ".join(known) or "none"
            faults.append(
                _Fault(
                    name,
                    f"{layer_type.title} has no setting {name}.",
                    f"one of its settings: {named}",
                )
            )
    good = {name: value for name, value in values.items() if name in known}
    try:
        layer = layer_type(**good)
    except ValidationError as error:
        told: set[str] = set()
        for one in error.errors(include_url=False, include_input=False):
            name = str(one["loc"][0])
            if name not in told:
                told.add(name)
                info = known[name]
                what = f"{info.label} must be {info.needs()}, not {_said(values[name])}."
                faults.append(_Fault(name, what, info.needs(), _clamped(values[name], info)))
        return None, tuple(faults)
    return layer, tuple(faults)


def _key(values: Mapping[str, Any]) -> tuple[tuple[str, str, Any], ...]:
    """Hashable, and apart where Python says True == 1 == 1.0; NaN is equal to itself by its text."""
    return tuple((name, repr(value), value) for name, value in sorted(values.items()))


def _clamped(value: Any, info: catalogue.KnobInfo) -> int | float | None:
    """The nearest allowed number, when a plain number is out of bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or info.open_minimum:
        return None
    low, high = info.minimum, info.maximum
    if info.type not in ("int", "float", "pair") or low is None or high is None:
        return None
    nearest = min(max(value, low), high) if value == value else low  # noqa: PLR0124 - NaN
    return int(nearest) if info.type in ("int", "pair") else nearest


def _problem(node: Node, graph: str, fault: _Fault, resolved: Resolved) -> Problem:
    fixes = list(_unset(node, graph, fault.knob))
    if fault.clamped is not None and fault.knob not in resolved.texts:
        words = fault.knob.replace("_", " ")
        change = SetKnobs(graph=graph, node=node.id, knobs={fault.knob: fault.clamped})
        fixes.insert(0, Fix(sentence=f"Set {words} to {fault.clamped}", edits=(change,)))
    return Problem(
        code="bad_setting",
        severity="error",
        what=f"{node.name}: {fault.what[0].lower()}{fault.what[1:]}",
        got=_got(node, fault.knob, resolved),
        expected=fault.expected,
        network=graph,
        node=node.id,
        field=fault.knob,
        fixes=tuple(fixes),
    )


def _got(node: Node, knob: str, resolved: Resolved) -> str:
    """The value as written, and what it comes to: `d_model // 256 = 0`."""
    written = _said(node.knobs.get(knob))
    return f"{written} = {_said(resolved.values[knob])}" if knob in resolved.texts else written


def _unset(node: Node, graph: str, knob: str) -> tuple[Fix, ...]:
    words = knob.replace("_", " ")
    edit = SetKnobs(graph=graph, node=node.id, unset=(knob,))
    return (Fix(sentence=f"Put {words} back to its default", edits=(edit,)),)


def _default(kind: str, knob: str) -> Any:
    return next((info.default for info in catalogue.knobs(kind) if info.name == knob), None)


def _unknown_kind(node: Node, graph: str) -> Problem:
    kinds = [kind.kind for kind in catalogue.all_kinds()]
    fixes = tuple(
        Fix(
            sentence=f"Make {node.name} a {kind}",
            edits=(ReplaceKind(graph=graph, node=node.id, to=kind, name=node.name),),
        )
        for kind in get_close_matches(node.kind, kinds, n=2)
    )
    return Problem(
        code="unknown_kind",
        severity="error",
        what=f"{node.name} is a {node.kind}, and there is no layer of that kind. Replace or remove it.",
        got=node.kind,
        expected="a kind of the catalogue",
        network=graph,
        node=node.id,
        fixes=fixes,
    )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    text = str(getattr(value, "expr", value))
    return f"{text[:40]}…" if len(text) > 40 else text or "nothing"
