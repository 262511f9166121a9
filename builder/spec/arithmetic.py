"""Arithmetic in settings: our own tokenizer and parser of expressions over variables; never eval."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from builder.errors import NetworkError

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
