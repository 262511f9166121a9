"""What a fix would do, for the canvas to draw over the drawing; nothing of it is part of the document."""

from typing import Any, NamedTuple

from builder.errors import BuilderError
from builder.projects.difference import GraphChange, compare
from builder.spec.edits import apply_all
from builder.spec.problems import Fix
from builder.spec.project import Project
from builder.ui.canvas.inside import looked_at
from builder.ui.canvas.view import node_json, wire_key

DRAWN = ("added", "removed", "setting", "connection")
"""Kinds of changes that can be seen on the drawing."""


class Previewed(NamedTuple):
    """A fix that is looked at; `revision` is the drawing it was tried on, for another one it says nothing."""

    fix: Fix
    revision: int


def is_drawn(fix: Fix) -> bool:
    """Whether a fix would change something that the canvas shows."""
    return any(change.what in DRAWN for change in fix.changes)


def ghost(project: Project, graph_id: str, fix: Fix) -> dict[str, Any] | None:
    """What differs after the fix in a network or block: marks, and the layers and connections it adds.

    Plain JSON; None where the fix no longer fits or changes nothing of this drawing.
    """
    try:
        after = apply_all(fix.edits, project)
    except BuilderError:
        return None
    change, graph = compare(project, after).graph(graph_id), looked_at(after, graph_id)
    if change is None or graph is None:
        return None
    added = {layer.node for layer in change.layers if layer.how == "added"}
    return {
        "words": f"Preview: {fix.sentence.rstrip('.')}. {spoken(change)}",
        "sentence": fix.sentence,
        "marks": {
            "layers": {
                layer.node: {
                    "how": layer.how,
                    "lines": [f"called {layer.name} then"] * layer.renamed
                    + [each.words() for each in layer.changes],
                }
                for layer in change.layers
            },
            "wires": {
                wire_key(each.wire): {"how": each.how, "old": "", "now": ""}
                for each in change.wires
            },
        },
        "nodes": [node_json(after, node) for node in graph.nodes if node.id in added],
        "wires": [
            each.wire.model_dump(mode="json") for each in change.wires if each.how == "added"
        ],
    }


def spoken(change: GraphChange) -> str:
    """`flatten1 would be added. conv1 to linear1 would be cut.`, for who does not see the drawing."""
    said = []
    for layer in change.layers:
        if layer.how != "changed":
            said.append(f"{layer.name} would be {layer.how}.")
        elif layer.changes:
            told = ", ".join(each.words().replace(" → ", " to ") for each in layer.changes)
            said.append(f"{layer.name} would change: {told}.")
    verbs = {"added": "drawn", "removed": "cut"}
    said += [f"{each.words} would be {verbs.get(each.how, each.how)}." for each in change.wires]
    return " ".join(said)
