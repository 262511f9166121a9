"""What happened between two drawings, in the words of the history."""

from builder.spec.network import Graph, Node, Wire
from builder.ui.canvas.place import places

MOST_NAMES = 2


def words_for(before: Graph, after: Graph) -> str:
    """Past-tense words: `Added conv2 after relu1`, `Removed x`, `Moved 3 layers`; the weightier changes win."""
    old = {node.id: node for node in before.nodes}
    new = {node.id: node for node in after.nodes}
    added = [node for node in after.nodes if node.id not in old]
    removed = [node for node in before.nodes if node.id not in new]
    said = [
        *([_added(added, after, set(old))] if added else []),
        *([f"Removed {names(removed)}"] if removed else []),
    ]
    if not said:
        said = [*_changed(old, new), *_rewired(before, after)]
    said = said or _noted(before, after)
    if not said:
        said = [_placed(before, after)]
    first, *rest = said
    return " and ".join([first, *(each[0].lower() + each[1:] for each in rest[:1])])


def _placed(before: Graph, after: Graph) -> str:
    old = {node.id: node for node in before.nodes}
    shown = places(before)
    moved = [node for node in after.nodes if _moved(old[node.id], node, shown[node.id])]
    if before.nodes == after.nodes and before.direction == after.direction:
        return "Moved a note"
    if after.nodes and all(node.x is None for node in after.nodes):
        turned = {"down": "from top to bottom", "right": "from left to right"}[after.direction]
        return f"Drew it {turned}" if after.direction != before.direction else "Tidied the drawing"
    return f"Moved {names(moved) or 'nothing'}"


def _noted(before: Graph, after: Graph) -> list[str]:
    old = {note.id: note for note in before.notes}
    new = {note.id: note for note in after.notes}
    said = ["Added a note"] if new.keys() - old.keys() else []
    said += ["Removed a note"] if old.keys() - new.keys() else []
    changed = any(old[i].text != new[i].text for i in old.keys() & new.keys())
    return said + (["Changed a note"] if changed else [])


def _added(added: list[Node], after: Graph, known: set[str]) -> str:
    words = f"Added {names(added)}"
    if len(added) > 1:
        return words
    feeds = [after.node(w.source) for w in after.wires_into(added[0].id) if w.source in known]
    return f"{words} after {feeds[0].name}" if feeds and feeds[0] else words


def _changed(old: dict[str, Node], new: dict[str, Node]) -> list[str]:
    both = [(old[i], new[i]) for i in new if i in old]
    said = [f"Renamed {a.name} to {b.name}" for a, b in both if a.name != b.name]
    for name, on, off in (("bypassed", "Bypassed", "Put back"), ("frozen", "Froze", "Unfroze")):
        turned = [b for a, b in both if getattr(a, name) != getattr(b, name)]
        for word, value in ((on, True), (off, False)):
            chosen = [node for node in turned if getattr(node, name) is value]
            said += [f"{word} {names(chosen)}"] if chosen else []
    return said


def _rewired(before: Graph, after: Graph) -> list[str]:
    old, new = set(before.wires), set(after.wires)
    drawn = [wire for wire in after.wires if wire not in old]
    cut = [wire for wire in before.wires if wire not in new]
    if len(drawn) == 1:
        return [f"Connected {_ends(after, drawn[0], ' to ')}"]
    if drawn:
        return [f"Drew {len(drawn)} connections"]
    if len(cut) == 1:
        return [f"Cut {_ends(before, cut[0], ' from ')}"]
    return [f"Cut {len(cut)} connections"] if cut else []


def _ends(graph: Graph, wire: Wire, between: str) -> str:
    names = {node.id: node.name for node in graph.nodes}
    return f"{names.get(wire.source, '')}{between}{names.get(wire.target, '')}"


def names(nodes: list[Node]) -> str:
    """`relu1 and relu2`, or `5 layers`."""
    if len(nodes) <= MOST_NAMES:
        return " and ".join(node.name for node in nodes)
    return f"{len(nodes)} layers"


def _moved(old: Node, new: Node, shown: tuple[float, float]) -> bool:
    """Whether a layer is seen elsewhere now; one that was only pinned where it was shown is not."""
    if new.x is None or new.y is None:
        return old.x is not None
    return (new.x, new.y) != shown
