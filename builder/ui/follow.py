"""Widgets that show what the document says: they follow it when it changes, and keep what is being typed else."""

from collections.abc import Sequence
from typing import Any

from builder.ui.state import current, set_widget, widget


def follow(key: str, shown: Any, argument: str = "value") -> dict[str, Any]:
    """The key and first value of a widget that shows `shown`; pass them on: `st.text_input("Name", **follow(...))`.

    A widget on the page is told only when `shown` has changed since the last run, so half-typed text stays. On all
    other runs `shown` travels as the first value: a run that was cut short may never have reached the browser, which
    would then start from the widget's own default and report that as a change.
    """
    memory: dict[str, Any] = current().drafts.setdefault("followed", {})
    was = memory.get(key, ...)
    memory[key] = shown
    if was != shown and widget(key) is not None:
        set_widget(key, shown)
        return {"key": key}
    return {"key": key, argument: shown}


def follow_choice(key: str, shown: Any, options: Sequence[Any]) -> dict[str, Any]:
    """As `follow`, for a select box over `options`."""
    wanted = follow(key, shown, "index")
    if "index" in wanted:
        wanted["index"] = options.index(shown) if shown in options else 0
    return wanted


def forget(key: str) -> None:
    """Makes a widget show the document again, whatever was typed into it."""
    memory: dict[str, Any] = current().drafts.setdefault("followed", {})
    memory.pop(key, None)
