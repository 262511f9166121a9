"""Layers from a clipboard, put into a drawing as one edit: new ids, free names, a free place."""

import secrets

from builder.errors import SpecError
from builder.layers import catalogue
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
) -> tuple[SetGraph, tuple[str, ...]]:
    """The edit that adds the copies with their top-left corner near `at`, and the ids of what was added.

    What was shown somewhere stays exactly there.

    Raises:
        SpecError: a layer is not known here or one of its settings is not allowed; the sentence has its path.
    """
    _check(project, network, clip)
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
    return edit, tuple(ids.values())


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
    for place, node in enumerate(clip.nodes):
        fault = _fault(project, network, node)
        if fault:
            raise SpecError(f"{WHAT} cannot be pasted: nodes.{place} ({node.name[:60]}): {fault}")
    _check_size("layers", len(network.nodes) + len(clip.nodes), MAX_NODES)
    _check_size("notes", len(network.notes) + len(clip.notes), MAX_NOTES)


def _check_size(what: str, count: int, most: int) -> None:
    if count > most:
        raise SpecError(
            f"That would make {count:,} {what}; a network holds at most {most:,}. Nothing was pasted."
        )


def _fault(project: Project, network: Network, node: Node) -> str:
    """Why this layer cannot be here; empty when it can. Expressions are judged by the check of the drawing."""
    if node.kind == "block":
        known = node.block is not None and project.block(node.block) is not None
        if not known:
            return "its block is not part of this project; import the block first."
        inside = node.block in holders(project, network.name)
        return "a block cannot stand inside itself; paste it outside." if inside else ""
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
