"""How layers become a block: the ports their border makes, and the drawing with the block in their place."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from builder.spec.block_ports import Place, free, middle, word
from builder.spec.change import G, unique_name
from builder.spec.expressions import names_of
from builder.spec.network import Block, Expr, Graph, Node, Wire

STEP_DOWN, STEP_ACROSS = 96, 248


class Door(NamedTuple):
    """One port of a block to be: its name, the id of its Input or Output inside, and the places it stands for.

    Of an input, `outer` is what feeds it (None when nothing does) and `inner` the ports it feeds; of an output,
    `inner` is the one port it takes.
    """

    name: str
    node: str
    outer: Place | None
    inner: tuple[Place, ...]


class Border(NamedTuple):
    """The nodes that go inside, in drawing order, and the ports of the block."""

    inside: tuple[Node, ...]
    inputs: tuple[Door, ...]
    outputs: tuple[Door, ...]


def border(
    graph: Graph,
    inside: Sequence[Node],
    loose_inputs: Iterable[Place],
    loose_outputs: Iterable[Place],
) -> Border:
    """The ports of a block of these nodes: one input for each place that feeds them, one output for each they give."""
    chosen = {node.id: place for place, node in enumerate(inside)}
    entering = [w for w in graph.wires if w.target in chosen and w.source not in chosen]
    leaving = [w for w in graph.wires if w.source in chosen and w.target not in chosen]
    entering.sort(key=lambda wire: chosen[wire.target])
    leaving.sort(key=lambda wire: chosen[wire.source])
    names = {node.id: node.name for node in graph.nodes}
    ports = [wire.target_port for wire in entering]
    told_apart = len(set(ports)) == len(ports) and "in" not in ports
    fed: dict[Place, list[Place]] = {}
    called: dict[Place, str] = {}
    for wire in entering:
        source = (wire.source, wire.source_port)
        fed.setdefault(source, []).append((wire.target, wire.target_port))
        called.setdefault(source, wire.target_port if told_apart else names[wire.source])
    given = {(wire.source, wire.source_port): names[wire.source] for wire in leaving}
    ins: list[tuple[str, Place | None, tuple[Place, ...]]] = [
        (called[source], source, tuple(targets)) for source, targets in fed.items()
    ]
    outs: list[tuple[str, Place | None, tuple[Place, ...]]] = [
        (name, None, (place,)) for place, name in given.items()
    ]
    ins = ins or [(names[node], None, ((node, port),)) for node, port in loose_inputs]
    outs = outs or [(names[node], None, ((node, port),)) for node, port in loose_outputs]
    taken = {node.id for node in inside}
    return Border(tuple(inside), _doors(ins, "in", taken), _doors(outs, "out", taken))


def _doors(
    found: Sequence[tuple[str, Place | None, tuple[Place, ...]]], plain: str, taken: set[str]
) -> tuple[Door, ...]:
    """One is called `in` or `out`; several have names of their own."""
    used: set[str] = set()
    doors = []
    for name, outer, inner in found:
        wanted = plain if len(found) == 1 else free(word(name, plain), used)
        used.add(wanted)
        node = free(plain if len(found) == 1 else f"{plain}_{wanted}", taken)
        taken.add(node)
        doors.append(Door(wanted, node, outer, inner))
    return tuple(doors)


def grouped(graph: G, found: Border, block_id: str, name: str) -> tuple[Block, G]:
    """The block, and the drawing with it placed where its first node was."""
    chosen = {node.id for node in found.inside}
    used = frozenset().union(*(names_of(node) for node in found.inside))
    variables = tuple(v for v in graph.variables if v.name in used)
    block = Block(
        id=block_id,
        name=name,
        variables=variables,
        nodes=_inner_nodes(found),
        wires=_inner_wires(graph, found, chosen),
    )
    rest = graph.model_copy(update={"nodes": tuple(n for n in graph.nodes if n.id not in chosen)})
    x, y = middle(found.inside)
    placed = Node(
        id=block_id,
        kind="block",
        name=unique_name(word(name, "block").lower(), rest),
        block=block_id,
        knobs={v.name: Expr(expr=v.name) for v in variables},
        x=x,
        y=y,
    )
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.id not in chosen:
            nodes.append(node)
        elif placed not in nodes:
            nodes.append(placed)
    wires = _outer_wires(graph, found, chosen, block_id)
    return block, graph.model_copy(update={"nodes": tuple(nodes), "wires": wires})


def _inner_nodes(found: Border) -> tuple[Node, ...]:
    inside = list(found.inside)
    xs = [n.x for n in inside if n.x is not None and n.y is not None]
    ys = [n.y for n in inside if n.x is not None and n.y is not None]
    known = len(xs) == len(inside)

    def end(kind: str, door: Door, place: int, several: bool) -> Node:
        taken = Graph(nodes=tuple(inside))
        at = (
            min(xs) + float(STEP_ACROSS) * place,
            min(ys) - STEP_DOWN if kind == "input" else max(ys) + STEP_DOWN,
        )
        return Node(
            id=door.node,
            kind=kind,
            name=unique_name(door.name if several else kind, taken),
            knobs={"role": door.name} if several else {},
            x=at[0] if known else None,
            y=at[1] if known else None,
        )

    if not known:
        xs, ys = [0.0], [0.0]
    ins = []
    for place, door in enumerate(found.inputs):
        ins.append(end("input", door, place, len(found.inputs) > 1))
        inside.append(ins[-1])
    outs = []
    for place, door in enumerate(found.outputs):
        outs.append(end("output", door, place, len(found.outputs) > 1))
        inside.append(outs[-1])
    return (*ins, *found.inside, *outs)


def _inner_wires(graph: Graph, found: Border, chosen: set[str]) -> tuple[Wire, ...]:
    """The wires inside, in the order they were drawn, those that came over the border from the Input instead."""
    doors = {door.outer: door.node for door in found.inputs if door.outer}
    wires = []
    for wire in graph.wires:
        if wire.target not in chosen:
            continue
        if wire.source in chosen:
            wires.append(wire)
        else:
            source = doors[wire.source, wire.source_port]
            wires.append(wire.model_copy(update={"source": source, "source_port": "out"}))
    for door in found.inputs:
        if door.outer is None:
            wires += [Wire(source=door.node, target=t, target_port=p) for t, p in door.inner]
    wires += [
        Wire(source=node, source_port=port, target=door.node)
        for door in found.outputs
        for node, port in door.inner
    ]
    return tuple(wires)


def _outer_wires(graph: Graph, found: Border, chosen: set[str], placed: str) -> tuple[Wire, ...]:
    into = {door.outer: door.name for door in found.inputs if door.outer}
    out_of = {door.inner[0]: door.name for door in found.outputs}

    def outside(wire: Wire) -> Wire:
        if wire.target in chosen:
            port = into[wire.source, wire.source_port]
            return wire.model_copy(update={"target": placed, "target_port": port})
        if wire.source in chosen:
            port = out_of[wire.source, wire.source_port]
            return wire.model_copy(update={"source": placed, "source_port": port})
        return wire

    left = (w for w in graph.wires if w.source not in chosen or w.target not in chosen)
    return tuple(dict.fromkeys(outside(wire) for wire in left))
