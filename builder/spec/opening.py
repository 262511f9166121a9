"""How a block becomes layers again: once for each repetition, with its arguments written in."""

from collections.abc import Mapping, Sequence

from builder.errors import SpecError
from builder.spec.block_ports import Place, free, middle, port_names
from builder.spec.change import G, unique_name
from builder.spec.expressions import folded, with_names
from builder.spec.network import MAX_NODES, Block, Expr, Graph, Node, Note, Wire

MOST_UNROLLED = 100


def opened(
    graph: G, placed: Node, block: Block, sizes: Mapping[str, int | float] | None = None
) -> G:
    """The drawing with the layers of a placed block in its place, once for each repetition.

    `sizes` names what flows in; expressions of the block that use these names get the numbers instead.
    """
    times = _times(placed)
    names = port_names(block)
    feeding: dict[str, Place | None] = {}
    for node_id, port in names[0].items():
        wire = next((w for w in graph.wires_into(placed.id) if w.target_port == port), None)
        feeding[node_id] = (wire.source, wire.source_port) if wire else None
    rest = graph.model_copy(update={"nodes": tuple(n for n in graph.nodes if n.id != placed.id)})
    taken = {node.id for node in rest.nodes}
    layers: list[Node] = []
    wires: list[Wire] = []
    answers: dict[str, Place | None] = {}
    for round_ in range(times):
        ids = _fresh(block, placed, taken, round_)
        named = rest.model_copy(update={"nodes": (*rest.nodes, *layers)})
        layers += _layers(
            block,
            placed,
            ids,
            {**(sizes or {}), **_arguments(block, placed, round_)},
            named,
            round_=round_,
        )
        made, answers = _wires(block, ids, feeding)
        wires += made
        outs = list(answers.values())
        feeding = {
            node: outs[place] if place < len(outs) else before
            for place, (node, before) in enumerate(feeding.items())
        }
    place = next(i for i, node in enumerate(graph.nodes) if node.id == placed.id)
    nodes = (*graph.nodes[:place], *layers, *graph.nodes[place + 1 :])
    if len(nodes) > MAX_NODES:
        raise SpecError(f"That would make {len(nodes):,} layers; a drawing holds {MAX_NODES:,}.")
    after = _after(graph, placed, names[1], answers, wires)
    return graph.model_copy(update={"nodes": nodes, "wires": after, "notes": _notes(graph, block)})


def _times(placed: Node) -> int:
    if isinstance(placed.repeat, Expr):
        raise SpecError(
            f"{placed.name} is repeated {placed.repeat.expr} times. Set a plain number first."
        )
    if placed.share_weights and placed.repeat > 1:
        raise SpecError(
            f"{placed.name} runs the same weights {placed.repeat} times; separate layers would each have "
            "their own. Choose separate weights first."
        )
    if not 1 <= placed.repeat <= MOST_UNROLLED:
        raise SpecError(
            f"{placed.name} can be opened up when it is repeated 1 to {MOST_UNROLLED} times."
        )
    return placed.repeat


def _fresh(block: Block, placed: Node, taken: set[str], round_: int) -> dict[str, str]:
    """Ids in the drawing around, by ids inside: the same where the block was made, of their own elsewhere.

    First weights follow the id, so two uses opened up do not begin alike.
    """
    made_here = placed.id == block.id and round_ == 0
    ids = {}
    for node in block.nodes:
        if node.kind in ("input", "output"):
            continue
        wanted = node.id if made_here else f"{placed.id[:28]}_{node.id[:28]}_{round_ + 1}"
        ids[node.id] = free(wanted, taken)
        taken.add(ids[node.id])
    return ids


def _layers(
    block: Block,
    placed: Node,
    ids: Mapping[str, str],
    said: Mapping[str, str | int | float],
    around: Graph,
    *,
    round_: int,
) -> list[Node]:
    dx, dy = _shift(block, placed)
    made: list[Node] = []
    for node in block.nodes:
        if node.id not in ids:
            continue
        named = around.model_copy(update={"nodes": (*around.nodes, *made)})
        update = {
            "id": ids[node.id],
            "name": unique_name(node.name, named),
            "bypassed": node.bypassed or placed.bypassed,
            "frozen": node.frozen or placed.frozen,
            "x": node.x + dx if node.x is not None and dx is not None and round_ == 0 else None,
            "y": node.y + dy if node.y is not None and dy is not None and round_ == 0 else None,
        }
        made.append(folded(with_names(node, said)).model_copy(update=update))
    return made


def _arguments(block: Block, placed: Node, round_: int) -> dict[str, str | int | float]:
    listed = placed.repeat_knobs[round_] if round_ < len(placed.repeat_knobs) else {}
    given = {**placed.knobs, **listed}
    said: dict[str, str | int | float] = {}
    for variable in block.variables:
        value = given.get(variable.name, variable.value)
        if isinstance(value, Expr):
            said[variable.name] = value.expr
        elif isinstance(value, int | float) and not isinstance(value, bool):
            said[variable.name] = value
        else:
            said[variable.name] = variable.value
    return said


def _wires(
    block: Block, ids: Mapping[str, str], feeding: Mapping[str, Place | None]
) -> tuple[list[Wire], dict[str, Place | None]]:
    """The wires of one repetition in the drawing around, and what each Output gets, by its id."""
    wires = []
    answers: dict[str, Place | None] = {n.id: None for n in block.of_kind("output")}
    for wire in block.wires:
        source: Place | None = feeding.get(wire.source)
        if wire.source in ids:
            source = (ids[wire.source], wire.source_port)
        if wire.target in answers:
            answers[wire.target] = source
        elif source is not None and wire.target in ids:
            wires.append(
                Wire(
                    source=source[0],
                    source_port=source[1],
                    target=ids[wire.target],
                    target_port=wire.target_port,
                )
            )
    return wires, answers


def _after(
    graph: Graph,
    placed: Node,
    ports: Mapping[str, str],
    answers: Mapping[str, Place | None],
    inner: Sequence[Wire],
) -> tuple[Wire, ...]:
    """All wires around, those of the block taken over by its layers."""
    by_port = {port: answers.get(node) for node, port in ports.items()}
    wires: list[Wire] = []
    for wire in graph.wires:
        if wire.target == placed.id:
            continue
        source = by_port.get(wire.source_port) if wire.source == placed.id else None
        if source is not None:
            wires.append(wire.model_copy(update={"source": source[0], "source_port": source[1]}))
        elif wire.source != placed.id:
            wires.append(wire)
    return tuple(dict.fromkeys([*wires, *inner]))


def _notes(graph: Graph, block: Block) -> tuple[Note, ...]:
    taken = {note.id for note in graph.notes}
    kept = []
    for note in block.notes:
        kept.append(note.model_copy(update={"id": free(note.id, taken)}))
        taken.add(kept[-1].id)
    return (*graph.notes, *kept)[:200]


def _shift(block: Block, placed: Node) -> tuple[float | None, float | None]:
    """From places inside to places around."""
    x, y = middle([n for n in block.nodes if n.kind not in ("input", "output")])
    if x is None or y is None or placed.x is None or placed.y is None:
        return None, None
    return placed.x - x, placed.y - y
