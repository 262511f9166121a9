"""Layers from a clipboard, put into a drawing as one edit: new ids, free names, a free place, and their blocks."""

import secrets

from builder.errors import SpecError
from builder.layers import catalogue
from builder.spec.block_file import adopt
from builder.spec.change import unique_name
from builder.spec.clip import WHAT, Clip
from builder.spec.edits import SetGraph
from builder.spec.network import MAX_NODES, MAX_NOTES, Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.ui.canvas.difference import names
from builder.ui.canvas.place import GRID, Point, places
from builder.ui.canvas.shelf import holders

STEP = 32


def pasted(
    project: Project, network: Network, clip: Clip, at: Point
) -> tuple[Project, SetGraph, tuple[str, ...]]:
    """The project with the blocks that come along, the edit that adds the copies to it, and the ids of the copies.

    Their top-left corner goes near `at`; what was shown somewhere stays exactly there. A block that is here already is
    used again, one that differs comes in beside it, as from the library.

    Raises:
        SpecError: a layer is not known here or one of its settings is not allowed; the sentence has its path.
    """
    _check(project, network, clip)
    project, clip = _with_blocks(project, network, clip)
    shown = places(network)
    dx, dy = _shift(clip, {*shown.values(), *((note.x, note.y) for note in network.notes)}, at)
    old = [*(node.id for node in clip.nodes), *(note.id for note in clip.notes)]
    ids = {each: f"n{secrets.token_hex(6)}" for each in old}
    drawn = network.model_copy(
        update={
            "nodes": tuple(
                node.model_copy(update=dict(zip("xy", shown[node.id], strict=True)))
                for node in network.nodes
            )
        }
    )
    own = _own_places(clip)
    for node in clip.nodes:
        x, y = own[node.id]
        copy = node.model_copy(
            update={
                "id": ids[node.id],
                "name": unique_name(node.name.strip() or "layer", drawn),
                "x": x + dx,
                "y": y + dy,
            }
        )
        drawn = drawn.model_copy(update={"nodes": (*drawn.nodes, copy)})
    wires = (_renamed(wire, ids) for wire in clip.wires)
    notes = (
        note.model_copy(update={"id": ids[note.id], "x": note.x + dx, "y": note.y + dy})
        for note in clip.notes
    )
    edit = SetGraph(
        graph=network.name,
        nodes=drawn.nodes,
        wires=(*network.wires, *wires),
        notes=(*network.notes, *notes),
        words=f"Pasted {_what(clip, drawn.nodes[len(network.nodes) :])}",
    )
    return project, edit, tuple(ids.values())


def _with_blocks(project: Project, network: Network, clip: Clip) -> tuple[Project, Clip]:
    """The project with the blocks of the clip among its own, and the clip with its nodes placing those."""
    inside = network.name if project.block(network.name) else ""
    called: dict[str | None, str] = {}
    for block_id, file in clip.files().items():
        project, called[block_id] = adopt(project, file, inside=inside)
    nodes = tuple(
        node.model_copy(update={"block": called.get(node.block, node.block)}) for node in clip.nodes
    )
    return project, clip.model_copy(update={"nodes": nodes})


def _what(clip: Clip, copies: tuple[Node, ...]) -> str:
    if copies:
        return names(list(copies))
    return "a note" if len(clip.notes) == 1 else f"{len(clip.notes)} notes"


def _renamed(wire: Wire, ids: dict[str, str]) -> Wire:
    return wire.model_copy(update={"source": ids[wire.source], "target": ids[wire.target]})


def _own_places(clip: Clip) -> dict[str, Point]:
    return places(Network(nodes=clip.nodes, wires=clip.wires))


def _shift(clip: Clip, taken: set[Point], at: Point) -> Point:
    """How far the copies move: to `at` on the grid, and on where something stands exactly there."""
    corners = [*_own_places(clip).values(), *((note.x, note.y) for note in clip.notes)]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    x, y = (round(value / GRID) * GRID for value in at)
    while any((cx - left + x, cy - top + y) in taken for cx, cy in corners):
        x, y = x + STEP, y + STEP
    return x - left, y - top


def _check(project: Project, network: Network, clip: Clip) -> None:
    if not clip.nodes and not clip.notes:
        raise SpecError(f"{WHAT} holds no layers. Select layers and press Ctrl+C first.")
    known = {block.id for block in (*project.blocks, *clip.blocks)}
    barred = holders(project, network.name) - {block.id for block in clip.blocks}
    parts = [("nodes", clip.nodes, barred)]
    parts += [
        (f"blocks.{place}.nodes", block.nodes, set()) for place, block in enumerate(clip.blocks)
    ]
    for where, nodes, without in parts:
        for place, node in enumerate(nodes):
            fault = _fault(node, known, without)
            if fault:
                raise SpecError(
                    f"{WHAT} cannot be pasted: {where}.{place} ({node.name[:60]}): {fault}"
                )
    _check_size("layers", len(network.nodes) + len(clip.nodes), MAX_NODES)
    _check_size("notes", len(network.notes) + len(clip.notes), MAX_NOTES)


def _check_size(what: str, count: int, most: int) -> None:
    if count > most:
        raise SpecError(
            f"That would make {count:,} {what}; a network holds at most {most:,}. Nothing was pasted."
        )


def _fault(node: Node, known: set[str], barred: set[str]) -> str:
    """Why this layer cannot be here; empty when it can. Expressions are judged by the check of the drawing."""
    if node.kind == "block":
        if node.block not in known:
            return "its block is not part of this project; import the block first."
        barred_here = node.block in barred
        return "a block cannot stand inside itself; paste it outside." if barred_here else ""
    try:
        catalogue.parse(
            node.kind, {name: value for name, value in node.knobs.items() if not _is_open(value)}
        )
    except SpecError as error:
        return str(error)
    return ""


def _is_open(value: object) -> bool:
    parts = value if isinstance(value, tuple) else (value,)
    return any(isinstance(part, Expr) for part in parts)
