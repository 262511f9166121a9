"""Expressions over variables: our own tokenizer and parser, to a value and to source text; never eval."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from builder.errors import NetworkError
from builder.spec.network import Expr, Knob, Knobs

Number = int | float

LARGEST = 10**15
"""Beyond it no size makes sense, and integers would grow without end."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,18}(?:\.\d{1,18})?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>//|[-+*/()]))"
)
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2}


class Term(NamedTuple):
    """A parsed expression: a number, a name, a sign with one or two sides."""

    head: Number | str
    sides: tuple["Term", ...] = ()


class Resolved(NamedTuple):
    """Knobs as values, the source text of those given as expressions, and faults by knob name."""

    values: dict[str, Any]
    texts: dict[str, Term | tuple[Term | int, ...]]
    faults: dict[str, str]


def resolve(knobs: Knobs, scope: Mapping[str, Number]) -> Resolved:
    """Every knob evaluated over the variables of `scope`; a knob that cannot be is in `faults` instead."""
    values: dict[str, Any] = {}
    texts: dict[str, Term | tuple[Term | int, ...]] = {}
    faults: dict[str, str] = {}
    for name, raw in knobs.items():
        try:
            if isinstance(raw, Expr):
                term = parse(raw.expr)
                values[name], texts[name] = evaluate(term, scope), term
            elif isinstance(raw, tuple) and any(isinstance(part, Expr) for part in raw):
                parts = [parse(part.expr) if isinstance(part, Expr) else part for part in raw]
                values[name] = tuple(
                    evaluate(part, scope) if isinstance(part, Term) else part for part in parts
                )
                texts[name] = tuple(parts)
            else:
                values[name] = raw
        except NetworkError as fault:
            faults[name] = str(fault)
    return Resolved(values, texts, faults)


def number(raw: int | Expr, scope: Mapping[str, Number]) -> Number:
    """A number or the value of an expression; NetworkError says what is wrong with it."""
    return evaluate(parse(raw.expr), scope) if isinstance(raw, Expr) else raw


def unknown(raw: Knob, scope: Mapping[str, Number]) -> tuple[str, ...]:
    """The names in a setting's expressions that no variable has; none where it cannot be read at all."""
    parts = raw if isinstance(raw, tuple) else (raw,)
    try:
        terms = [parse(part.expr) for part in parts if isinstance(part, Expr)]
    except NetworkError:
        return ()
    return tuple(name for term in terms for name in _names(term) if name not in scope)


def _names(term: Term) -> tuple[str, ...]:
    if not term.sides:
        return (term.head,) if isinstance(term.head, str) else ()
    return tuple(name for side in term.sides for name in _names(side))


def parse(text: str) -> Term:
    """The expression written in `text`; NetworkError with what is not understood."""
    tokens = list(_tokens(text))
    term, rest = _sum(tokens, text)
    if rest:
        raise NetworkError(f"“{text}” does not go on after “{_upto(tokens, rest)}”.")
    return term


def evaluate(term: Term, scope: Mapping[str, Number]) -> Number:
    """The value over these variables; NetworkError on unknown names, division by zero, sizes without end."""
    head, sides = term
    if not sides:
        if isinstance(head, str):
            if head not in scope:
                known = ", ".join(sorted(scope)) or "none are defined here"
                raise NetworkError(f"There is no variable {head}; known: {known}.")
            return scope[head]
        return head
    numbers = [evaluate(side, scope) for side in sides]
    value = _apply(str(head), numbers)
    if abs(value) > LARGEST:
        raise NetworkError(f"“{show(term)}” gives more than {LARGEST:,}; make it smaller.")
    return value


def show(term: Term, names: Mapping[str, str] | None = None) -> str:
    """The expression as Python text with as few parentheses as it can; `names` replaces variables."""
    return _show(term, names or {}, 0)


def variables(term: Term) -> frozenset[str]:
    """Names an expression uses."""
    if not term.sides:
        return frozenset({term.head} if isinstance(term.head, str) else ())
    return frozenset().union(*(variables(side) for side in term.sides))


def used(texts: Mapping[str, Term | tuple[Term | int, ...]]) -> frozenset[str]:
    """Names used by any knob's expression."""
    found: set[str] = set()
    for text in texts.values():
        for term in [text] if isinstance(text, Term) else text:
            if isinstance(term, Term):
                found |= variables(term)
    return frozenset(found)


def _apply(sign: str, sides: list[Number]) -> Number:
    if len(sides) == 1:
        return -sides[0]
    left, right = sides
    if sign in ("/", "//") and right == 0:
        raise NetworkError("The expression divides by zero; change the variable below the line.")
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    return left // right if sign == "//" else left / right


def _tokens(text: str) -> Iterator[str]:
    at = 0
    plain = text.rstrip()
    while at < len(plain):
        found = _TOKEN.match(plain, at)
        if found is None:
            odd = plain[at:].lstrip()[:1]
            raise NetworkError(
                f"“{text}” has {odd!a}, which is not understood; use numbers, variables, + - * // / and ( )."
            )
        yield found.group(found.lastgroup or 0)
        at = found.end()


def _sum(tokens: list[str], text: str) -> tuple[Term, list[str]]:
    left, tokens = _product(tokens, text)
    while tokens and tokens[0] in ("+", "-"):
        right, rest = _product(tokens[1:], text)
        left, tokens = Term(tokens[0], (left, right)), rest
    return left, tokens


def _product(tokens: list[str], text: str) -> tuple[Term, list[str]]:
    left, tokens = _factor(tokens, text)
    while tokens and tokens[0] in ("*", "/", "//"):
        right, rest = _factor(tokens[1:], text)
        left, tokens = Term(tokens[0], (left, right)), rest
    return left, tokens


def _factor(tokens: list[str], text: str) -> tuple[Term, list[str]]:
    if not tokens:
        raise NetworkError(f"“{text}” ends too early; a number or a variable is missing.")
    first, rest = tokens[0], tokens[1:]
    if first == "-":
        inner, rest = _factor(rest, text)
        return Term("-", (inner,)), rest
    if first == "(":
        inner, rest = _sum(rest, text)
        if not rest or rest[0] != ")":
            raise NetworkError(f"“{text}” has a bracket that is not closed.")
        return inner, rest[1:]
    if first[0].isdigit():
        return Term(float(first) if "." in first else int(first)), rest
    if first[0] in "+*/)":
        raise NetworkError(f"“{text}” has “{first}” where a number or a variable belongs.")
    return Term(first), rest


def _show(term: Term, names: Mapping[str, str], outer: int) -> str:
    head, sides = term
    if not sides:
        return names.get(head, head) if isinstance(head, str) else repr(head)
    if len(sides) == 1:
        return f"-{_show(sides[0], names, 3)}"
    strength = _STRENGTH[str(head)]
    text = f"{_show(sides[0], names, strength)} {head} {_show(sides[1], names, strength + 1)}"
    return f"({text})" if strength < outer else text


def _upto(tokens: list[str], rest: list[str]) -> str:
    return " ".join(tokens[: len(tokens) - len(rest)])
