"""Where nodes stand when nobody placed them: rows from top to bottom, skips beside them."""

from collections import defaultdict
from typing import NamedTuple

from builder.network.order import order
from builder.spec.network import Direction, Graph

WIDTH, HEIGHT = 216, 56
GAP_DOWN, GAP_ACROSS = 40, 32
GAP_LABEL = 112
"""Between layers that follow each other to the right: room for the shape written on the connection."""
GRID = 8
SWEEPS = 8


class Point(NamedTuple):
    """The top-left corner of a node, in canvas pixels."""

    x: int
    y: int


class Layout(NamedTuple):
    """Places by node id; the same drawing always gives the same places."""

    points: dict[str, Point]
    width: int
    height: int


def layout(graph: Graph, *, direction: Direction = "down") -> Layout:
    """Every node below what feeds it, rows centred, so that a chain is a straight column with its skips beside it."""
    rows = _rows(graph)
    ranks = _ranked(graph, rows)
    widest = max((len(rank) for rank in ranks), default=0)
    step = WIDTH + GAP_ACROSS if direction == "down" else HEIGHT + GAP_ACROSS
    down = HEIGHT + GAP_DOWN if direction == "down" else WIDTH + GAP_LABEL
    points: dict[str, Point] = {}
    for row, rank in enumerate(ranks):
        start = (widest - len(rank)) * step // 2
        for column, node_id in enumerate(rank):
            across = _snap(start + column * step)
            along = row * down
            points[node_id] = Point(across, along) if direction == "down" else Point(along, across)
    width = max((point.x for point in points.values()), default=0) + WIDTH
    height = max((point.y for point in points.values()), default=0) + HEIGHT
    return Layout(points, width, height)


def _rows(graph: Graph) -> dict[str, int]:
    """The length of the longest way from a start; nodes on a circle stand below all others."""
    ordered = order(graph).ids
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for wire in graph.wires:
        before[wire.target].append(wire.source)
        after[wire.source].append(wire.target)
    rows: dict[str, int] = {}
    for node_id in ordered:
        rows[node_id] = max((rows[one] + 1 for one in before[node_id] if one in rows), default=0)
    for node_id in reversed(ordered):
        # A second start, such as a label, stands right above what it feeds.
        if not before[node_id] and after[node_id]:
            rows[node_id] = max(min(rows.get(one, 1) for one in after[node_id]) - 1, 0)
    below = max(rows.values(), default=-1) + 1
    for node in graph.nodes:
        if node.id not in rows:
            rows[node.id] = below
            below += 1
    return rows


def _ranked(graph: Graph, rows: dict[str, int]) -> list[list[str]]:
    """Node ids by row, each row ordered so that few wires cross."""
    ranks: list[list[str]] = [[] for _ in range(max(rows.values(), default=-1) + 1)]
    for node in graph.nodes:
        ranks[rows[node.id]].append(node.id)
    above: dict[str, list[str]] = defaultdict(list)
    below: dict[str, list[str]] = defaultdict(list)
    for wire in graph.wires:
        above[wire.target].append(wire.source)
        below[wire.source].append(wire.target)
    if all(len(rank) < 2 for rank in ranks):
        return ranks
    for sweep in range(SWEEPS):
        near = above if sweep % 2 == 0 else below
        place = {one: _centred(i, len(rank)) for rank in ranks for i, one in enumerate(rank)}
        for rank in ranks:
            rank.sort(key=lambda one: _mean([place[other] for other in near[one]], place[one]))
            place |= {one: _centred(i, len(rank)) for i, one in enumerate(rank)}
    return ranks


def _centred(index: int, count: int) -> float:
    return index - (count - 1) / 2


def _mean(values: list[float], own: float) -> float:
    return sum(values) / len(values) if values else own


def _snap(value: float) -> int:
    return round(value / GRID) * GRID
