"""Settings as values and as source text: their expressions over the variables of a drawing."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from builder.errors import NetworkError
from builder.spec.arithmetic import Number, Term, evaluate, parse, variables
from builder.spec.network import Expr, Knob, Knobs


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


def used(texts: Mapping[str, Term | tuple[Term | int, ...]]) -> frozenset[str]:
    """Names used by any knob's expression."""
    found: set[str] = set()
    for text in texts.values():
        for term in [text] if isinstance(text, Term) else text:
            if isinstance(term, Term):
                found |= variables(term)
    return frozenset(found)
