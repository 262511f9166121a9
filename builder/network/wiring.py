"""What feeds every port of a graph: wires by port, and wires that do not fit the ports there are."""

from collections import defaultdict
from typing import NamedTuple

from builder.layers.base import Port
from builder.network.ports import ports
from builder.spec.edits import Connect, Disconnect
from builder.spec.network import Graph, Node, Wire
from builder.spec.problems import Fix, Problem
from builder.spec.project import Project


class Wiring(NamedTuple):
    """`into[node][port place]` lists the wires there; nodes of unknown kind have no entry."""

    into: dict[str, tuple[tuple[Wire, ...], ...]]
    problems: dict[str, list[Problem]]


def wiring(project: Project, graph: Graph, name: str) -> Wiring:
    """All wires by the port they end at, and what is wrong with them, by node."""
    shapes = {node.id: ports(project, node) for node in graph.nodes}
    by_target: dict[str, list[Wire]] = defaultdict(list)
    for wire in graph.wires:
        by_target[wire.target].append(wire)
    nodes = {node.id: node for node in graph.nodes}
    into: dict[str, tuple[tuple[Wire, ...], ...]] = {}
    problems: dict[str, list[Problem]] = defaultdict(list)
    for node in graph.nodes:
        known = shapes[node.id]
        if known is None:
            continue
        good = []
        for wire in by_target[node.id]:
            wrong = _no_such_port(wire, nodes, shapes, name)
            if wrong:
                problems[node.id].append(wrong)
            else:
                good.append(wire)
        into[node.id] = tuple(
            tuple(wire for wire in good if wire.target_port == port.name) for port in known[0]
        )
        for port, wires in zip(known[0], into[node.id], strict=True):
            if len(wires) > 1 and not port.many:
                problems[node.id].append(_taken(node, port, wires, nodes, name))
            if not wires and not port.optional and not node.bypassed:
                problems[node.id].append(_unconnected(node, port, name, graph))
    return Wiring(into, problems)


def _no_such_port(
    wire: Wire,
    nodes: dict[str, Node],
    shapes: dict[str, tuple[tuple[Port, ...], tuple[str, ...]] | None],
    name: str,
) -> Problem | None:
    source, target = nodes[wire.source], nodes[wire.target]
    given, taken = shapes[wire.source], shapes[wire.target]
    if taken is not None and wire.target_port not in [port.name for port in taken[0]]:
        owner, port, side = target, wire.target_port, "input"
        there = [one.name for one in taken[0]]
    elif given is not None and wire.source_port not in given[1]:
        owner, port, side, there = source, wire.source_port, "output", list(given[1])
    else:
        return None
    known = ", ".join(there) or "none"
    cut = Disconnect(graph=name, wires=(wire,))
    return Problem(
        code="unknown_port",
        severity="error",
        what=f"A connection uses the {side} {port} of {owner.name}, which it does not have. Cut it.",
        got=port,
        expected=f"one of: {known}",
        network=name,
        node=target.id,
        fixes=(Fix(sentence="Cut this connection", edits=(cut,)),),
    )


def _taken(
    node: Node, port: Port, wires: tuple[Wire, ...], nodes: dict[str, Node], name: str
) -> Problem:
    sources = [nodes[wire.source].name for wire in wires]
    fixes = tuple(
        Fix(
            sentence=f"Keep only {source}",
            edits=(Disconnect(graph=name, wires=tuple(other for other in wires if other != wire)),),
        )
        for source, wire in zip(sources[:4], wires, strict=False)
    )
    return Problem(
        code="port_taken",
        severity="error",
        what=f"{node.name} gets {len(wires)} connections where it takes one. "
        f"Keep one, or merge them with Add or Concat first.",
        got=" and ".join(sources[:4]),
        expected="one connection",
        network=name,
        node=node.id,
        fixes=fixes,
    )


def _unconnected(node: Node, port: Port, name: str, graph: Graph) -> Problem:
    place = f" at {port.label}" if port.label else ""
    return Problem(
        code="unconnected",
        severity="error",
        what=f"{node.name} is not connected yet{place}. Draw a connection to it, or remove it.",
        got="nothing",
        expected="a connection",
        network=name,
        node=node.id,
        field=port.name,
        fixes=_connect(node, port, name, graph),
    )


def _connect(node: Node, port: Port, name: str, graph: Graph) -> tuple[Fix, ...]:
    """Connects the node drawn just before it, when that leads nowhere yet."""
    places = [one.id for one in graph.nodes]
    fed = {wire.source for wire in graph.wires}
    loose = [
        one
        for one in graph.nodes[: places.index(node.id)]
        if one.id not in fed and one.kind != node.kind
    ][-1:]
    return tuple(
        Fix(
            sentence=f"Connect {one.name} to {node.name}",
            edits=(
                Connect(
                    graph=name, wire=Wire(source=one.id, target=node.id, target_port=port.name)
                ),
            ),
        )
        for one in loose
    )
