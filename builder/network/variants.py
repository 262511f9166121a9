"""Which classes the source needs for blocks: one for every structure a block takes, sizes that differ as arguments."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from builder.network.ends import used_nodes
from builder.network.identifiers import class_name, identifiers, names
from builder.network.resolve import resolve, used
from builder.network.walk import Placed, Walked
from builder.spec.arithmetic import Term, evaluate, parse, show, variables
from builder.spec.network import Expr

Argument = tuple[str, str]
"""A node id and the name of one of its constructor arguments."""


@dataclass
class Drawn:
    """One class to be printed: a network, or a block in one of its structures.

    `sizes` names the parameter that stands for an argument which differs from use to use; `keywords` are the
    variables that become keyword arguments, with their default.
    """

    name: str
    walked: Walked
    called: dict[str, str]
    nodes: tuple[Placed, ...]
    keywords: dict[str, int | float]
    safe: dict[str, str]
    sizes: dict[Argument, str] = field(default_factory=dict)
    arguments: dict[int, dict[str, Any]] = field(default_factory=dict)
    """For each use (by identity of its walk): the values of size parameters."""


class Classes:
    """The classes of one source file; blocks inner first, in the order they are to be printed."""

    def __init__(self, walks: Iterable[Walked], taken: set[str]) -> None:
        self.blocks: list[Drawn] = []
        self._of: dict[int, Drawn] = {}
        self._taken = taken
        uses: dict[str, list[Walked]] = {}
        for walked in walks:
            _collect(walked, uses)
        for block_uses in _inner_first(uses):
            self._draw(block_uses)

    def of(self, walked: Walked) -> Drawn:
        """The class of this use of a block."""
        return self._of[id(walked)]

    def passed(self, placed: Placed, inner: Walked) -> dict[str, Any]:
        """The values a placed block passes to its class: sizes first, then variables that are not the default."""
        drawn = self.of(inner)
        given: dict[str, Any] = dict(drawn.arguments[id(inner)])
        own = {name for knobs in (placed.node.knobs, *placed.node.repeat_knobs) for name in knobs}
        for name, default in drawn.keywords.items():
            if inner.scope[name] != default or name in own:
                given[drawn.safe[name]] = inner.scope[name]
        return given

    def _draw(self, uses: list[Walked]) -> None:
        groups: dict[Any, list[Walked]] = {}
        for walked in uses:
            groups.setdefault(self._structure(walked), []).append(walked)
        for group in groups.values():
            first = group[0]
            title = getattr(first.graph, "name", "")
            drawn = drawn_class(class_name(title, "Block", self._taken), first, self._taken)
            self._sizes(drawn, group)
            self.blocks.append(drawn)
            for walked in group:
                self._of[id(walked)] = drawn

    def _structure(self, walked: Walked) -> Any:
        """Equal for uses that one class can stand for: everything but the values of arguments."""
        parts: list[Any] = []
        for placed in printed(walked):
            call = placed.measured.call
            inner = [id(self.of(one)) for one in placed.rounds]
            values = repr(dict(call.values)) if call else ""
            shape = (call.constructor, tuple(call.arguments), call.forward) if call else ()
            passed = [tuple(self.passed(placed, one)) for one in placed.rounds]
            repeat = placed.repeat if not isinstance(placed.node.repeat, Expr) else 0
            parts.append((placed.node.id, shape, values, tuple(inner), repr(passed), repeat))
        return tuple(parts)

    def _sizes(self, drawn: Drawn, group: list[Walked]) -> None:
        """Arguments that differ between uses become parameters; those that always agree share one."""
        for walked in group:
            drawn.arguments[id(walked)] = {}
        by_values = _said(drawn, group)
        taken = set(drawn.safe.values()) | {"self"}
        for node_id, argument in _plain_arguments(self, drawn.walked):
            values = [_plain_arguments(self, walked)[node_id, argument] for walked in group]
            if len({repr(value) for value in values}) == 1:
                continue
            key = repr(values)
            if key not in by_values:
                wish = argument.split(".")[-1]
                by_values[key] = wish if wish not in taken else f"{drawn.called[node_id]}_{wish}"
                taken.add(by_values[key])
                for walked, value in zip(group, values, strict=True):
                    drawn.arguments[id(walked)][by_values[key]] = value
            drawn.sizes[node_id, argument] = by_values[key]


def drawn_class(
    name: str, walked: Walked, taken: Iterable[str], wishes: dict[str, str] | None = None
) -> Drawn:
    """The class of a graph, with the variables it uses as keywords."""
    nodes = printed(walked)
    wanted = _variables(nodes)
    defaults = {variable.name: variable.value for variable in walked.graph.variables}
    ordered = [n for n in defaults if n in wanted] + sorted(wanted - set(defaults))
    keywords = {
        n: walked.scope[n] if n not in defaults or wishes is not None else defaults[n]
        for n in ordered
    }
    safe = names(keywords, taken)
    return Drawn(name, walked, identifiers(walked.graph, wishes), nodes, keywords, safe)


def printed(walked: Walked) -> tuple[Placed, ...]:
    """The nodes that stand in the source: what some output needs, without inputs, outputs and the bypassed."""
    kept = used_nodes(walked)
    return tuple(
        placed
        for placed in walked.placed.values()
        if placed.node.id in kept
        and placed.node.kind not in ("input", "output")
        and not placed.skipped
    )


def texts_of(placed: Placed, scope: Any) -> dict[str, Any]:
    """Expressions of a node's settings by name, parsed; of a placed block those of its arguments."""
    if placed.node.kind != "block":
        return dict(placed.texts)
    return dict(resolve(placed.node.knobs, scope).texts)


def _variables(nodes: tuple[Placed, ...]) -> set[str]:
    found: set[str] = set()
    for placed in nodes:
        if placed.node.kind == "block":
            for knobs in (placed.node.knobs, *placed.node.repeat_knobs):
                for value in knobs.values():
                    found |= variables(parse(value.expr)) if isinstance(value, Expr) else set()
            if isinstance(placed.node.repeat, Expr) and not placed.node.share_weights:
                found |= variables(parse(placed.node.repeat.expr))
        elif placed.measured.call is not None:
            shown = {
                name: text
                for name, text in placed.texts.items()
                if name in placed.measured.call.arguments
            }
            found |= used(shown)
    return found


def _plain_arguments(classes: Classes, walked: Walked) -> dict[Argument, Any]:
    """Every argument that is not an expression, of every printed node, nested blocks' included."""
    found: dict[Argument, Any] = {}
    for placed in printed(walked):
        texts = texts_of(placed, walked.scope)
        call = placed.measured.call
        if call is not None:
            for name, value in call.arguments.items():
                if name not in texts:
                    found[placed.node.id, name] = value
        for place, inner in enumerate(placed.rounds):
            listed = placed.node.repeat_knobs[place] if placed.node.repeat_knobs else {}
            for name, value in classes.passed(placed, inner).items():
                if name not in texts and name not in listed:
                    found[placed.node.id, f"{place}.{name}"] = value
    return found


def _said(drawn: Drawn, group: list[Walked]) -> dict[str, str]:
    """What the class says already, by its values in each use: sizes of the input, and expressions over keywords."""
    own = {variable.name for variable in drawn.walked.graph.variables}
    terms = [Term(name) for name in drawn.keywords if name not in own]
    for placed in drawn.nodes:
        terms += [one for one in texts_of(placed, drawn.walked.scope).values() if _is_term(one)]
    found: dict[str, str] = {}
    for term in terms:
        values = [evaluate(term, walked.scope) for walked in group]
        found.setdefault(repr(values), show(term, drawn.safe))
    return found


def _is_term(text: Any) -> bool:
    return isinstance(text, Term) and variables(text) != frozenset()


def _collect(walked: Walked, uses: dict[str, list[Walked]]) -> None:
    for placed in printed(walked):
        for inner in placed.rounds:
            known = uses.setdefault(inner.name, [])
            if not any(one is inner for one in known):
                known.append(inner)
                _collect(inner, uses)


def _inner_first(uses: dict[str, list[Walked]]) -> list[list[Walked]]:
    """Blocks so that each comes after the blocks inside it."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in done:
            return
        for walked in uses[name]:
            for placed in printed(walked):
                for inner in placed.rounds:
                    visit(inner.name)
        done[name] = None

    for name in uses:
        visit(name)
    return [uses[name] for name in done]
