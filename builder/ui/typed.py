"""What people type into a setting, as a value or a sentence why it is none; and values as they are shown."""

import math
from collections.abc import Mapping

from builder.errors import NetworkError, SpecError
from builder.layers import catalogue
from builder.layers.catalogue import KnobInfo
from builder.network import resolve
from builder.spec.arithmetic import evaluate, parse
from builder.spec.network import Expr, Knob

Scope = Mapping[str, int | float]


def read_number(text: str, info: KnobInfo) -> int | float:
    """The number in a text: `0.001`, `1e-3` and `0,001` alike; SpecError says what is needed instead."""
    plain = text.strip().replace("\u2212", "-").replace("\u00a0", "").replace(" ", "")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError as error:
        raise SpecError(
            f"{info.label} must be {info.needs()}, not “{text.strip()[:40]}”."
        ) from error
    if not math.isfinite(value):
        raise SpecError(f"{info.label} must be {info.needs()}, not “{text.strip()[:40]}”.")
    whole = value.is_integer() and info.type != "float"
    return int(value) if whole else value


def read_sizes(text: str, info: KnobInfo) -> tuple[int, ...]:
    """The sizes in a text: `1, 28, 28` and `1×28×28` alike; nothing gives none."""
    parts = text.replace("×", ",").replace("x", ",").strip(" ()[]").split(",")
    try:
        return tuple(int(part) for part in parts if part.strip())
    except ValueError as error:
        raise SpecError(f"{info.label} must be {info.needs()}, such as 1, 28, 28.") from error


def read_expression(text: str, scope: Scope) -> Expr:
    """An expression over the variables that gives a number now; SpecError says what is wrong with it."""
    plain = text.strip()
    if not plain:
        raise SpecError(
            "Write an expression such as d_model // 2, or press fx to go back to a number."
        )
    try:
        evaluate(parse(plain), scope)
        return Expr(expr=plain)
    except (NetworkError, ValueError) as error:
        raise SpecError(str(error)) from error


def show_number(value: float) -> str:
    """A number as the form shows it: 0.001, 1e-05, 12."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value) if abs(value) >= 1e-4 or value == 0 else f"{value:.6g}"


def show_value(value: Knob) -> str:
    """A setting in a few words, for `back to 3`."""
    if isinstance(value, Expr):
        return value.expr
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " × ".join(show_value(part) for part in value) or "nothing"
    return show_number(value) if isinstance(value, int | float) else value or "nothing"


def accept(kind: str, info: KnobInfo, value: Knob, scope: Scope) -> None:
    """Raises SpecError when a layer of this kind cannot have the value."""
    fixed = resolve.resolve({info.name: value}, scope)
    if info.name in fixed.faults:
        raise SpecError(fixed.faults[info.name])
    catalogue.parse(kind, fixed.values)
