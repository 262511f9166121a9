"""Which node comes after which: an order for the forward pass, cycles, and nodes that lead nowhere."""

from collections import defaultdict
from heapq import heappop, heappush
from typing import NamedTuple

from builder.spec.network import Graph


class Order(NamedTuple):
    """`ids` so that every node follows what feeds it; nodes on or behind a cycle are left out of it.

    `cycles` lists rings of node ids, each in the direction of its wires.
    """

    ids: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]


def order(graph: Graph) -> Order:
    """The order in which a hand would write the layers down: chains stay together, else as drawn."""
    place = {node.id: index for index, node in enumerate(graph.nodes)}
    after: dict[str, list[str]] = defaultdict(list)
    missing = dict.fromkeys(place, 0)
    for wire in graph.wires:
        after[wire.source].append(wire.target)
        missing[wire.target] += 1
    ready = [(index, node_id) for node_id, index in place.items() if not missing[node_id]]
    ready.sort()
    done: dict[str, None] = {}
    chain: str | None = None
    while ready or chain:
        node_id = chain or _next(ready, done)
        chain = None
        if node_id is None:
            break
        done[node_id] = None
        freed = []
        for target in after[node_id]:
            missing[target] -= 1
            if not missing[target]:
                freed.append(target)
        freed.sort(key=place.__getitem__)
        chain = freed[0] if freed else None
        for target in freed[1:]:
            heappush(ready, (place[target], target))
    left = [node_id for node_id in place if node_id not in done]
    return Order(tuple(done), _cycles(left, after))


def upstream(graph: Graph, starts: list[str]) -> set[str]:
    """The starts and everything that feeds them, directly or not."""
    before: dict[str, list[str]] = defaultdict(list)
    for wire in graph.wires:
        before[wire.target].append(wire.source)
    return _reach(starts, before)


def downstream(graph: Graph, starts: list[str]) -> set[str]:
    """The starts and everything they feed, directly or not."""
    after: dict[str, list[str]] = defaultdict(list)
    for wire in graph.wires:
        after[wire.source].append(wire.target)
    return _reach(starts, after)


def islands(graph: Graph) -> list[tuple[str, ...]]:
    """Node ids by the part of the drawing they hang together in, each in drawing order."""
    beside: dict[str, list[str]] = defaultdict(list)
    for wire in graph.wires:
        beside[wire.source].append(wire.target)
        beside[wire.target].append(wire.source)
    found: list[tuple[str, ...]] = []
    told: set[str] = set()
    for node in graph.nodes:
        if node.id not in told:
            part = _reach([node.id], beside)
            told |= part
            found.append(tuple(one.id for one in graph.nodes if one.id in part))
    return found


def _next(ready: list[tuple[int, str]], done: dict[str, None]) -> str | None:
    while ready:
        _, node_id = heappop(ready)
        if node_id not in done:
            return node_id
    return None


def _reach(starts: list[str], nexts: dict[str, list[str]]) -> set[str]:
    seen = set(starts)
    stack = list(starts)
    while stack:
        for node_id in nexts[stack.pop()]:
            if node_id not in seen:
                seen.add(node_id)
                stack.append(node_id)
    return seen


def _cycles(left: list[str], after: dict[str, list[str]]) -> tuple[tuple[str, ...], ...]:
    """One ring through each tangle of the nodes that could not be ordered."""
    rings: list[tuple[str, ...]] = []
    inside = set(left)
    colour: dict[str, int] = {}
    for start in left:
        if start in colour:
            continue
        path = [start]
        colour[start] = 1
        nexts = {start: iter(after[start])}
        while path:
            target = next(nexts[path[-1]], None)
            if target is None:
                colour[path.pop()] = 2
            elif target in inside and target not in colour:
                colour[target] = 1
                path.append(target)
                nexts[target] = iter(after[target])
            elif colour.get(target) == 1:
                rings.append(tuple(path[path.index(target) :]))
    return tuple(_apart(rings))


def _apart(rings: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rings that share no node with an earlier one, so that each tangle is told once."""
    told: set[str] = set()
    kept = []
    for ring in rings:
        if not told & set(ring):
            kept.append(ring)
        told |= set(ring)
    return kept
