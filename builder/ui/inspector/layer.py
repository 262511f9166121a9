"""The Layer tab: name, settings, what is taken from the input, cost, and what can be done with the layer."""

import secrets
from typing import Any

import streamlit as st

from builder.layers import catalogue
from builder.layers.base import LayerType
from builder.network.ports import ports
from builder.network.report import NodeReport, Report
from builder.spec.edits import AddNode, ChangeNode, RemoveNodes, SetKnobs
from builder.spec.network import Knob, Node
from builder.ui import words
from builder.ui.canvas.asks import make_block
from builder.ui.canvas.drawing import Drawing
from builder.ui.canvas.place import STEP_ACROSS, places
from builder.ui.follow import follow, forget
from builder.ui.inspector import block, blocks, expose
from builder.ui.inspector.scope import scope_of
from builder.ui.knobs import Form
from builder.ui.state import widget
from builder.ui.theme import tokens


def show(drawing: Drawing, report: Report | None) -> None:
    """Draws the chosen layer, or what to do when none or several are chosen."""
    chosen = drawing.chosen
    if not chosen:
        st.caption(
            "No layer is chosen. Click one to see its settings, or press / on the drawing to add one."
        )
        blocks.show(drawing)
    elif len(chosen) > 1:
        _several(drawing, chosen)
    else:
        _one(drawing, chosen[0], report)


def _one(drawing: Drawing, node: Node, report: Report | None) -> None:
    kind = catalogue.find(node.kind)
    told = report.nodes.get(node.id) if report else None
    _head(drawing, node, kind)
    _flow(drawing, node, told)
    if node.kind == "block":
        block.show(drawing, node)
    if kind is not None:
        _settings(drawing, node)
    _cost(told)
    _acts(drawing, node)


def _head(drawing: Drawing, node: Node, kind: type[LayerType] | None) -> None:
    st.text_input(
        "Name",
        max_chars=200,
        on_change=_rename,
        args=(drawing, node),
        label_visibility="collapsed",
        **follow(f"layer.{node.id}.name", node.name),
    )
    title = kind.title if kind else node.kind.replace("_", " ").capitalize()
    icon = tokens().families[kind.family].icon if kind else "widgets"
    st.markdown(f":material/{icon}: **{words.plain(title)}**", width="content")
    if kind is not None:
        st.caption(f"{words.plain(f'{kind.summary} {kind.when}')} [Documentation]({kind.link()})")


def _rename(drawing: Drawing, node: Node) -> None:
    key = f"layer.{node.id}.name"
    name = str(widget(key) or "").strip()
    forget(key)
    if name and name != node.name:
        drawing.apply(ChangeNode(graph=drawing.network_name, node=node.id, name=name))


def _flow(drawing: Drawing, node: Node, told: NodeReport | None) -> None:
    """in → out, and which layers it comes from."""
    if told is None or not (told.inputs or told.outputs):
        waiting = drawing.network.node(told.waiting_for) if told and told.waiting_for else None
        if waiting is not None:
            st.caption(f"Waiting for {words.plain(waiting.name)}: its problem comes first.")
        return
    given = " and ".join(words.shape(each.shape) for each in told.inputs) or "the data"
    made = " and ".join(words.shape(each.shape) for each in told.outputs)
    st.markdown(f"`{given}` → `{made}`" if made else f"`{given}`")


def _settings(drawing: Drawing, node: Node) -> None:
    infos = catalogue.knobs(node.kind)
    if not infos:
        return
    form = Form(
        kind=node.kind,
        owner=node.id,
        values=node.knobs,
        scope=scope_of(drawing),
        change=lambda name, value: _change(drawing, node, name, value),
        define=lambda name, value: expose.define(drawing, name, value),
        pin=expose.pin(drawing, node),
    )
    essential = [info for info in infos if info.essential]
    rest = [info for info in infos if not info.essential]
    with st.container(key="layer_settings"):
        for info in essential or rest:
            form.draw(info)
        if essential and rest:
            own = sum(info.name in node.knobs for info in rest)
            label = f"More settings ({own} changed)" if own else "More settings"
            with st.expander(
                label, expanded=bool(drawing.state.recall("more settings")), key="more_settings"
            ):
                for info in rest:
                    form.draw(info)


def _change(drawing: Drawing, node: Node, name: str, value: Knob | None) -> None:
    graph = drawing.network_name
    if value is None:
        drawing.apply(SetKnobs(graph=graph, node=node.id, unset=(name,)))
    else:
        drawing.apply(SetKnobs(graph=graph, node=node.id, knobs={name: value}))


def _cost(told: NodeReport | None) -> None:
    if told is None or not told.outputs:
        return
    parts = [words.plural(told.parameters, "parameter")]
    parts += [f"{words.count(told.flops)} FLOPs"] if told.flops is not None else []
    parts += [f"{words.size(told.bytes)} a sample"] if told.bytes is not None else []
    st.caption(" · ".join(parts))


def _acts(drawing: Drawing, node: Node) -> None:
    with st.container(horizontal=True, gap="xsmall", key="layer_acts"):
        _act("Duplicate", "content_copy", _duplicate, drawing, node)
        _act("Put back" if node.bypassed else "Bypass", "low_priority", _bypass, drawing, node)
        _act("Unfreeze" if node.frozen else "Freeze", "ac_unit", _freeze, drawing, node)
        _act("Delete", "delete", _delete, drawing, node)


def _act(label: str, icon: str, act: Any, drawing: Drawing, node: Node) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        key=f"layer_{icon}",
        on_click=act,
        args=(drawing, node),
    )


def _duplicate(drawing: Drawing, node: Node) -> None:
    x, y = places(drawing.network).get(node.id, (0.0, 0.0))
    place = {"x": x + STEP_ACROSS, "y": y} if node.x is not None else {}
    copy = node.model_copy(update={"id": f"n{secrets.token_hex(6)}", **place})
    drawing.apply(AddNode(graph=drawing.network_name, node=copy), choose=copy.id)


def _bypass(drawing: Drawing, node: Node) -> None:
    drawing.apply(ChangeNode(graph=drawing.network_name, node=node.id, bypassed=not node.bypassed))


def _freeze(drawing: Drawing, node: Node) -> None:
    drawing.apply(ChangeNode(graph=drawing.network_name, node=node.id, frozen=not node.frozen))


def _delete(drawing: Drawing, node: Node) -> None:
    reason = why_not_delete(drawing, (node,))
    if reason:
        drawing.state.say(reason, is_error=True)
        return
    before = next((wire.source for wire in drawing.network.wires_into(node.id)), "")
    if drawing.apply(RemoveNodes(graph=drawing.network_name, nodes=(node.id,)), choose=before):
        drawing.state.say(f"Deleted {node.name}", undo=drawing.undo)


def why_not_delete(drawing: Drawing, nodes: tuple[Node, ...]) -> str:
    """Why these layers must stay; empty when they may go."""
    gone = {node.id for node in nodes}
    for title, side in (("Input", 0), ("Output", 1)):
        told = {node.id: ports(drawing.document.project, node) for node in drawing.network.nodes}
        ends = [node_id for node_id, both in told.items() if both is not None and not both[side]]
        if ends and gone.issuperset(ends):
            return f"The last {title} stays: a network needs one."
    return ""


def _several(drawing: Drawing, chosen: tuple[Node, ...]) -> None:
    st.markdown(f"**{len(chosen)} layers**")
    st.caption(words.plain(", ".join(node.name for node in chosen)))
    st.button(
        "Make a block",
        icon=":material/widgets:",
        key="layers_block",
        help="They become one block that can be placed again and repeated (Ctrl+G)",
        on_click=make_block,
        args=(drawing, tuple(node.id for node in chosen)),
    )
    if st.button("Delete them", icon=":material/delete:", key="layers_delete"):
        reason = why_not_delete(drawing, chosen)
        if reason:
            drawing.state.say(reason, is_error=True)
        else:
            ids = tuple(node.id for node in chosen)
            drawing.apply(RemoveNodes(graph=drawing.network_name, nodes=ids), choose="")
        st.rerun()
