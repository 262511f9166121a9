"""Forms drawn from the settings a layer declares: what is typed becomes a value, or a sentence why it cannot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from builder.errors import BuilderError, SpecError
from builder.layers.catalogue import KnobInfo
from builder.spec.arithmetic import evaluate, parse
from builder.spec.expressions import names_in
from builder.spec.network import Expr, Knob
from builder.ui import state
from builder.ui.follow import follow
from builder.ui.typed import (
    Scope,
    accept,
    read_expression,
    read_number,
    read_sizes,
    show_number,
    show_value,
)
from builder.ui.words import plain

MOST_SEGMENTS = 4
Shown = bool | int | float | str | None
Pin = Callable[[KnobInfo, Knob], tuple[str, str, Callable[[], None]] | None]
"""For a setting and its value: icon, words and act of a button beside it; None for no button."""


@dataclass(frozen=True)
class Form:
    """The settings of one layer on the page. `change` is told a setting's new value, None for its default."""

    kind: str
    owner: str
    values: Mapping[str, Knob]
    scope: Scope
    change: Callable[[str, Knob | None], None]
    define: Callable[[str, int | float], bool] | None = None
    """Makes a variable that an expression asks for; None where that cannot be."""
    pin: "Pin | None" = None

    def accept(self, info: KnobInfo, value: Knob) -> None:
        """Raises SpecError when the setting cannot have this value."""
        accept(self.kind, info, value, self.scope)

    def draw(self, info: KnobInfo) -> None:
        """One setting: its widget, a way back to the default, and what is wrong with what was typed."""
        field = Field(self, info)
        row = st.container(horizontal=True, vertical_alignment="bottom", gap="xxsmall", wrap=False)
        with row:
            _drawing(field)(field)
            field.draw_buttons()
        wrong = _complaints().get(field.name)
        if wrong:
            kept = plain(show_value(field.stored))
            st.caption(f":red[:material/error: {plain(wrong)}] {kept} is kept.")
            field.offer_variable()
        elif isinstance(field.stored, Expr):
            st.caption(f"= {plain(self.evaluated(field.stored))}")

    def evaluated(self, value: Expr) -> str:
        """What an expression gives now, or why nothing."""
        try:
            return show_number(evaluate(parse(value.expr), self.scope))
        except BuilderError as error:
            return str(error)


@dataclass(frozen=True)
class Field:
    """One setting on the page. The document is the truth: the widget follows it, and what is typed is checked first."""

    form: Form
    info: KnobInfo

    @property
    def stored(self) -> Knob:
        """The value in the document."""
        stored: Knob = self.form.values.get(self.info.name, self.info.default)
        return stored

    @property
    def is_own(self) -> bool:
        """Whether the value differs from the default."""
        return bool(self.stored != self.info.default)

    @property
    def name(self) -> str:
        """Names the field among all on the page."""
        return f"knob.{self.form.owner}.{self.info.name}"

    @property
    def label(self) -> str:
        """The words above the widget, with a dot when the value is not the default."""
        unit = f" ({self.info.unit})" if self.info.unit else ""
        return f"{self.info.label}{unit}{' •' if self.is_own else ''}"

    def follow(self, part: str, shown: Shown, argument: str = "value") -> dict[str, Any]:
        """Key and first value of a widget that shows `shown`; what was wrong before is over when that changes."""
        key = f"{self.name}.{part}"
        last = _last()
        if last.get(key, ...) != shown:
            _complaints().pop(self.name, None)
        last[key] = shown
        return follow(key, shown, argument)

    def take(self, read: Callable[[], Knob]) -> None:
        """Changes the document if what was typed can be; else keeps the last good value and remembers why."""
        try:
            value = read()
            self.form.accept(self.info, value)
        except BuilderError as error:
            _complaints()[self.name] = str(error)
            return
        _complaints().pop(self.name, None)
        if value != self.stored:
            self.form.change(self.info.name, None if value == self.info.default else value)

    def draw_buttons(self) -> None:
        """Small buttons beside the widget: expression or number, one number or two, back to the default."""
        split = isinstance(self.stored, tuple)
        if self.info.type == "pair" and not isinstance(self.stored, Expr):
            words = "One number for all axes" if split else "A number for each axis"
            icon = "link" if split else "link_off"
            self._button("split", icon, words, self._join if split else self._split)
        if self.info.type in ("int", "float", "pair") and not split:
            writes = isinstance(self.stored, Expr)
            words = "Back to a plain number" if writes else "Write an expression over the variables"
            self._button(
                "fx", "123" if writes else "function", words, self._plain if writes else self._write
            )
        if self.form.pin is not None:
            pinned = self.form.pin(self.info, self.stored)
            if pinned is not None:
                self._button("pin", *pinned)
        if self.is_own:
            words = f"Back to {show_value(self.info.default)}"
            self._button("back", "undo", words, lambda: self.form.change(self.info.name, None))

    def _button(self, part: str, icon: str, words: str, act: Callable[[], None]) -> None:
        st.button(
            "",
            key=f"{self.name}.{part}.button",
            icon=f":material/{icon}:",
            help=words,
            type="tertiary",
            on_click=act,
        )

    def offer_variable(self) -> None:
        """A button that makes the variable which the expression just typed asks for."""
        text = str(state.widget(f"{self.name}.fx") or "") if isinstance(self.stored, Expr) else ""
        missing = [name for name in names_in(text) if name not in self.form.scope]
        if self.form.define is None or len(missing) != 1:
            return
        value = self.info.default if text.strip() == missing[0] else 1
        value = value if isinstance(value, int | float) else 1
        st.button(
            f"Create {missing[0]} = {show_number(value)}",
            icon=":material/add:",
            key=f"{self.name}.define",
            on_click=self._define,
            args=(missing[0], value, text),
        )

    def _define(self, name: str, value: int | float, text: str) -> None:
        if self.form.define is not None and self.form.define(name, value):
            _complaints().pop(self.name, None)
            self.form.change(self.info.name, Expr(expr=text.strip()))

    def _split(self) -> None:
        both = self.stored
        if isinstance(both, int):
            self.form.change(self.info.name, (both,) * self.info.axes)

    def _join(self) -> None:
        first = (
            self.stored[0] if isinstance(self.stored, tuple) and self.stored else self.info.default
        )
        if isinstance(first, int):
            self.form.change(self.info.name, None if first == self.info.default else first)

    def _write(self) -> None:
        if isinstance(self.stored, int | float):
            self.form.change(self.info.name, Expr(expr=show_number(self.stored)))

    def _plain(self) -> None:
        if not isinstance(self.stored, Expr):
            return
        text = self.form.evaluated(self.stored)
        self.take(lambda: read_number(text, self.info))


def _whole(field: Field) -> None:
    given = field.follow("whole", _number(field.stored))
    _number_input(field, given, field.label, lambda: _whole_typed(given["key"], field.info))


def _pair(field: Field) -> None:
    if not isinstance(field.stored, tuple):
        _whole(field)
        return
    both = [field.follow(f"{i}", _number(part)) for i, part in enumerate(field.stored)]

    def read() -> Knob:
        return tuple(_whole_typed(each["key"], field.info) for each in both)

    for place, given in enumerate(both):
        _number_input(field, given, field.label if place == 0 else "\u00a0", read)


def _number_input(
    field: Field, given: dict[str, Any], label: str, read: Callable[[], Knob]
) -> None:
    shown = given.get("value", state.widget(given["key"]))
    low, high = field.info.minimum, field.info.maximum
    inside = low is not None and high is not None and shown is not None and low <= shown <= high
    st.number_input(
        label,
        min_value=int(low) if inside and low is not None else None,
        max_value=int(high) if inside and high is not None else None,
        step=int(field.info.step or 1),
        help=field.info.help,
        on_change=lambda: field.take(read),
        **given,
    )


def _share(field: Field) -> None:
    given = field.follow("share", float(_number(field.stored) or 0))
    st.slider(
        field.label,
        min_value=float(field.info.minimum or 0),
        max_value=float(field.info.maximum or 1),
        step=field.info.step or 0.05,
        help=field.info.help,
        on_change=lambda: field.take(lambda: float(state.widget(given["key"]))),
        **given,
    )


def _toggle(field: Field) -> None:
    given = field.follow("on", bool(field.stored))
    st.toggle(
        field.label,
        help=field.info.help,
        on_change=lambda: field.take(lambda: bool(state.widget(given["key"]))),
        width="stretch",
        **given,
    )


def _choice(field: Field) -> None:
    choices = list(field.info.choices)
    shown = str(field.stored) if str(field.stored) in choices else choices[0]
    few = len(choices) <= MOST_SEGMENTS
    given = field.follow("choice", shown, "default" if few else "index")

    def read() -> None:
        field.take(lambda: str(state.widget(given["key"])))

    common: dict[str, Any] = {
        "format_func": _choice_words,
        "help": field.info.help,
        "on_change": read,
    }
    if few:
        st.segmented_control(
            field.label, choices, required=True, width="stretch", **common, **given
        )
    else:
        index = {"index": choices.index(shown)} if "index" in given else {}
        st.selectbox(field.label, choices, **common, **{**given, **index})


def _choice_words(choice: str) -> str:
    return (choice or "nothing").replace("_", " ").capitalize()


def _text(
    field: Field, part: str, shown: str, read: Callable[[str], Knob], label: str = ""
) -> None:
    given = field.follow(part, shown)
    st.text_input(
        label or field.label,
        help=field.info.help,
        on_change=lambda: field.take(lambda: read(str(state.widget(given["key"]) or ""))),
        **given,
    )


def _fraction(field: Field) -> None:
    _text(field, "text", show_value(field.stored), lambda text: read_number(text, field.info))


def _sizes(field: Field) -> None:
    parts = field.stored if isinstance(field.stored, tuple) else (field.stored,)
    shown = ", ".join(show_value(part) for part in parts)
    _text(field, "sizes", shown, lambda text: read_sizes(text, field.info))


def _word(field: Field) -> None:
    _text(field, "word", str(field.stored), lambda text: text.strip())


def _expression(field: Field) -> None:
    scope = field.form.scope
    label = f"{field.label} · fx"
    _text(field, "fx", show_value(field.stored), lambda text: read_expression(text, scope), label)


_DRAWN: dict[str, Callable[[Field], None]] = {
    "int": _whole,
    "float": _fraction,
    "bool": _toggle,
    "str": _word,
    "choice": _choice,
    "pair": _pair,
    "shape": _sizes,
}


def _drawing(field: Field) -> Callable[[Field], None]:
    """What suits the type of the setting and the value it has now, which a file may have made unusual."""
    info, stored = field.info, field.stored
    if isinstance(stored, Expr):
        return _expression
    if (
        info.type == "float"
        and info.minimum == 0
        and (info.maximum or 2) <= 1
        and not info.open_minimum
    ):
        fits = isinstance(stored, int | float) and 0 <= stored <= (info.maximum or 1)
        return _share if fits else _fraction
    if info.type in ("int", "pair") and not _whole_numbers(stored):
        return _fraction
    return _DRAWN[info.type]


def _whole_numbers(stored: Knob) -> bool:
    parts = stored if isinstance(stored, tuple) else (stored,)
    return all(isinstance(part, int) and not isinstance(part, bool) for part in parts)


def _number(value: Knob) -> int | float | None:
    return value if isinstance(value, int | float) else None


def _whole_typed(key: str, info: KnobInfo) -> int:
    value = state.widget(key)
    if value is None:
        raise SpecError(f"{info.label} must be {info.needs()}.")
    return int(value)


def _last() -> dict[str, object]:
    last: dict[str, object] = state.current().drafts.setdefault("knobs", {})
    return last


def _complaints() -> dict[str, str]:
    complaints: dict[str, str] = state.current().drafts.setdefault("knob complaints", {})
    return complaints
