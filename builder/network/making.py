"""The edit that makes a block of chosen layers, with the ports it gets where no connection crosses its border."""

from collections.abc import Iterable

from builder.errors import SpecError
from builder.network.ports import ports
from builder.spec.making_edits import MakeBlock, graph_of
from builder.spec.network import Graph, Node
from builder.spec.project import Project


def plan_block(project: Project, graph_id: str, chosen: Iterable[str], block: str) -> MakeBlock:
    """The edit that makes a block of these layers; Input and Output among them stay outside.

    Raises:
        SpecError: no layer is left to make one of; the sentence says what to choose.
    """
    graph = graph_of(project, graph_id) or Graph()
    wanted = set(chosen)
    inside = [
        node for node in graph.nodes if node.id in wanted and node.kind not in ("input", "output")
    ]
    if not inside:
        raise SpecError(
            "Choose the layers first: Shift-click them, or Shift-drag a box around them."
        )
    ids = {node.id for node in inside}
    return MakeBlock(
        graph=graph_id,
        nodes=tuple(node.id for node in inside),
        block=block,
        name="Block",
        loose_inputs=_loose_inputs(project, graph, inside, ids),
        loose_outputs=_loose_outputs(project, graph, inside, ids),
    )


def _loose_inputs(
    project: Project, graph: Graph, inside: list[Node], ids: set[str]
) -> tuple[tuple[str, str], ...]:
    """Required ports that nothing feeds, where nothing feeds the block."""
    if any(wire.target in ids and wire.source not in ids for wire in graph.wires):
        return ()
    found = []
    for node in inside:
        fed = {wire.target_port for wire in graph.wires_into(node.id)}
        both = ports(project, node)
        free = [p.name for p in (both[0] if both else ()) if not p.optional and p.name not in fed]
        found += [(node.id, name) for name in free]
    return tuple(found)


def _loose_outputs(
    project: Project, graph: Graph, inside: list[Node], ids: set[str]
) -> tuple[tuple[str, str], ...]:
    """First outputs that feed nothing, where the block feeds nothing."""
    if any(wire.source in ids and wire.target not in ids for wire in graph.wires):
        return ()
    found = []
    for node in inside:
        both = ports(project, node)
        if both and both[1] and not graph.wires_from(node.id):
            found.append((node.id, both[1][0]))
    return tuple(found)
