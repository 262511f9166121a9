"""The settings of a placed block: its arguments, how often it runs, and what can be done with its block."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from builder.errors import BuilderError, SpecError
from builder.layers.catalogue import KnobInfo
from builder.network import resolve
from builder.projects import library
from builder.spec.block_codec import encode_block
from builder.spec.block_file import packed
from builder.spec.edits import DescribeBlock, RepeatBlock, SetKnobs
from builder.spec.network import Block, Expr, Knob, Knobs, Node, Variable
from builder.ui import words
from builder.ui.canvas.asks import open_up
from builder.ui.canvas.drawing import Drawing
from builder.ui.canvas.inside import count_uses
from builder.ui.follow import follow, forget
from builder.ui.inspector import breadcrumb, expose
from builder.ui.inspector.scope import scope_of
from builder.ui.knobs import Form
from builder.ui.state import widget
from builder.ui.typed import read_expression, show_value

MOST_REPEATS = 1000
REPEAT = KnobInfo(
    name="repeat",
    label="Repetitions",
    help="How often the block runs, one after the other. More makes the network deeper. "
    "What comes out must fit what goes in.",
    type="int",
    default=1,
    minimum=1,
    maximum=MOST_REPEATS,
    choices=(),
    unit="",
    essential=True,
    step=1,
)


class BlockForm(Form):
    """A form over the variables of a block; any number will do, the check says what does not."""

    def accept(self, info: KnobInfo, value: Knob) -> None:
        """Raises SpecError when it is no number, or not one within bounds."""
        fixed = resolve.resolve({info.name: value}, self.scope)
        if info.name in fixed.faults:
            raise SpecError(fixed.faults[info.name])
        number = fixed.values[info.name]
        whole = isinstance(number, int) or info.type == "float"
        inside = info.minimum is None or info.minimum <= number <= (info.maximum or number)
        if (
            isinstance(number, bool)
            or not isinstance(number, int | float)
            or not (whole and inside)
        ):
            raise SpecError(f"{info.label} must be {info.needs()}, not {show_value(number)}.")


def show(drawing: Drawing, node: Node) -> None:
    """Draws what a placed block can be told."""
    block = drawing.document.project.block(node.block) if node.block else None
    if block is None:
        return
    number = count_uses(drawing.document.project, block.id)
    st.caption(
        f"{words.plain(words.cut(block.name, 40))}, used {'once' if number == 1 else f'{number} times'}"
        + (f". {words.plain(block.summary)}" if block.summary else "")
    )
    st.button(
        "Open inside",
        icon=":material/login:",
        key="block_enter",
        help="Look at its layers and change them, for all uses at once (double-click)",
        on_click=drawing.enter,
        args=(node.id,),
    )
    _arguments(drawing, node, block)
    _repetitions(drawing, node, block)
    _acts(drawing, node, block, number)


def _form(drawing: Drawing, node: Node, values: Mapping[str, Knob], change: Any) -> BlockForm:
    return BlockForm(
        kind="block",
        owner=node.id,
        values=values,
        scope=scope_of(drawing),
        change=change,
        define=lambda name, value: expose.define(drawing, name, value),
        pin=expose.pin(drawing, node),
    )


def _arguments(drawing: Drawing, node: Node, block: Block) -> None:
    listed = {name for knobs in node.repeat_knobs for name in knobs}
    own = [v for v in block.variables if v.name not in listed]
    if not own:
        return
    form = _form(drawing, node, node.knobs, lambda n, value: _change(drawing, node, n, value))
    with st.container(key="layer_settings"):
        for variable in own:
            form.draw(knob_of(variable, block))


def knob_of(variable: Variable, block: Block) -> KnobInfo:
    """A block's variable as a setting of its uses."""
    return KnobInfo(
        name=variable.name,
        label=variable.name.replace("_", " ").capitalize(),
        help=variable.note or f"A setting of the block {block.name}; each use can have its own.",
        type="float" if isinstance(variable.value, float) else "int",
        default=variable.value,
        minimum=None,
        maximum=None,
        choices=(),
        unit="",
        essential=True,
        step=None,
    )


def _change(drawing: Drawing, node: Node, name: str, value: Knob | None) -> None:
    graph = drawing.network_name
    if value is None:
        drawing.apply(SetKnobs(graph=graph, node=node.id, unset=(name,)))
    else:
        drawing.apply(SetKnobs(graph=graph, node=node.id, knobs={name: value}))


def _repetitions(drawing: Drawing, node: Node, block: Block) -> None:
    form = _form(
        drawing,
        node,
        {"repeat": node.repeat},
        lambda _, value: repeat(drawing, node, block, times=1 if value is None else value),
    )
    form.draw(REPEAT)
    if node.repeat == 1:
        return
    st.segmented_control(
        "Weights",
        ["separate", "shared"],
        format_func=str.capitalize,
        required=True,
        width="stretch",
        help="Separate: each repetition learns its own weights. Shared: one set of weights runs again and again; "
        "fewer parameters, as in a recurrent network.",
        on_change=lambda: repeat(
            drawing, node, block, shared=widget(f"block.{node.id}.weights") == "shared"
        ),
        **follow(
            f"block.{node.id}.weights", "shared" if node.share_weights else "separate", "default"
        ),
    )
    if block.variables and not node.share_weights and isinstance(node.repeat, int):
        _each(drawing, node, block)


def _each(drawing: Drawing, node: Node, block: Block) -> None:
    """Settings that differ from repetition to repetition, as lists."""
    key = f"block.{node.id}.each"
    st.toggle(
        "Own settings for each repetition",
        on_change=lambda: repeat(drawing, node, block, each=bool(widget(key))),
        width="stretch",
        **follow(key, bool(node.repeat_knobs)),
    )
    if not node.repeat_knobs:
        return
    for variable in block.variables:
        values = [
            knobs.get(variable.name, node.knobs.get(variable.name, variable.value))
            for knobs in node.repeat_knobs
        ]
        field = f"block.{node.id}.each.{variable.name}"
        st.text_input(
            f"{variable.name.replace('_', ' ').capitalize()}, first to last",
            help="One value for each repetition, with commas between: 16, 32, 64",
            on_change=_list_typed,
            args=(drawing, node, variable.name, field),
            **follow(field, ", ".join(show_value(value) for value in values)),
        )


def _list_typed(drawing: Drawing, node: Node, name: str, field: str) -> None:
    parts = [part for part in str(widget(field) or "").split(",") if part.strip()]
    try:
        if len(parts) != len(node.repeat_knobs):
            raise SpecError(
                f"{node.name} runs {len(node.repeat_knobs)} times, so {name} needs {len(node.repeat_knobs)} values, "
                f"not {len(parts)}."
            )
        values = [_value(part, drawing) for part in parts]
    except BuilderError as error:
        drawing.state.say(str(error), is_error=True)
        forget(field)
        return
    listed = tuple(
        {**knobs, name: value} for knobs, value in zip(node.repeat_knobs, values, strict=True)
    )
    _repeat(drawing, node, node.repeat, node.share_weights, listed)


def _value(text: str, drawing: Drawing) -> Knob:
    found = read_expression(text, scope_of(drawing))
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return found


def repeat(
    drawing: Drawing,
    node: Node,
    block: Block,
    *,
    times: Knob | None = None,
    shared: bool | None = None,
    each: bool | None = None,
) -> None:
    """Changes how a placed block runs; lists of settings keep as many entries as there are repetitions."""
    new = times if isinstance(times, int | Expr) and not isinstance(times, bool) else node.repeat
    share = node.share_weights if shared is None else shared
    wants = (bool(node.repeat_knobs) if each is None else each) and not share
    listed: tuple[Knobs, ...] = ()
    if wants and isinstance(new, int) and new > 1:
        known = node.repeat_knobs or (
            {v.name: node.knobs.get(v.name, v.value) for v in block.variables},
        )
        listed = tuple(known[min(place, len(known) - 1)] for place in range(new))
    _repeat(drawing, node, new, share and new != 1, listed)


def _repeat(
    drawing: Drawing, node: Node, times: int | Expr, share: bool, listed: tuple[Knobs, ...]
) -> None:
    drawing.apply(
        RepeatBlock(
            graph=drawing.network_name,
            node=node.id,
            repeat=times,
            share_weights=share,
            repeat_knobs=listed,
        )
    )


def _acts(drawing: Drawing, node: Node, block: Block, number: int) -> None:
    with st.container(horizontal=True, gap="xsmall", key="block_acts"):
        st.button(
            "Open up",
            icon=":material/open_in_full:",
            key="block_open_up",
            help="Puts its layers back into the drawing (Ctrl+Shift+G)",
            on_click=open_up,
            args=(drawing, (node.id,)),
        )
        if number > 1:
            st.button(
                "Detach",
                icon=":material/link_off:",
                key="block_detach",
                help="Gives this use a block of its own; the others stay as they are",
                on_click=breadcrumb.detach,
                args=((drawing, drawing.network_name), node.id),
            )
    with st.expander("The block", key="block_more"):
        _described(drawing, block)
        _keep(drawing, block)


def _described(drawing: Drawing, block: Block) -> None:
    for field, shown, label in (
        ("name", block.name, "Name"),
        ("summary", block.summary, "What it is for"),
    ):
        key = f"block.{block.id}.{field}"
        st.text_input(
            label,
            max_chars=200,
            on_change=_describe,
            args=(drawing, block, field, key),
            **follow(key, shown),
        )


def _describe(drawing: Drawing, block: Block, field: str, key: str) -> None:
    text = str(widget(key) or "").strip()
    forget(key)
    if text != getattr(block, field) and (text or field == "summary"):
        named = field == "name"
        edit = DescribeBlock(
            block=block.id, name=text if named else None, summary=None if named else text
        )
        drawing.apply(edit)


def _keep(drawing: Drawing, block: Block) -> None:
    try:
        file = packed(drawing.document.project, block.id)
    except BuilderError as error:
        st.caption(words.plain(str(error)))
        return
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Save to library",
            icon=":material/bookmark_add:",
            key="block_save",
            help="Keeps it in the palette of all your projects",
            on_click=_save,
            args=(drawing, block),
        )
        st.download_button(
            "Download",
            encode_block(file),
            file_name=library.file_name(block.name),
            mime="application/json",
            icon=":material/download:",
            key="block_download",
            on_click="ignore",
            help="As a file that can be imported elsewhere",
        )


def _save(drawing: Drawing, block: Block) -> None:
    try:
        saved = library.save(packed(drawing.document.project, block.id))
    except BuilderError as error:
        drawing.state.say(str(error), is_error=True)
        return
    drawing.state.say(
        f"Saved {saved.title} to your library; it is in the palette of every project."
    )
