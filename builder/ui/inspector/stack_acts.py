"""What can be done with one row of the list: move it up or down, duplicate, bypass, freeze, remove."""

import secrets

import streamlit as st

from builder.network.ports import ports
from builder.network.stacking import moved
from builder.spec.edits import AddNode, ChangeNode, InsertNode, RemoveNodes, SetGraph
from builder.spec.network import Node
from builder.ui import words
from builder.ui.canvas.drawing import Drawing
from builder.ui.inspector.layer import why_not_delete
from builder.ui.state import widget

DUPLICATE, BYPASS, PUT_BACK, FREEZE, UNFREEZE, REMOVE = (
    "Duplicate",
    "Bypass",
    "Put back",
    "Freeze",
    "Unfreeze",
    "Remove",
)


def draw(drawing: Drawing, node: Node) -> None:
    """Two arrows and a menu."""
    _arrow(drawing, node, up=True)
    _arrow(drawing, node, up=False)
    st.menu_button(
        f"More for {words.plain(words.cut(node.name))}",
        [
            DUPLICATE,
            PUT_BACK if node.bypassed else BYPASS,
            UNFREEZE if node.frozen else FREEZE,
            REMOVE,
        ],
        key=_menu_key(node),
        icon=":material/more_vert:",
        type="tertiary",
        help="Duplicate, bypass, freeze or remove",
        on_click=_chosen,
        args=(drawing, node),
    )


def _menu_key(node: Node) -> str:
    return f"stack_menu_{node.id}"


def _arrow(drawing: Drawing, node: Node, *, up: bool) -> None:
    after = moved(drawing.network, node, up=up)
    word, icon = ("up", "arrow_upward") if up else ("down", "arrow_downward")
    refused = after if isinstance(after, str) else None
    st.button(
        f"Move {words.plain(words.cut(node.name))} {word}",
        icon=f":material/{icon}:",
        key=f"stack_{icon}_{node.id}",
        type="tertiary",
        disabled=refused is not None,
        help=words.plain(refused or f"Move it {word}"),
        on_click=_move,
        args=(drawing, node, up),
    )


def _move(drawing: Drawing, node: Node, up: bool) -> None:
    after = moved(drawing.network, node, up=up)
    if isinstance(after, str):
        drawing.state.say(after, is_error=True)
        return
    told = f"Moved {node.name} {'up' if up else 'down'}"
    was_open = [one.id for one in drawing.chosen]
    edit = SetGraph(graph=after.name, nodes=after.nodes, wires=after.wires, words=told[:200])
    if drawing.apply(edit):
        drawing.choose(was_open)


def _chosen(drawing: Drawing, node: Node) -> None:
    acts = {
        DUPLICATE: _duplicate,
        BYPASS: _bypass,
        PUT_BACK: _bypass,
        FREEZE: _freeze,
        UNFREEZE: _freeze,
        REMOVE: remove,
    }
    act = acts.get(str(widget(_menu_key(node))))
    if act is not None:
        act(drawing, node)


def _duplicate(drawing: Drawing, node: Node) -> None:
    """The copy follows the layer where it can stand in the chain, else it waits to be connected."""
    copy = node.model_copy(update={"id": f"n{secrets.token_hex(6)}", "x": None, "y": None})
    told = ports(drawing.document.project, node)
    entries = drawing.network.wires_into(node.id)
    leaving = drawing.network.wires_from(node.id)
    if told and told[1] and len(entries) == 1 and leaving:
        edit = InsertNode(
            graph=drawing.network_name,
            node=copy,
            after=node.id,
            input_port=entries[0].target_port,
            output_port=leaving[0].source_port,
        )
        drawing.apply(edit, choose=copy.id)
    else:
        drawing.apply(AddNode(graph=drawing.network_name, node=copy), choose=copy.id)


def _bypass(drawing: Drawing, node: Node) -> None:
    drawing.apply(ChangeNode(graph=drawing.network_name, node=node.id, bypassed=not node.bypassed))


def _freeze(drawing: Drawing, node: Node) -> None:
    drawing.apply(ChangeNode(graph=drawing.network_name, node=node.id, frozen=not node.frozen))


def remove(drawing: Drawing, node: Node) -> None:
    """Takes a layer out and joins what it stood between, unless it is the last Input or Output."""
    reason = why_not_delete(drawing, (node,))
    if reason:
        drawing.state.say(reason, is_error=True)
    elif drawing.apply(RemoveNodes(graph=drawing.network_name, nodes=(node.id,)), choose=""):
        drawing.state.say(f"Removed {node.name}", undo=drawing.undo)
