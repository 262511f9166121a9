"""What the canvas asks for that is more than a drawing: making and opening blocks, going in and out of them."""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from builder.errors import BuilderError
from builder.network.making import plan_block
from builder.network.sizes import sizes_of
from builder.spec.arithmetic import Number
from builder.spec.making_edits import MakeBlock, OpenBlock
from builder.spec.network import Node

if TYPE_CHECKING:
    from builder.ui.canvas.drawing import Drawing


def answer(drawing: "Drawing") -> None:
    """Does everything asked for since, in order, each once."""
    asked, drawing.link.asks = drawing.link.asks, []
    for ask in asked:
        ACTS[ask.act](drawing, ask.nodes)


def make_block(drawing: "Drawing", nodes: tuple[str, ...]) -> None:
    """Puts layers into a new block, which is selected then."""
    block = f"b{secrets.token_hex(6)}"
    try:
        edit = plan_block(drawing.document.project, drawing.network_name, nodes, block)
    except BuilderError as error:
        drawing.link.say(str(error), is_error=True)
        return
    _apply(drawing, edit, block)


def open_up(drawing: "Drawing", nodes: tuple[str, ...]) -> None:
    """Puts the layers of the placed blocks among these back into the drawing."""
    placed = [node for node in map(drawing.network.node, nodes) if node and node.kind == "block"]
    if not placed:
        drawing.link.say("Choose a block to open up.", is_error=True)
    for node in placed:
        known = {each.id for each in drawing.network.nodes}
        edit = OpenBlock(graph=drawing.network_name, node=node.id, sizes=_sizes(drawing, node))
        if _apply(drawing, edit, ""):
            drawing.choose(each.id for each in drawing.network.nodes if each.id not in known)


def enter(drawing: "Drawing", nodes: tuple[str, ...]) -> None:
    """Goes into a placed block."""
    node = drawing.network.node(nodes[0]) if nodes else None
    if node is not None and node.block and drawing.document.project.block(node.block):
        drawing.enter(node.id)


def leave(drawing: "Drawing", nodes: tuple[str, ...]) -> None:
    """Goes out of the innermost open block."""
    if drawing.path:
        drawing.leave(len(drawing.path) - 1)


def stop_preview(drawing: "Drawing", nodes: tuple[str, ...]) -> None:
    """Shows the drawing alone again."""
    drawing.stop_preview()


ACTS: dict[str, Callable[["Drawing", tuple[str, ...]], None]] = {
    "make_block": make_block,
    "open_up": open_up,
    "enter": enter,
    "leave": leave,
    "stop_preview": stop_preview,
}


def _sizes(drawing: "Drawing", node: Node) -> dict[str, Number]:
    """The sizes of what flows into a placed block; none where its repetitions do not all get the same."""
    told = drawing.told(drawing.network_name, node.id)
    if told is None or (node.repeat != 1 and told.inputs[:1] != told.outputs[:1]):
        return {}
    return sizes_of(told.inputs)


def _apply(drawing: "Drawing", edit: MakeBlock | OpenBlock, choose: str) -> bool:
    """Applies it and says so on the canvas; what cannot be done is said there as well."""
    label = edit.label(drawing.document.project)
    try:
        edit.apply(drawing.document.project)
    except BuilderError as error:
        drawing.link.say(str(error), is_error=True)
        return False
    done = drawing.apply(edit, choose=choose)
    if done:
        drawing.link.say(label)
    return done
