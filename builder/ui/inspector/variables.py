"""The Variables tab: named numbers of the network, or of the block that is open its settings."""

import streamlit as st

from builder.errors import BuilderError, SpecError
from builder.spec.edits import RemoveVariable, RenameVariable, SetVariable
from builder.spec.expressions import users
from builder.spec.network import Variable
from builder.ui import words
from builder.ui.canvas.drawing import Drawing
from builder.ui.follow import follow, forget
from builder.ui.inspector.scope import expected
from builder.ui.state import forget_widget, widget
from builder.ui.typed import show_number

NAME_HELP = "Letters, digits and _, beginning with a letter"
MOST_USERS = 4
ORIGINS = {
    "classes": "how many classes the target has",
    "features": "how many numbers one sample has",
    "vocabulary": "how many different tokens there are",
    "target_vocabulary": "how many different tokens can be written",
    "target_length": "how many tokens are written at most",
    "horizon": "how many steps ahead are asked for",
    "outputs": "how many numbers the answer has",
}


def show(drawing: Drawing) -> None:
    """Draws every variable with its value and users, a row to add one, and what the data gives."""
    network = drawing.network
    if drawing.path:
        title = words.plain(drawing.path[-1].block.name)
        st.caption(
            f"Settings of the block {title}: each use may have its own value. The value here is the default. "
            "Press the pin beside a setting of a layer inside to add one."
        )
    elif not network.variables:
        st.caption(
            "No variables yet. A variable is a named number such as d_model = 128; press fx beside a setting "
            "to use it, and change it here for all layers at once."
        )
    for variable in network.variables:
        _variable(drawing, variable)
    _add(drawing)
    _from_data(drawing)


def _variable(drawing: Drawing, variable: Variable) -> None:
    key = f"variable.{drawing.network_name}.{variable.name}"
    with st.container(border=True, gap="xsmall", key=f"variable_{variable.name}"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", wrap=False):
            st.text_input(
                "Name",
                help=NAME_HELP,
                max_chars=40,
                on_change=_rename,
                args=(drawing, variable.name, f"{key}.name"),
                **follow(f"{key}.name", variable.name),
            )
            st.number_input(
                "Value",
                step=_step(variable.value),
                format=None if isinstance(variable.value, int) else "%g",
                on_change=_set,
                args=(drawing, variable, f"{key}.value"),
                **follow(f"{key}.value", variable.value),
            )
            st.button(
                "",
                icon=":material/delete:",
                key=f"{key}.delete",
                type="tertiary",
                help=_deletion(drawing, variable),
                on_click=_delete,
                args=(drawing, variable),
            )
        _slider(drawing, variable, key)
        _users(drawing, variable)
        st.text_input(
            "Note",
            max_chars=200,
            placeholder="What it is for",
            label_visibility="collapsed",
            on_change=_note,
            args=(drawing, variable, f"{key}.note"),
            **follow(f"{key}.note", variable.note),
        )


def _step(value: int | float) -> int | float:
    return 1 if isinstance(value, int) else 10.0 ** (_exponent(value) - 1)


def _exponent(value: float) -> int:
    """The power of ten of a number's first digit; 0.05 gives -2."""
    return int(f"{abs(value) or 1.0:e}".split("e")[1])


def bounds(value: int | float) -> tuple[int | float, int | float]:
    """From where to where a slider goes: to the power of two above twice the value; both ends hold it."""
    if isinstance(value, float):
        top = 10.0 ** (_exponent(value) + 1)
        return (0.0, top) if value >= 0 else (-top, 0.0)
    if value < 1:
        return (2 * value - 8, 8)
    return 1, 1 << max(value.bit_length() + 1, 3)


def _slider(drawing: Drawing, variable: Variable, key: str) -> None:
    low, high = bounds(variable.value)
    field = f"{key}.slider.{high}"
    st.slider(
        f"{variable.name}, by hand",
        min_value=low,
        max_value=high,
        step=_step(variable.value),
        label_visibility="collapsed",
        on_change=_set,
        args=(drawing, variable, field),
        **follow(field, variable.value),
    )


def _users(drawing: Drawing, variable: Variable) -> None:
    names = [node.name for node in users(drawing.network, variable.name)]
    if not names:
        st.caption("Not used yet")
        return
    more = f" and {len(names) - MOST_USERS} more" if len(names) > MOST_USERS else ""
    said = ", ".join(words.plain(words.cut(name, 20)) for name in names[:MOST_USERS])
    st.caption(f"Used by {said}{more}")


def _rename(drawing: Drawing, name: str, key: str) -> None:
    wanted = str(widget(key) or "").strip()
    forget(key)
    if wanted == name:
        return
    try:
        edit = RenameVariable(graph=drawing.network_name, name=name, to=wanted)
    except ValueError:
        _refuse(drawing, wanted)
        return
    if wanted in expected(drawing).variables:
        drawing.state.say(f"{wanted} comes from the data. Choose another name.", is_error=True)
        return
    drawing.apply(edit)


def _refuse(drawing: Drawing, wanted: str) -> None:
    said = f"“{words.cut(wanted, 40)}” cannot be a name" if wanted else "A variable needs a name"
    drawing.state.say(f"{said}: use letters, digits and _, beginning with a letter.", is_error=True)


def _set(drawing: Drawing, variable: Variable, key: str) -> None:
    value = widget(key)
    if isinstance(value, int | float) and value != variable.value:
        changed = variable.model_copy(update={"value": value})
        drawing.apply(SetVariable(graph=drawing.network_name, variable=changed))


def _note(drawing: Drawing, variable: Variable, key: str) -> None:
    note = str(widget(key) or "").strip()
    if note != variable.note:
        changed = variable.model_copy(update={"note": note})
        drawing.apply(SetVariable(graph=drawing.network_name, variable=changed))


def _deletion(drawing: Drawing, variable: Variable) -> str:
    found = users(drawing.network, variable.name)
    if not found:
        return f"Delete {variable.name}"
    layers = words.plural(len(found), "layer")
    return f"Delete {variable.name}; {layers} that use it get {show_number(variable.value)} instead"


def _delete(drawing: Drawing, variable: Variable) -> None:
    edit = RemoveVariable(graph=drawing.network_name, name=variable.name)
    label = edit.label(drawing.document.project)
    if drawing.apply(edit):
        drawing.state.say(label, undo=drawing.undo)


def _add(drawing: Drawing) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", wrap=False):
        st.text_input("New variable", key="variable_new", placeholder="d_model = 128", max_chars=80)
        st.button(
            "Add", icon=":material/add:", key="variable_add", on_click=_added, args=(drawing,)
        )


def _added(drawing: Drawing) -> None:
    try:
        variable = read_variable(str(widget("variable_new") or ""))
        known = {v.name for v in drawing.network.variables}
        if variable.name in known or variable.name in expected(drawing).variables:
            raise SpecError(f"There is a variable {variable.name} already. Choose another name.")
    except BuilderError as error:
        drawing.state.say(str(error), is_error=True)
        return
    if drawing.apply(SetVariable(graph=drawing.network_name, variable=variable)):
        forget_widget("variable_new")


def read_variable(text: str) -> Variable:
    """`d_model = 128` as a variable; without a value it is 64. SpecError says what is wrong."""
    name, _, value = (part.strip() for part in text.partition("="))
    try:
        plain = value.replace(",", ".") or "64"
        number = int(plain) if plain.lstrip("-").isdigit() else float(plain)
    except ValueError as error:
        raise SpecError(f"{name or 'A variable'} needs a number, not “{value[:40]}”.") from error
    try:
        return Variable(name=name, value=number)
    except ValueError as error:
        raise SpecError(
            f"“{name[:40]}” cannot be a name: use letters, digits and _, beginning with a letter. Write d_model = 128."
        ) from error


def _from_data(drawing: Drawing) -> None:
    found = expected(drawing)
    if not found.variables:
        return
    st.markdown("**From the data**")
    st.caption("They follow the data by themselves and cannot be changed here.")
    for name, value in found.variables.items():
        why = found.why.get(name) or ORIGINS.get(name, "counted in the data")
        names = [node.name for node in users(drawing.network, name)]
        used = f" · used by {words.plain(', '.join(names[:MOST_USERS]))}" if names else ""
        st.markdown(f":material/database: `{name} = {show_number(value)}` {why}{used}")
