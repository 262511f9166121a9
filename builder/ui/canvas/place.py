"""Where every layer is shown: its own place, else the layout's, else below what feeds it, making room."""

from collections.abc import Iterable

from builder.network.layout import GAP_LABEL, layout
from builder.spec.network import Graph

WIDTH, HEIGHT, GRID = 216, 56, 8
STEP_DOWN = HEIGHT + 40
STEP_ACROSS = WIDTH + 32
STEP_RIGHT = WIDTH + GAP_LABEL
STEP_BESIDE = HEIGHT + 32

Point = tuple[float, float]


def places(graph: Graph) -> dict[str, Point]:
    """x, y of each node's top-left corner in canvas pixels; the same rule as frontend/src/model/place.ts.

    A drawing in which no node has a place of its own is laid out as a whole. Otherwise nodes without a place
    (added by a fix or in the list) go below what feeds them, and what follows is pushed down where it is in the way.
    """
    if all(node.x is None or node.y is None for node in graph.nodes):
        return automatic(graph)
    placed = {n.id: (n.x, n.y) for n in graph.nodes if n.x is not None and n.y is not None}
    for node_id in _waiting(graph, placed):
        placed[node_id] = _spot(graph, node_id, placed)
    return placed


def automatic(graph: Graph) -> dict[str, Point]:
    """Where the layout puts every node."""
    points = layout(graph, direction=graph.direction).points
    return {node_id: (float(at.x), float(at.y)) for node_id, at in points.items()}


def downstream(graph: Graph, node_id: str) -> set[str]:
    """Ids of everything fed by a node, directly or not, itself included."""
    followers: dict[str, list[str]] = {}
    for wire in graph.wires:
        followers.setdefault(wire.source, []).append(wire.target)
    seen, queue = {node_id}, [node_id]
    while queue:
        for follower in followers.get(queue.pop(), ()):
            if follower not in seen:
                seen.add(follower)
                queue.append(follower)
    return seen


def _waiting(graph: Graph, placed: Iterable[str]) -> list[str]:
    done = set(placed)
    left = [node.id for node in graph.nodes if node.id not in done]
    order: list[str] = []
    while left:
        ready = (n for n in left if any(w.target == n and w.source in done for w in graph.wires))
        chosen = next(ready, left[0])
        left.remove(chosen)
        done.add(chosen)
        order.append(chosen)
    return order


def _steps(graph: Graph) -> tuple[Point, Point]:
    """How far the next layer is, and the one beside."""
    if graph.direction == "right":
        return (STEP_RIGHT, 0.0), (0.0, STEP_BESIDE)
    return (0.0, STEP_DOWN), (STEP_ACROSS, 0.0)


def _spot(graph: Graph, node_id: str, placed: dict[str, Point]) -> Point:
    ahead, beside = _steps(graph)
    feeds = [placed[w.source] for w in graph.wires_into(node_id) if w.source in placed]
    fed = [placed[w.target] for w in graph.wires_from(node_id) if w.target in placed]
    if feeds:
        x, y = max(feeds, key=lambda at: _along(graph, at))
        at = (x + ahead[0], y + ahead[1])
    elif fed:
        at = (fed[0][0] - ahead[0], fed[0][1] - ahead[1])
    else:
        # Beside everything: in the first free column, or row where data flows to the right.
        far = ((x + beside[0], y + beside[1]) for x, y in placed.values())
        x, y = map(max, zip(*far, strict=True)) if placed else (0.0, 0.0)
        at = (x, 0.0) if graph.direction == "down" else (0.0, y)
    _make_room(graph, node_id, at, placed)
    while any(_overlap(at, other) for other in placed.values()):
        at = (at[0] + beside[0], at[1] + beside[1])
    return at


def _along(graph: Graph, at: Point) -> float:
    return at[1] if graph.direction == "down" else at[0]


def _make_room(graph: Graph, node_id: str, at: Point, placed: dict[str, Point]) -> None:
    after = [other for other in downstream(graph, node_id) - {node_id} if other in placed]
    if not any(_overlap(at, placed[other]) for other in after):
        return
    (dx, dy), _ = _steps(graph)
    for other in after:
        x, y = placed[other]
        if _along(graph, (x, y)) >= _along(graph, at) or _overlap(at, (x, y)):
            placed[other] = (x + dx, y + dy)


def _overlap(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < WIDTH + GRID and abs(a[1] - b[1]) < HEIGHT + GRID
