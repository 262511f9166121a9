"""The list of layers: the same drawing as numbered rows, for small screens, keyboards and screen readers."""

import secrets

import streamlit as st

from builder.layers import catalogue
from builder.network.order import order
from builder.network.report import Report
from builder.spec.edits import InsertNode, RemoveNodes, SetGraph, unique_name
from builder.spec.network import Network, Node
from builder.ui import words
from builder.ui.canvas.drawing import Drawing
from builder.ui.inspector.layer import why_not_delete
from builder.ui.state import widget
from builder.ui.theme import tokens

ADD_KIND = "stack_kind"


def show(drawing: Drawing, report: Report | None) -> None:
    """Draws every layer in the order of the forward pass, with ways to add, move and remove."""
    _add_row(drawing)
    for number, node in enumerate(in_order(drawing.network), start=1):
        _row(drawing, number, node, report)


def in_order(network: Network) -> list[Node]:
    """The layers so that each comes after what feeds it; those in a loop last."""
    ids = order(network).ids
    found = [node for node_id in ids if (node := network.node(node_id)) is not None]
    return [*found, *(node for node in network.nodes if node.id not in ids)]


def _add_row(drawing: Drawing) -> None:
    kinds = [kind for kind in catalogue.all_kinds() if kind.inputs and kind.outputs]
    titles = {kind.kind: kind.title for kind in kinds}
    anchor = _anchor(drawing)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.selectbox(
            "Layer to add",
            list(titles),
            format_func=lambda kind: titles.get(kind, kind),
            key=ADD_KIND,
            index=None,
            placeholder="Find a layer to add",
        )
        st.button(
            f"Add after {words.plain(words.cut(anchor.name, 20))}" if anchor else "Add",
            icon=":material/add:",
            key="stack_add",
            on_click=_add,
            args=(drawing,),
        )


def _anchor(drawing: Drawing) -> Node | None:
    """The layer after which a new one goes: the chosen one, else what feeds the end of the network."""
    network = drawing.network
    rows = in_order(network)
    goes_on = [node for node in rows if (kind := catalogue.find(node.kind)) and kind.outputs]
    chosen = [node for node in drawing.chosen if node in goes_on]
    before_end = [
        node for end in rows if end not in goes_on and (node := _before(network, end)) is not None
    ]
    return next(iter([*chosen, *before_end, *reversed(goes_on)]), None)


def _add(drawing: Drawing) -> None:
    kind, anchor = catalogue.find(str(widget(ADD_KIND) or "")), _anchor(drawing)
    if kind is None or anchor is None:
        drawing.state.say("Choose a layer to add first.", is_error=True)
        return
    name = unique_name(f"{kind.slug or kind.kind}1", drawing.network)
    node = Node(id=f"n{secrets.token_hex(6)}", kind=kind.kind, name=name)
    edit = InsertNode(
        graph=drawing.network_name,
        node=node,
        after=anchor.id,
        input_port=kind.inputs[0].name,
        output_port=kind.outputs[0],
    )
    drawing.apply(edit, choose=node.id)


def _row(drawing: Drawing, number: int, node: Node, report: Report | None) -> None:
    kind = catalogue.find(node.kind)
    told = report.nodes.get(node.id) if report else None
    icon = tokens().families[kind.family].icon if kind else "widgets"
    icon = "output" if kind is not None and not kind.outputs else icon
    ill = [p for p in report.of_node(node.id) if p.severity == "error"] if report else []
    chosen = node in drawing.chosen
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"row_{number}", wrap=False
    ):
        mark = " :red[:material/error:]" if ill else ""
        st.button(
            f"{number}. {words.plain(words.cut(node.name, 24))}{mark}",
            icon=f":material/{icon}:",
            key=f"stack_choose_{node.id}",
            type="secondary" if chosen else "tertiary",
            help=_details(node, told.brief if told else ""),
            on_click=drawing.choose,
            args=([node.id],),
        )
        st.space("stretch")
        if told and told.outputs:
            st.caption(words.shape(told.outputs[0].shape), width="content")
        _act(drawing, node, "Move up", "arrow_upward", up=True)
        _act(drawing, node, "Move down", "arrow_downward", up=False)
        st.button(
            "",
            icon=":material/delete:",
            key=f"stack_delete_{node.id}",
            type="tertiary",
            help=f"Delete {words.plain(node.name)}",
            on_click=_delete,
            args=(drawing, node),
        )


def _details(node: Node, brief: str) -> str:
    kind = catalogue.find(node.kind)
    parts = [kind.title if kind else node.kind, brief, "bypassed" if node.bypassed else ""]
    return words.plain(" · ".join(part for part in parts if part))


def _act(drawing: Drawing, node: Node, label: str, icon: str, *, up: bool) -> None:
    moved = swapped(drawing.network, node, up=up)
    st.button(
        "",
        icon=f":material/{icon}:",
        key=f"stack_{icon}_{node.id}",
        type="tertiary",
        disabled=moved is None,
        help=f"{label}: {words.plain(node.name)}"
        if moved
        else "It has no single neighbour to change places with",
        on_click=_move,
        args=(drawing, node, moved, up),
    )


def _move(drawing: Drawing, node: Node, moved: Network | None, up: bool) -> None:
    if moved is not None:
        words_ = f"Moved {node.name} {'up' if up else 'down'}"
        edit = SetGraph(graph=moved.name, nodes=moved.nodes, wires=moved.wires, words=words_)
        drawing.apply(edit, choose=node.id)


def swapped(network: Network, node: Node, *, up: bool) -> Network | None:
    """The network with a layer and its neighbour in the chain exchanged; None where there is no simple chain."""
    upper = _before(network, node) if up else node
    lower = node if up else _after(network, node)
    if (
        upper is None
        or lower is None
        or _before(network, upper) is None
        or _after(network, lower) is None
    ):
        return None
    without = RemoveNodes(graph=network.name, nodes=(upper.id,)).change(network)
    return InsertNode(graph=network.name, node=upper, after=lower.id).change(without)


def _before(network: Network, node: Node) -> Node | None:
    feeds = network.wires_into(node.id)
    return network.node(feeds[0].source) if len(feeds) == 1 else None


def _after(network: Network, node: Node) -> Node | None:
    fed = network.wires_from(node.id)
    return network.node(fed[0].target) if len(fed) == 1 else None


def _delete(drawing: Drawing, node: Node) -> None:
    reason = why_not_delete(drawing, (node,))
    if reason:
        drawing.state.say(reason, is_error=True)
    elif drawing.apply(RemoveNodes(graph=drawing.network_name, nodes=(node.id,)), choose=""):
        drawing.state.say(f"Deleted {node.name}", undo=drawing.undo)
