"""The list of layers: the same drawing as numbered rows, for small screens, keyboards and screen readers."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from builder.layers import catalogue
from builder.network.report import Report
from builder.network.stacking import Row, stack_rows
from builder.spec.network import Block, Node
from builder.spec.problems import Problem
from builder.ui import words
from builder.ui.canvas.drawing import Drawing
from builder.ui.inspector import layer, stack_acts, stack_add
from builder.ui.inspector.problems import COLOURS, ICONS, apply_fix
from builder.ui.theme import tokens

STYLE = """
[class*="st-key-stackrow_"] { padding: 2px 0; border-radius: 8px; }
[class*="st-key-stackopen_"] { border: 2px solid var(--ll-focus); border-radius: 8px; padding: 4px 8px 12px; }
[class*="st-key-stackin_"] { border-left: 2px solid var(--ll-control); padding-left: 12px; }
[class*="st-key-stackin_1_"] { margin-left: 14px; width: calc(100% - 14px) !important; }
[class*="st-key-stackin_2_"] { margin-left: 28px; width: calc(100% - 28px) !important; }
[class*="st-key-stackin_3_"] { margin-left: 42px; width: calc(100% - 42px) !important; }
[class*="st-key-stackin_4_"] { margin-left: 56px; width: calc(100% - 56px) !important; }
[class*="st-key-stackline_"] button { min-height: 44px; min-width: 44px; }
[class*="st-key-stackname_"] { min-width: 0; }
[class*="st-key-stackname_"] button {
  justify-content: flex-start; min-height: 30px !important; text-align: left; padding-left: 4px;
}
[class*="st-key-stackname_"] button > div { justify-content: flex-start; overflow: hidden; }
[class*="st-key-stackname_"] button p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[class*="st-key-stackname_"] [data-testid="stCaptionContainer"] p {
  padding-left: 4px; margin: 0; overflow-wrap: anywhere;
}
[class*="st-key-stackgap_"] button { min-height: 26px; padding: 0 8px; opacity: .78; }
[class*="st-key-stackgap_"] button:hover, [class*="st-key-stackgap_"] button:focus-visible { opacity: 1; }
[class*="st-key-stackgap_"] button p { font-size: 13px; }
[class*="st-key-stackfit_"] button { justify-content: flex-start; min-height: 44px; }
[class*="st-key-stackfit_"] button > div { justify-content: flex-start; }
[class*="st-key-stackfit_"] button p { text-align: left; }
[class*="st-key-stackname_"] [data-testid="stCaptionContainer"],
[class*="st-key-stackname_"] [data-testid="stMarkdownContainer"],
[class*="st-key-stackproblem_"] [data-testid="stMarkdownContainer"] { margin-bottom: 0 !important; }
[class*="st-key-stackproblem_"] { padding: 4px; }
[class*="st-key-stack_arrow_"] [data-testid="stMarkdownContainer"],
[class*="st-key-stack_menu_"] [data-testid="stMarkdownContainer"] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
[class*="st-key-stack_menu_"] button [aria-hidden="true"]:last-child:not(:only-child) { display: none; }
@media (max-width: 640px), (pointer: coarse) {
  [class*="st-key-stackgap_"] button { min-height: 44px; }
  [class*="st-key-stackname_"] button { min-height: 44px !important; }
}
"""


def show(drawing: Drawing, report: Report | None) -> None:
    """Draws every layer in the order of the forward pass, with ways to add, move and remove."""
    st.html(f"<style>{STYLE}</style>")
    rows = stack_rows(drawing.network)
    above = ""
    with st.container(key="stack", gap=None):
        for number, row in enumerate(rows, start=1):
            with _indented(row):
                for place in stack_add.places_before(row, above, drawing.network):
                    stack_add.gap(drawing, place, report)
                _row(drawing, number, row, above, report)
                ending = stack_add.place_behind(drawing, row.node)
                if ending is not None:
                    stack_add.gap(drawing, ending, report)
            above = row.node.id


def _indented(row: Row) -> DeltaGenerator:
    key = f"stackin_{row.depth}_{row.node.id}" if row.depth else f"stackout_{row.node.id}"
    return st.container(key=key, gap=None)


def _row(drawing: Drawing, number: int, row: Row, above: str, report: Report | None) -> None:
    node = row.node
    is_open = len(drawing.chosen) == 1 and node in drawing.chosen
    with st.container(key=f"{'stackopen' if is_open else 'stackrow'}_{node.id}", gap="xxsmall"):
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            gap="xxsmall",
            wrap=False,
            key=f"stackline_{node.id}",
        ):
            with st.container(key=f"stackname_{node.id}", gap=None, width="stretch"):
                _name(drawing, number, node, is_open=is_open)
                st.caption(_facts(drawing, row, above, report))
            stack_acts.draw(drawing, node)
        for place, problem in enumerate(report.of_node(node.id) if report else ()):
            _problem(drawing, node, place, problem)
        if is_open:
            layer.show(drawing, report)
            block = drawing.document.project.block(node.block) if node.block else None
            if block is not None:
                _inside(drawing, node, block, report)


def _name(drawing: Drawing, number: int, node: Node, *, is_open: bool) -> None:
    kind = catalogue.find(node.kind)
    icon = tokens().families[kind.family].icon if kind else "widgets"
    icon = "output" if kind is not None and not kind.outputs else icon
    st.button(
        f"{number}. **{words.plain(words.cut(node.name, 32))}**",
        icon=f":material/{icon}:",
        key=f"stack_choose_{node.id}",
        type="tertiary",
        help="Close the settings" if is_open else "Open the settings",
        width="stretch",
        on_click=drawing.choose,
        args=([] if is_open else [node.id],),
    )


def _facts(drawing: Drawing, row: Row, above: str, report: Report | None) -> str:
    """`Conv2d · 32 filters · 3×3 → 32×14×14`, where it comes from when that is not the row above, and its states."""
    node = row.node
    told = report.nodes.get(node.id) if report else None
    parts = [_title(drawing, node), told.brief if told else ""]
    parts += ["bypassed"] if node.bypassed else []
    parts += ["frozen"] if node.frozen else []
    text = " · ".join(part for part in parts if part)
    if told and told.outputs:
        text += f" → {words.shape(told.outputs[0].shape)}"
    sources = [wire.source for wire in row.entries]
    if sources != [above] and sources:
        names = [one.name for source in sources if (one := drawing.network.node(source))]
        text += f" · takes {' and '.join(names)}"
    elif not sources and (kind := catalogue.find(node.kind)) and kind.inputs:
        text += " · not connected yet"
    return words.plain(text)


def _title(drawing: Drawing, node: Node) -> str:
    kind = catalogue.find(node.kind)
    if kind is not None:
        return kind.title
    block = drawing.document.project.block(node.block) if node.block else None
    return block.name if block else node.kind


def _problem(drawing: Drawing, node: Node, place: int, problem: Problem) -> None:
    """A problem right under the layer that causes it, with its fixes."""
    with st.container(key=f"stackproblem_{node.id}_{place}", gap="xxsmall"):
        colour, icon = COLOURS[problem.severity], ICONS[problem.severity]
        st.markdown(f":{colour}[:material/{icon}:] {words.plain(problem.what)}")
        for number, fix in enumerate(problem.fixes):
            st.button(
                words.plain(fix.sentence),
                icon=":material/build:",
                key=f"stack_fix_{node.id}_{place}_{number}",
                on_click=apply_fix,
                args=(drawing, fix, problem),
            )


def _inside(drawing: Drawing, node: Node, block: Block, report: Report | None) -> None:
    """What a block holds, as rows to read."""
    known = report.blocks.get(block.id, {}) if report else {}
    st.markdown(f"**Inside {words.plain(block.name)}**")
    with st.container(key=f"stackin_1_{node.id}_block", gap=None):
        for number, row in enumerate(stack_rows(block), start=1):
            told = known.get(row.node.id)
            shape = f" → {words.shape(told.outputs[0].shape)}" if told and told.outputs else ""
            brief = f" · {told.brief}" if told and told.brief else ""
            rail = "│ " * row.depth
            text = f"{rail}{number}. {row.node.name} · {_title(drawing, row.node)}{brief}{shape}"
            st.caption(words.plain(text))
