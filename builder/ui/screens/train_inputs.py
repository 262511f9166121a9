"""Inputs of the training settings: they show what the document says, and a change becomes an edit."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from pydantic import ValidationError

from builder.errors import BuilderError
from builder.spec.edits import SetTraining
from builder.spec.training import TrainingSpec
from builder.train.recipes import catalogue as recipes
from builder.train.settings import Setting, resolve
from builder.ui import words
from builder.ui.follow import follow, follow_choice
from builder.ui.state import current, widget

Change = Callable[[TrainingSpec, Any], TrainingSpec]
"""The settings with one value put in; None puts the inferred one back."""


def choice(
    label: str,
    name: str,
    value: str,
    options: dict[str, str],
    change: Change,
    *,
    help: str | None = None,
    setting: Setting | None = None,
) -> None:
    """A choice among named kinds."""
    options = options if value in options else {**options, value: value}
    _heed(name, value)
    st.selectbox(
        label,
        list(options),
        format_func=lambda kind: options.get(kind, kind),
        help=help,
        on_change=_changed,
        args=(name, label, change),
        **follow_choice(f"train_{name}", value, list(options)),
    )
    _origin(name, setting, change, options.get(str(setting.value)) if setting else None)


def whole(
    label: str,
    name: str,
    value: int,
    change: Change,
    *,
    least: int,
    most: int = 1_000_000,
    help: str | None = None,
    setting: Setting | None = None,
) -> None:
    """A whole number with steppers."""
    _heed(name, value)
    st.number_input(
        label,
        least,
        most,
        step=1,
        help=help,
        on_change=_changed,
        args=(name, label, change),
        **follow(f"train_{name}", value),
    )
    _origin(name, setting, change)


def fraction(
    label: str,
    name: str,
    value: float,
    change: Change,
    *,
    help: str | None = None,
    setting: Setting | None = None,
) -> None:
    """A number typed as text: 1e-3, 0,001 and 0.001 alike."""
    shown = f"{value:g}"
    _heed(name, shown)
    st.text_input(
        label,
        help=help,
        on_change=_typed,
        args=(name, label, change),
        **follow(f"train_{name}", shown),
    )
    wrong = current().drafts.get(f"wrong_{name}")
    if wrong:
        st.caption(f":red[:material/error: {words.plain(wrong)}]")
    _origin(name, setting, change)


def switch(label: str, name: str, value: bool, change: Change, *, help: str | None = None) -> None:
    """A yes or no."""
    st.toggle(
        label,
        help=help,
        on_change=_changed,
        args=(name, label, change),
        **follow(f"train_{name}", value),
    )


def _origin(name: str, setting: Setting | None, change: Change, shown: str | None = None) -> None:
    """The chip of an inferred value with its reason, or the way back to inferred."""
    if setting is None:
        return
    if setting.origin == "inferred":
        st.caption(f":material/auto_awesome: inferred, {words.plain(setting.reason)}")
        return
    st.button(
        "Back to inferred",
        key=f"inferred_{name}",
        type="tertiary",
        icon=":material/undo:",
        on_click=_back,
        args=(change, None, f"Changed {name.replace('_', ' ')} back to inferred"),
    )


def _heed(name: str, value: Any) -> None:
    """Forgets what was wrong with a typed value as soon as the document says another one."""
    seen = current().drafts.setdefault("train_shown", {})
    if seen.get(name, ...) != value:
        seen[name] = value
        current().drafts.pop(f"wrong_{name}", None)


def _changed(name: str, label: str, change: Change) -> None:
    _apply(change, widget(f"train_{name}"), f"Changed {label.lower()}")


def _typed(name: str, label: str, change: Change) -> None:
    text = str(widget(f"train_{name}") or "")
    drafts = current().drafts
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        drafts[f"wrong_{name}"] = f"{label} must be a number such as 0.001 or 1e-3."
        return
    drafts.pop(f"wrong_{name}", None)
    if not _apply(change, value, f"Changed {label.lower()}"):
        drafts[f"wrong_{name}"] = f"{label} cannot be {value:g}; the last good value is kept."


def _back(change: Change, value: None, what: str) -> None:
    _apply(change, value, what)


def _apply(change: Change, value: Any, what: str) -> bool:
    state = current()
    try:
        changed = change(state.project.training, value)
        training = TrainingSpec.model_validate(changed.model_dump(), strict=False)
        schema = state.project.data.snapshot
        if schema is not None:
            resolve(training, schema, recipes.infer(training, schema))
    except ValidationError:
        return False
    except BuilderError as error:
        state.say(str(error), is_error=True)
        return False
    if training == state.project.training:
        return True
    return state.apply(SetTraining(training=training, words=what))
