"""Small pictures of drawings as SVG: long chains folded into columns, blocks with the stripes of what is inside."""

from collections.abc import Iterable
from typing import NamedTuple

from builder.layers import catalogue
from builder.network.layout import HEIGHT, WIDTH, Point, layout
from builder.spec.network import Block, Graph, Node

MARGIN = 24
LANE = 40
COLUMN_GAP = 72
MOST_COLUMNS = 6
WORTH_A_COLUMN = 1.35
"""Another column must make everything at least this much larger."""
BEHIND = 10
"""How far the card behind a repeated block looks out."""
MOST_STRIPES = 12
STROKE = 6


class _Folded(NamedTuple):
    points: dict[str, Point]
    columns: dict[str, int]
    lanes: list[int]
    """The middle of the gap to the right of each column."""
    width: int
    height: int


def thumbnail_svg(
    graph: Graph, blocks: Iterable[Block] = (), *, width: int = 240, height: int = 160
) -> str:
    """SVG of the drawing fitted into width × height; colours are CSS variables `--ll-family-<family>` with fall-backs.

    Holds no text of the user's.
    """
    inside = {block.id: block for block in blocks}
    folded = _best_fold(graph, width, height)
    wide, high = folded.width + 2 * (MARGIN + LANE), folded.height + 2 * (MARGIN + STROKE)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="{-MARGIN - LANE} {-MARGIN - STROKE} {wide} {high}" preserveAspectRatio="xMidYMid meet" '
        'role="img" aria-hidden="true">'
    ]
    for wire in graph.wires:
        parts.append(
            f'<path d="{_path(folded, wire.source, wire.target)}" fill="none" '
            f'stroke="var(--wire, #8a8f98)" stroke-width="{STROKE}" stroke-linejoin="round"/>'
        )
    for node in graph.nodes:
        parts += _box(node, folded.points[node.id], inside.get(node.block or ""))
    return "\n".join([*parts, "</svg>"])


def _best_fold(graph: Graph, width: int, height: int) -> _Folded:
    """As many columns as make the whole largest, and no more than are worth it."""
    placed = layout(graph).points
    best, best_scale = _fold(graph, placed, 1), 0.0
    for columns in range(1, MOST_COLUMNS + 1):
        folded = _fold(graph, placed, columns)
        wide, high = folded.width + 2 * (MARGIN + LANE), folded.height + 2 * MARGIN
        scale = min(width / wide, height / high)
        if scale > best_scale * WORTH_A_COLUMN:
            best, best_scale = folded, scale
    return best


def _fold(graph: Graph, placed: dict[str, Point], columns: int) -> _Folded:
    """The drawing cut where a single connection crosses, the pieces beside each other."""
    levels = sorted({point.y for point in placed.values()})
    wanted = -(-len(levels) // columns)
    cuts = _cuts(graph, placed, levels, wanted)
    points: dict[str, Point] = {}
    column_of: dict[str, int] = {}
    lanes: list[int] = []
    left = width = height = 0
    for column, (top, bottom) in enumerate(cuts):
        here = {one: at for one, at in placed.items() if top <= at.y <= bottom}
        first = min((at.x for at in here.values()), default=0)
        for node_id, at in here.items():
            points[node_id] = Point(at.x - first + left, at.y - top)
            column_of[node_id] = column
        width = max((points[one].x for one in here), default=0) + WIDTH
        height = max(height, bottom - top + HEIGHT)
        lanes.append(width + LANE + COLUMN_GAP // 2)
        left = width + 2 * LANE + COLUMN_GAP
    return _Folded(points, column_of, lanes, width, height)


def _cuts(
    graph: Graph, placed: dict[str, Point], levels: list[int], wanted: int
) -> list[tuple[int, int]]:
    """The first and last level of each column."""
    cuts: list[tuple[int, int]] = []
    start = 0
    for place, level in enumerate(levels):
        crossing = [w for w in graph.wires if placed[w.source].y <= level < placed[w.target].y]
        last = place == len(levels) - 1
        if last or (place - start + 1 >= wanted and len(crossing) == 1):
            cuts.append((levels[start], level))
            start = place + 1
    return cuts or [(0, 0)]


def _path(folded: _Folded, source: str, target: str) -> str:
    start, end = folded.points[source], folded.points[target]
    x1, y1 = start.x + WIDTH // 2, start.y + HEIGHT
    x2, y2 = end.x + WIDTH // 2, end.y
    column = folded.columns[source]
    if folded.columns[target] != column:
        lane = folded.lanes[column]
        return f"M{x1} {y1} V{y1 + 16} H{lane} V{y2 - 16} H{x2} V{y2}"
    if 0 < y2 - y1 <= HEIGHT:
        return f"M{x1} {y1} L{x2} {y2}"
    side = _side(folded, start, end, column)
    return (
        f"M{x1} {y1} C{side} {y1 + 40} {side} {y1 + 40} {side} {(y1 + y2) // 2} "
        f"S{side} {y2 - 40} {x2} {y2}"
    )


def _side(folded: _Folded, start: Point, end: Point, column: int) -> int:
    """Where a skip runs: the nearer side of everything it passes."""
    low, high = sorted((start.y, end.y))
    passed = [
        point.x
        for one, point in folded.points.items()
        if folded.columns[one] == column and low <= point.y <= high
    ]
    right, left = max(passed) + WIDTH + LANE, min(passed) - LANE
    leans_left = start.x < end.x or start.x < max(passed)
    return left if leans_left else right


def _box(node: Node, at: Point, block: Block | None) -> list[str]:
    if node.kind != "block":
        return [_rect(at, f'fill="{_colour(node.kind)}"')]
    outline = f'stroke="{_colour("block")}" stroke-width="{STROKE}"'
    behind = [_rect(Point(at.x + BEHIND, at.y - BEHIND), f'fill="none" {outline}')]
    repeated = behind if node.repeat != 1 else []
    if block is None:
        return [*repeated, _rect(at, f'fill="{_colour("block")}" {outline}')]
    # The ground of the page under the stripes, so that nothing of what is behind shows through.
    return [
        *repeated,
        _rect(at, f'fill="var(--ll-surface, #ffffff)" {outline}'),
        *_stripes(block, at),
    ]


def _stripes(block: Block, at: Point) -> list[str]:
    """What a block holds, in drawing order, as upright stripes."""
    kinds = [node.kind for node in block.nodes if node.kind not in ("input", "output")]
    kinds = kinds[:MOST_STRIPES]
    inner, gap = WIDTH - 24, 4
    step = (inner + gap) / max(len(kinds), 1)
    return [
        f'<rect x="{at.x + 12 + place * step:.1f}" y="{at.y + 10}" width="{step - gap:.1f}" '
        f'height="{HEIGHT - 20}" rx="3" fill="{_colour(kind)}"/>'
        for place, kind in enumerate(kinds)
    ]


def _rect(at: Point, paint: str) -> str:
    return f'<rect x="{at.x}" y="{at.y}" width="{WIDTH}" height="{HEIGHT}" rx="10" {paint}/>'


def _colour(kind: str) -> str:
    known = catalogue.find(kind)
    family = (known.family if known else "block").replace("_", "-")
    return f"var(--ll-family-{family}, #6b7280)"
