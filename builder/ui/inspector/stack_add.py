"""Adding a layer between two rows of the list: a place, a search, and what fits there first."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st

from builder.errors import BuilderError
from builder.layers import catalogue
from builder.layers.base import LayerType, TensorType
from builder.layers.following import followers
from builder.network.borrowing import place_block
from builder.network.ports import block_ports, ports
from builder.network.report import Report
from builder.network.stacking import Row
from builder.projects import library
from builder.spec.edits import Connect, Edit, InsertNode, unique_name
from builder.spec.network import Block, Network, Node, Wire
from builder.ui import words
from builder.ui.canvas.drawing import Drawing
from builder.ui.canvas.palette import unfit
from builder.ui.state import current, forget_widget
from builder.ui.theme import tokens

Act = Callable[..., None]
PLACE = "stack place"
SEARCH = "stack_search"
MOST = 10


class Place(NamedTuple):
    """Where a layer may go: into a connection, or behind a layer that feeds nothing yet."""

    key: str
    after: str
    words: str
    into: Wire | None = None


def places_before(row: Row, above: str, network: Network) -> list[Place]:
    """A place for every connection that ends at this row; where it is not plain from which, it is named."""
    alone = len(row.entries) == 1
    places = []
    for number, wire in enumerate(row.entries):
        source = network.node(wire.source)
        plain = alone and wire.source == above
        said = "Add layer here" if plain or source is None else f"Add layer after {source.name}"
        key = f"{row.node.id}_{number}"
        if not alone:
            said = f"{said}, before {row.node.name}"
        if sum(entry.source == wire.source for entry in row.entries) > 1:
            said = f"{said} ({wire.target_port})"
        places.append(Place(key, wire.source, said, wire))
    return places


def place_behind(drawing: Drawing, node: Node) -> Place | None:
    """A place behind a layer whose output leads nowhere yet."""
    told = ports(drawing.document.project, node)
    if told is None or not told[1] or drawing.network.wires_from(node.id):
        return None
    first = not drawing.network.wires
    said = "Add the first layer" if first else f"Add layer after {node.name}"
    return Place(f"{node.id}_behind", node.id, said)


def gap(drawing: Drawing, place: Place, report: Report | None) -> None:
    """The button between two rows; once pressed, the search in its place."""
    if current().drafts.get(PLACE) == place.key:
        _search(drawing, place, report)
        return
    with st.container(key=f"stackgap_{place.key}"):
        st.button(
            words.plain(words.cut(place.words, 60)),
            icon=":material/add:",
            key=f"stack_gap_{place.key}",
            type="tertiary",
            on_click=_open,
            args=(place.key,),
        )


def _open(key: str) -> None:
    forget_widget(SEARCH)
    current().drafts[PLACE] = key


def _close() -> None:
    current().drafts.pop(PLACE, None)


def _search(drawing: Drawing, place: Place, report: Report | None) -> None:
    given = _given(place, report)
    with st.container(border=True, key="stack_adding", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", wrap=False):
            text = st.text_input(
                words.plain(place.words),
                key=SEARCH,
                type="search",
                live=True,
                placeholder="dense, relu, shortcut, attention…",
                icon=":material/search:",
            )
            st.button("", icon=":material/close:", key="stack_close", help="Close", on_click=_close)
        if given is not None:
            st.caption(f"Fits {words.shape(given.shape)} first")
        fitting, others = ranked(str(text or ""), given, _kind_of(drawing, place.after))
        for kind, matched in fitting[:MOST]:
            _kind(drawing, place, kind, matched)
        blocks = _blocks(drawing, str(text or ""))
        for name, add in blocks:
            _result(f"block_{name}", name, "Block", "widgets", partial(add, drawing, place))
        for kind, reason in others[: max(MOST - len(fitting), 0)] if text else []:
            st.caption(words.plain(f"{kind.title}: {reason}"))
        if not fitting and not blocks and not others:
            st.caption("No layer is called so. Try another word, such as dense, cnn or memory.")
        elif len(fitting) > MOST:
            st.caption(f"{len(fitting) - MOST} more: type a few letters.")


def ranked(
    text: str, given: TensorType | None, after: type[LayerType] | None
) -> tuple[list[tuple[type[LayerType], str]], list[tuple[type[LayerType], str]]]:
    """Kinds that take what flows here, with the synonym that matched, likely followers first; and the rest with why."""
    reasons = unfit(given) if given is not None else {}
    usual = followers(after) if after is not None else ()
    found = [one for one in catalogue.search(text) if one.kind.inputs and one.kind.outputs]
    fitting = [(one.kind, one.matched) for one in found if one.kind.kind not in reasons]
    if not text.strip():
        fitting.sort(key=lambda one: usual.index(one[0]) if one[0] in usual else len(usual))
    others = [(one.kind, reasons[one.kind.kind]) for one in found if one.kind.kind in reasons]
    return fitting, others


def _given(place: Place, report: Report | None) -> TensorType | None:
    """What flows at this place, where the check knows it."""
    told = report.nodes.get(place.after) if report else None
    return told.outputs[0] if told and len(told.outputs) == 1 else None


def _kind_of(drawing: Drawing, node_id: str) -> type[LayerType] | None:
    node = drawing.network.node(node_id)
    return catalogue.find(node.kind) if node else None


def _kind(drawing: Drawing, place: Place, kind: type[LayerType], matched: str) -> None:
    title = kind.title
    if matched and matched.casefold() not in title.casefold():
        title = f"{title} ({matched})"
    icon = tokens().families[kind.family].icon
    _result(kind.kind, title, kind.summary, icon, partial(_add_kind, drawing, place, kind))


def _result(key: str, title: str, summary: str, icon: str, act: Act) -> None:
    with st.container(key=f"stackfit_{key}"):
        st.button(
            f"**{words.plain(title)}** · {words.plain(summary)}",
            icon=f":material/{icon}:",
            key=f"stack_add_{key}",
            type="tertiary",
            width="stretch",
            on_click=act,
        )


def _add_kind(drawing: Drawing, place: Place, kind: type[LayerType]) -> None:
    name = unique_name(f"{kind.slug or kind.kind}1", drawing.network)
    node = Node(id=_new_id(), kind=kind.kind, name=name)
    _insert(drawing, place, node, kind.inputs[0].name, kind.outputs[0])


def _insert(drawing: Drawing, place: Place, node: Node, entry: str, leaving: str) -> None:
    _apply(
        drawing,
        place,
        InsertNode(
            graph=drawing.network_name,
            node=node,
            into=place.into,
            after=None if place.into else place.after,
            input_port=entry,
            output_port=leaving,
        ),
        node,
        leaving,
    )


def _apply(drawing: Drawing, place: Place, edit: Edit, node: Node, leaving: str) -> None:
    """Inserts, and leads on to an Output that nothing feeds yet."""
    edits, ends = [edit], _free_ends(drawing)
    if place.into is None and len(ends) == 1:
        wire = Wire(source=node.id, source_port=leaving, target=ends[0].id)
        edits.append(Connect(graph=drawing.network_name, wire=wire))
    after = drawing.network.node(place.after)
    said = f"Added {node.name}{f' after {after.name}' if after else ''}"[:200]
    done = drawing.apply(edit) if len(edits) == 1 else drawing.apply_together(edits, said)
    if done:
        _close()
        drawing.choose([node.id])


def _free_ends(drawing: Drawing) -> list[Node]:
    network = drawing.network
    return [node for node in network.of_kind("output") if not network.wires_into(node.id)]


def _blocks(drawing: Drawing, text: str) -> list[tuple[str, Act]]:
    """Blocks to place: the project's own by name, and those of the library, once something is typed."""
    if len(text.strip()) < 2:
        return []
    wanted = text.strip().casefold()
    own = [one for one in drawing.document.project.blocks if wanted in one.name.casefold()]
    names = {one.name for one in own}
    found: list[tuple[str, Act]] = [(one.name, _placing(one)) for one in own]
    for each in library.search(text)[:MOST]:
        if each.block.file is not None and each.block.title not in names:
            found.append((each.block.title, _borrowing(each.block)))
    return found[:MOST]


def _placing(block: Block) -> Act:
    def add(drawing: Drawing, place: Place) -> None:
        inputs, outputs = block_ports(block)
        if not inputs or not outputs:
            drawing.state.say(f"The block {block.name} lacks an Input or an Output.", is_error=True)
            return
        name = unique_name(block.name, drawing.network)
        node = Node(id=_new_id(), kind="block", name=name, block=block.id)
        _insert(drawing, place, node, inputs[0].name, outputs[0])

    return add


def _borrowing(block: library.LibraryBlock) -> Act:
    def add(drawing: Drawing, place: Place) -> None:
        if block.file is None:
            return
        inputs, outputs = block_ports(block.file.block)
        if not inputs or not outputs:
            drawing.state.say(f"{block.title} cannot stand between two layers.", is_error=True)
            return
        node = Node(id=_new_id(), kind="block", name=block.title)
        try:
            edit = place_block(
                block.file,
                drawing.network_name,
                node.id,
                into=place.into,
                after=None if place.into else place.after,
            )
        except BuilderError as error:
            drawing.state.say(str(error), is_error=True)
            return
        _apply(drawing, place, edit, node, outputs[0])

    return add


def _new_id() -> str:
    return f"n{secrets.token_hex(6)}"
