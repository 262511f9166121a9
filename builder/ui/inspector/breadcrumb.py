"""The way into the open blocks, and what a change inside reaches."""

import secrets

import streamlit as st

from builder.spec.edits import DetachBlock
from builder.ui import words
from builder.ui.canvas.drawing import Drawing
from builder.ui.canvas.inside import Opened, count_uses

LONGEST = 24


def show(drawing: Drawing) -> None:
    """Draws `Network › encoder ×6` and the strip below it; nothing while no block is open."""
    if not drawing.path:
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key="build_path", wrap=True
    ):
        _step(drawing, drawing.root.replace("_", " ").capitalize(), 0)
        for depth, opened in enumerate(drawing.path[:-1], start=1):
            st.markdown(":material/chevron_right:", width="content")
            _step(drawing, _title(opened), depth)
        st.markdown(":material/chevron_right:", width="content")
        st.markdown(f"**{words.plain(_title(drawing.path[-1]))}**", width="content")
        st.space("small")
        _reach(drawing, drawing.path[-1])


def _title(opened: Opened) -> str:
    return f"{words.cut(opened.node.name, LONGEST)} {opened.times}".strip()


def _step(drawing: Drawing, title: str, depth: int) -> None:
    st.button(
        words.plain(title),
        icon=":material/account_tree:" if depth == 0 else ":material/widgets:",
        key=f"path_{depth}",
        type="tertiary",
        help=f"Go out to {words.plain(title)}",
        on_click=drawing.leave,
        args=(depth,),
    )


def _reach(drawing: Drawing, opened: Opened) -> None:
    """`Changes all 6 uses` with a way to take this one apart."""
    number = count_uses(drawing.document.project, opened.block.id)
    if number < 2:
        st.caption(f"Inside the block {words.plain(opened.block.name)}", width="content")
        return
    st.caption(
        f":material/info: Changes all {number} uses of {words.plain(opened.block.name)}",
        width="content",
    )
    st.button(
        "Detach this one",
        icon=":material/link_off:",
        key="path_detach",
        help="Gives this use a block of its own; the others stay as they are",
        on_click=detach,
        args=(_around(drawing), opened.node.id),
    )


def _around(drawing: Drawing) -> tuple[Drawing, str]:
    """The drawing the innermost open block stands in."""
    outer = drawing.path[-2].block.id if len(drawing.path) > 1 else drawing.root
    return drawing, outer


def detach(around: tuple[Drawing, str], node: str) -> None:
    """Gives one use of a block a block of its own."""
    drawing, graph = around
    edit = DetachBlock(graph=graph, node=node, block=f"b{secrets.token_hex(6)}")
    label = edit.label(drawing.document.project)
    if drawing.apply(edit):
        drawing.state.say(label, undo=drawing.undo)
