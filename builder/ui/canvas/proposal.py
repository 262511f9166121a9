"""The edit that a drawing sent by the canvas stands for, after every layer and connection in it was checked."""

from builder.errors import SpecError
from builder.layers import catalogue
from builder.layers.base import Port
from builder.network.ports import ports
from builder.spec.edits import SetGraph, check_graph, unique_name
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project
from builder.ui.canvas.difference import words_for
from builder.ui.canvas.message import CanvasNode, Drawn
from builder.ui.canvas.place import downstream
from builder.ui.canvas.shelf import BORROWED, borrowed_id, holders


def propose(project: Project, network: Network, sent: Drawn) -> SetGraph | None:
    """The whole drawing as one edit with its words, None when nothing but the selection changed.

    Raises:
        SpecError: a layer or connection in it cannot be; the sentence names it.
    """
    there = {node.id: node for node in network.nodes}
    nodes = tuple(_node(project, network.name, node, there.get(node.id)) for node in sent.nodes)
    drawn = check_graph(network.model_copy(update={"nodes": nodes, "wires": sent.edges}))
    drawn = _with_unique_names(network, drawn)
    drawn = _with_the_rest(drawn, sent)
    if drawn == network:
        return None
    _keep_ends(project, network, drawn)
    known = set(network.wires)
    for wire in drawn.wires:
        if wire not in known:
            _check_wire(project, drawn, wire)
    _check_single_ports(project, drawn)
    return SetGraph(
        graph=network.name,
        nodes=drawn.nodes,
        wires=drawn.wires,
        notes=sent.notes,
        direction=sent.direction,
        words=words_for(network, drawn)[:200],
    )


def _with_the_rest(drawn: Network, sent: Drawn) -> Network:
    """Notes and direction, where the canvas says them."""
    given: dict[str, object] = {}
    if sent.notes is not None:
        ids = [note.id for note in sent.notes]
        if len({*ids, *(node.id for node in drawn.nodes)}) != len(ids) + len(drawn.nodes):
            raise SpecError("Two things in the drawing have the same id; each needs its own.")
        given["notes"] = sent.notes
    if sent.direction is not None:
        given["direction"] = sent.direction
    return drawn.model_copy(update=given)


def _node(project: Project, graph: str, sent: CanvasNode, known: Node | None) -> Node:
    """A layer the document has (`known`) keeps its settings; a new one must be of a known kind."""
    name = sent.name.strip() or "layer"
    if known is not None:
        own = {"x": sent.x, "y": sent.y, "bypassed": sent.bypassed, "frozen": sent.frozen}
        return known.model_copy(
            update={"name": known.name if sent.name == known.name else name, **own}
        )
    if sent.kind is None:
        raise SpecError(f"The layer {name} is gone; the drawing was changed elsewhere.")
    kind = "block" if sent.kind == BORROWED else sent.kind
    if kind == "block":
        block = borrowed_id(project, sent, graph)
        if block is None or project.block(block) is None:
            raise SpecError(f"The block of {name} is not part of this project; import it first.")
        if block in holders(project, graph):
            raise SpecError(f"{name} cannot stand inside itself; choose another block.")
    elif catalogue.find(kind) is None:
        raise SpecError(f"There is no layer called {sent.kind!r} here, so {name} was not added.")
    return Node(
        id=sent.id,
        kind=kind,
        name=name,
        knobs=sent.knobs,
        block=borrowed_id(project, sent, graph),
        repeat=sent.repeat,
        share_weights=sent.share_weights,
        repeat_knobs=sent.repeat_knobs,
        x=sent.x,
        y=sent.y,
        bypassed=sent.bypassed,
        frozen=sent.frozen,
    )


def _with_unique_names(before: Network, drawn: Network) -> Network:
    """Names given by the canvas are made unique; those the document had already stay as they are."""
    old = {node.id: node.name for node in before.nodes}
    done: list[Node] = []
    kept = drawn.model_copy(
        update={"nodes": tuple(n for n in drawn.nodes if old.get(n.id) == n.name)}
    )
    for node in drawn.nodes:
        if old.get(node.id) == node.name:
            done.append(node)
            continue
        name = unique_name(node.name, kept)
        done.append(node if name == node.name else node.model_copy(update={"name": name}))
        kept = kept.model_copy(update={"nodes": (*kept.nodes, done[-1])})
    return drawn.model_copy(update={"nodes": tuple(done)})


def _keep_ends(project: Project, before: Network, drawn: Network) -> None:
    for title, side in (("Input", 0), ("Output", 1)):

        def has_end(graph: Network, side: int = side) -> bool:
            told = (ports(project, node) for node in graph.nodes)
            return any(both is not None and not both[side] for both in told)

        if has_end(before) and not has_end(drawn):
            raise SpecError(f"The last {title} stays: a network needs one.")


def _check_wire(project: Project, drawn: Network, wire: Wire) -> None:
    source, target = _ends(drawn, wire)
    leaving, entering = ports(project, source), ports(project, target)
    if leaving is not None and wire.source_port not in leaving[1]:
        raise SpecError(f"{source.name} has no output {wire.source_port!r} to connect from.")
    if entering is not None and wire.target_port not in [port.name for port in entering[0]]:
        raise SpecError(f"{target.name} has no input {wire.target_port!r} to connect to.")
    if wire.source in downstream(drawn, wire.target):
        raise SpecError(f"{source.name} cannot feed {target.name}: that would make a loop.")


def _check_single_ports(project: Project, drawn: Network) -> None:
    nodes = {node.id: node for node in drawn.nodes}
    taken: set[tuple[str, str]] = set()
    for wire in drawn.wires:
        target, place = nodes[wire.target], (wire.target, wire.target_port)
        if place in taken and not _takes_many(project, target, wire.target_port):
            raise SpecError(
                f"{target.name} takes one connection there; join several with Add or Concat."
            )
        taken.add(place)


def _takes_many(project: Project, node: Node, name: str) -> bool:
    told = ports(project, node)
    inputs: tuple[Port, ...] = told[0] if told else ()
    return next((port.many for port in inputs if port.name == name), told is None)


def _ends(drawn: Network, wire: Wire) -> tuple[Node, Node]:
    """Both layers of a wire; check_graph has seen that they exist."""
    names = {node.id: node for node in drawn.nodes}
    return names[wire.source], names[wire.target]
