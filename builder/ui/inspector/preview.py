"""What a fix will change, in words: one line under its button, everything when it is pointed at or focused."""

from collections.abc import Callable

from builder.spec.problems import Change, Fix
from builder.ui import words

MOST = 2


def short(fix: Fix) -> str:
    """The first changes in one line."""
    said = [_said(change) for change in fix.changes]
    more = f" · {len(said) - MOST} more" if len(said) > MOST else ""
    return " · ".join(said[:MOST]) + more


def whole(fix: Fix) -> str:
    """Every change on a line of its own."""
    if not fix.changes:
        return ""
    return "What changes:\n\n" + "\n".join(f"- {_said(change)}" for change in fix.changes)


def _said(change: Change) -> str:
    return words.plain(_SAID[change.what](change))


def _parameters(change: Change) -> str:
    had, has = (int(one.replace(",", "")) for one in (change.before, change.after))
    return f"{change.before} → {change.after} parameters ({has - had:+,})"


def _shape(change: Change) -> str:
    had = f", not {change.before}" if change.before else ""
    return f"{change.name} gives {change.after}{had}"


def _connection(change: Change) -> str:
    return f"connects {change.after}" if change.after else f"cuts {change.before}"


_SAID: dict[str, Callable[[Change], str]] = {
    "added": lambda change: f"adds {change.name} ({change.after})",
    "removed": lambda change: f"removes {change.name} ({change.before})",
    "setting": lambda change: f"{change.name}: {change.before} → {change.after}",
    "connection": _connection,
    "shape": _shape,
    "parameters": _parameters,
    "training": lambda change: "changes the training settings",
}
