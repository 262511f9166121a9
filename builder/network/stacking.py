"""A drawing read as a list: rows in the order of the forward pass, branches indented, and what may change places."""

from collections import defaultdict
from typing import NamedTuple, TypeVar

from builder.network.order import order
from builder.spec.edits import InsertNode, RemoveNodes
from builder.spec.network import Graph, Node, Wire

G = TypeVar("G", bound=Graph)
DEEPEST = 4
"""Branches within branches are indented no further."""


class Row(NamedTuple):
    """One layer of the list. `depth` counts the branches it stands in; `entries` are the wires that end at it."""

    node: Node
    depth: int
    entries: tuple[Wire, ...]


def stack_rows(graph: Graph) -> tuple[Row, ...]:
    """Every layer so that each comes after what feeds it; those in a loop last.

    A layer that some other way leads around stands in a branch, one deeper than what lies outside of it.
    """
    ids = order(graph).ids
    ids = (*ids, *(node.id for node in graph.nodes if node.id not in set(ids)))
    depths = dict.fromkeys(ids, 0)
    _indent(list(ids), list(graph.wires), depths, 0)
    nodes = {node.id: node for node in graph.nodes}
    place = {one: number for number, one in enumerate(ids)}
    rows = []
    for one in ids:
        # The wire from the row above comes last, right over the layer that it enters.
        entries = sorted(graph.wires_into(one), key=lambda wire: place.get(wire.source, -1))
        rows.append(Row(nodes[one], min(depths[one], DEEPEST), tuple(entries)))
    return tuple(rows)


def moved(graph: G, node: Node, *, up: bool) -> G | str:
    """The drawing with a layer and its neighbour in the chain exchanged, or why they cannot change places."""
    lower = node if up else _only_follower(graph, node)
    upper = _only_source(graph, node) if up else node
    for one in (upper, lower):
        if isinstance(one, str):
            return one
    assert isinstance(upper, Node) and isinstance(lower, Node)
    return _why_fixed(graph, upper, lower) or _exchanged(graph, upper, lower)


def _only_source(graph: Graph, node: Node) -> Node | str:
    feeds = graph.wires_into(node.id)
    if not feeds:
        return f"{node.name} is first: nothing feeds it."
    if len(feeds) > 1:
        return f"{node.name} joins {len(feeds)} connections; which one should it move along? Re-plug it on the canvas."
    return graph.node(feeds[0].source) or f"Nothing feeds {node.name}."


def _only_follower(graph: Graph, node: Node) -> Node | str:
    fed = graph.wires_from(node.id)
    if not fed:
        return f"{node.name} is last: nothing follows it."
    if len(fed) > 1:
        return f"{node.name} feeds {len(fed)} layers; which one should it follow? Re-plug it on the canvas."
    return graph.node(fed[0].target) or f"Nothing follows {node.name}."


def _why_fixed(graph: Graph, upper: Node, lower: Node) -> str:
    """Why two neighbours stay as they are; empty when they may change places."""
    if not graph.wires_into(upper.id):
        return f"{upper.name} is where the data comes in and stays first."
    if not graph.wires_from(lower.id):
        return f"{lower.name} is where the answer comes out and stays last."
    if len(graph.wires_into(upper.id)) > 1:
        return f"{upper.name} joins several connections and stays before {lower.name}."
    if len(graph.wires_from(upper.id)) > 1:
        return f"{upper.name} feeds several layers, so {lower.name} would leave its branch."
    if len(graph.wires_into(lower.id)) > 1:
        return f"{lower.name} joins several connections and stays after {upper.name}."
    return ""


def _exchanged(graph: G, upper: Node, lower: Node) -> G:
    entry, exit_ = graph.wires_into(upper.id)[0], graph.wires_from(upper.id)[0]
    without = RemoveNodes(graph="", nodes=(upper.id,)).change(graph)
    put_back = InsertNode(
        graph="",
        node=upper,
        after=lower.id,
        input_port=entry.target_port,
        output_port=exit_.source_port,
    ).change(without)
    places = {upper.id: (lower.x, lower.y), lower.id: (upper.x, upper.y)}
    nodes = {node.id: node for node in put_back.nodes}
    for one, (x, y) in places.items():
        nodes[one] = nodes[one].model_copy(update={"x": x, "y": y})
    nodes[upper.id] = nodes[upper.id].model_copy(update={"name": upper.name})
    # The drawing order is that of the list, so that code and charts follow it.
    wanted = [upper.id if node.id == lower.id else node.id for node in graph.nodes]
    wanted = [
        lower.id if one == upper.id and old.id == upper.id else one
        for one, old in zip(wanted, graph.nodes, strict=True)
    ]
    return put_back.model_copy(update={"nodes": tuple(nodes[one] for one in wanted)})


def _indent(ids: list[str], wires: list[Wire], depths: dict[str, int], depth: int) -> None:
    """Sets the depth of every layer that a wire leads around, then looks into each branch by itself."""
    place = {one: number for number, one in enumerate(ids)}
    inside = [w for w in wires if w.source in place and w.target in place]
    passed = [0] * (len(ids) + 1)
    for wire in inside:
        start, end = sorted((place[wire.source], place[wire.target]))
        passed[start + 1] += 1
        passed[end] -= 1
    around = 0
    runs: list[list[str]] = [[]]
    for number, one in enumerate(ids):
        around += passed[number]
        if around:
            runs[-1].append(one)
        else:
            depths[one] = depth
            runs.append([])
    for run in runs:
        for piece in _pieces(run, inside):
            _indent(piece, inside, depths, depth + 1)


def _pieces(ids: list[str], wires: list[Wire]) -> list[list[str]]:
    """The layers in groups that are joined with each other, each in the order given."""
    near: dict[str, set[str]] = defaultdict(set)
    known = set(ids)
    for wire in wires:
        if wire.source in known and wire.target in known:
            near[wire.source].add(wire.target)
            near[wire.target].add(wire.source)
    seen: set[str] = set()
    pieces = []
    for one in ids:
        if one in seen:
            continue
        group, waiting = {one}, [one]
        while waiting:
            for other in near[waiting.pop()] - group:
                group.add(other)
                waiting.append(other)
        seen |= group
        pieces.append([each for each in ids if each in group])
    return pieces
