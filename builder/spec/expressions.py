"""Names inside expressions: who uses a variable, and the same drawing with names replaced."""

import re
from collections.abc import Callable, Iterator, Mapping

from builder.errors import NetworkError
from builder.spec.arithmetic import evaluate, parse
from builder.spec.network import Expr, Graph, Knob, Knobs, Node

_TOKEN = re.compile(r"\d+(?:\.\d+)?|(?P<name>[A-Za-z_][A-Za-z0-9_]*)")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")


def names_in(text: str) -> tuple[str, ...]:
    """The names in an expression, in order, each once."""
    found = (match.group("name") for match in _TOKEN.finditer(text))
    return tuple(dict.fromkeys(name for name in found if name))


def names_of(node: Node) -> frozenset[str]:
    """The names a node's settings and repetitions use."""
    return frozenset(name for text in _texts(node) for name in names_in(text))


def users(graph: Graph, name: str) -> tuple[Node, ...]:
    """The nodes whose settings use a variable, in drawing order."""
    return tuple(node for node in graph.nodes if name in names_of(node))


def with_names(node: Node, said: Mapping[str, str | int | float]) -> Node:
    """The node with every name of `said` replaced: by a text (a name or an expression) or by a number."""
    if not names_of(node) & set(said):
        return node

    def changed(value: Knob) -> Knob:
        return _replaced(value, said) if isinstance(value, Expr) else _parts(value, said)

    def all_changed(knobs: Knobs) -> Knobs:
        return {name: changed(value) for name, value in knobs.items()}

    repeat = _replaced(node.repeat, said) if isinstance(node.repeat, Expr) else node.repeat
    return node.model_copy(
        update={
            "knobs": all_changed(node.knobs),
            "repeat": repeat,
            "repeat_knobs": tuple(all_changed(knobs) for knobs in node.repeat_knobs),
        }
    )


def folded(node: Node) -> Node:
    """The node with every expression that names nothing as the number it comes to, where that is a whole one."""

    def number(value: Knob) -> Knob:
        if isinstance(value, tuple):
            return tuple(_whole(part) if isinstance(part, Expr) else part for part in value)
        return _whole(value) if isinstance(value, Expr) else value

    def numbers(knobs: Knobs) -> Knobs:
        return {name: number(value) for name, value in knobs.items()}

    return node.model_copy(
        update={
            "knobs": numbers(node.knobs),
            "repeat": _whole(node.repeat) if isinstance(node.repeat, Expr) else node.repeat,
            "repeat_knobs": tuple(numbers(knobs) for knobs in node.repeat_knobs),
        }
    )


def _whole(value: Expr) -> Expr | int:
    """Its whole number; the expression itself where it has names, is broken or comes to a fraction."""
    if names_in(value.expr):
        return value
    try:
        found = evaluate(parse(value.expr), {})
    except NetworkError:  # the check says what is wrong with it
        return value
    return found if isinstance(found, int) else value


def _texts(node: Node) -> Iterator[str]:
    listed = [node.repeat, *node.knobs.values()]
    listed += [value for knobs in node.repeat_knobs for value in knobs.values()]
    for value in listed:
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Expr):
                yield part.expr


def _parts(value: Knob, said: Mapping[str, str | int | float]) -> Knob:
    """A pair with its expressions replaced; anything else as it is. Its parts stay whole numbers or expressions."""
    if not isinstance(value, tuple):
        return value
    parts: list[int | Expr] = []
    for part in value:
        new = _replaced(part, said) if isinstance(part, Expr) else part
        parts.append(Expr(expr=_text(new)) if isinstance(new, float) else new)
    return tuple(parts)


def _replaced(value: Expr, said: Mapping[str, str | int | float]) -> Expr | int | float:
    """The expression with names replaced; a number where nothing but a number is left."""
    alone = value.expr.strip() in said
    text = _TOKEN.sub(_by(said, bare=alone), value.expr)
    if alone and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return Expr(expr=text[:200])


def _by(said: Mapping[str, str | int | float], *, bare: bool) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        name = match.group("name")
        if not name or name not in said:
            return match.group(0)
        text = _text(said[name])
        plain = bare or re.fullmatch(r"\w+|\d+\.\d+", text, re.ASCII)
        return text if plain else f"({text})"

    return replace


def _text(value: str | int | float | Expr) -> str:
    """A value as the expression language writes it: no exponents."""
    if isinstance(value, Expr):
        return value.expr
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.18f}".rstrip("0")
    return str(value)
