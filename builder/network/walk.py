"""One walk through a drawing in data-flow order: layer, inputs, torch's answer and problems of every node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from builder.layers.base import Inputs, LayerType, Mismatch, TensorType
from builder.network import words
from builder.network.order import Order, order, upstream
from builder.network.placing import settle
from builder.network.ports import ports
from builder.network.shapes import Measured, measure
from builder.network.wiring import wiring
from builder.spec.arithmetic import Number
from builder.spec.edits import Disconnect
from builder.spec.network import Block, Graph, Network, Node
from builder.spec.problems import Fix, Problem
from builder.spec.project import Project

Place = tuple[str, str]
"""Where a value comes from: node id and output port."""

NOTHING = Measured(None)

COSTS = ("parameters", "buffers", "flops", "bytes")


@dataclass
class Placed:
    """A node after the walk. `outputs` is empty where an error stands in the way.

    `sources` has, for every input port, where its values come from, past bypassed nodes. `rounds` are the walks
    through a block: one for the first repetition, and one for each that differs from it; `stopped` has errors.
    """

    node: Node
    layer: LayerType | None = None
    texts: Mapping[str, Any] = field(default_factory=dict)
    inputs: Inputs = ()
    sources: tuple[tuple[Place, ...], ...] = ()
    measured: Measured = NOTHING
    outputs: tuple[TensorType, ...] = ()
    ports: tuple[str, ...] = ()
    waiting_for: str | None = None
    mismatch: Mismatch | None = None
    rounds: tuple["Walked", ...] = ()
    stopped: "Walked | None" = None
    repeat: int = 1
    modules: int = 1

    @property
    def skipped(self) -> bool:
        """True for a bypassed node: what comes in goes out."""
        return self.node.bypassed and self.node.kind not in ("input", "output")


@dataclass
class Walked:
    """A graph after the walk; `answers` are the types at its outputs, in drawing order, empty until all are known."""

    graph: Network | Block
    name: str
    scope: Mapping[str, Number]
    order: Order
    placed: dict[str, Placed] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    answers: tuple[TensorType, ...] = ()

    def of_kind(self, kind: str) -> list[Placed]:
        """Placed nodes of one kind, in drawing order."""
        return [self.placed[node.id] for node in self.graph.of_kind(kind)]

    def failed(self) -> bool:
        """Whether something stops it from running."""
        return any(problem.severity == "error" for problem in self.problems)

    def total(self, what: str) -> int:
        """Parameters, FLOPs or bytes of all nodes together; once the graph is whole, of those that reach an output."""
        used = set(self.placed)
        if self.answers:
            used = upstream(self.graph, [node.id for node in self.graph.of_kind("output")])
        return sum(cost(placed)[what] for name, placed in self.placed.items() if name in used)


class Feeds(NamedTuple):
    """Types of input nodes by id, and problems with those that have none."""

    types: dict[str, TensorType]
    problems: dict[str, Problem] = {}


def cost(placed: Placed) -> dict[str, int]:
    """Parameters, buffers, FLOPs and bytes of a node; of a repeated block those of all repetitions."""
    if not placed.rounds:
        return {what: getattr(placed.measured, what) for what in COSTS}
    totals = {}
    for what in COSTS:
        each = [walked.total(what) for walked in placed.rounds]
        totals[what] = sum(each) + each[-1] * (placed.repeat - len(each))
    if placed.node.share_weights:
        for what in ("parameters", "buffers"):
            totals[what] = placed.rounds[0].total(what)
    return totals


class Walker:
    """Walks graphs of one project; blocks are walked once for each set of arguments and inputs."""

    def __init__(self, project: Project, data_variables: Mapping[str, Number]) -> None:
        self.project = project
        self.data_variables = data_variables
        self.blocks: dict[Any, Walked] = {}

    def scope(self, graph: Graph) -> dict[str, Number]:
        """The variables a graph's expressions see: its own, and the read-only ones of the data."""
        return {**{v.name: v.value for v in graph.variables}, **self.data_variables}

    def walk(
        self,
        graph: Network | Block,
        scope: Mapping[str, Number],
        feeds: Feeds,
        stack: tuple[str, ...] = (),
    ) -> Walked:
        """Every node with what flows in and out, and all problems at the nodes that cause them."""
        name = graph.id if isinstance(graph, Block) else graph.name
        walked = Walked(graph, name, scope, order(graph))
        wires = wiring(self.project, graph, name)
        values: dict[Place, tuple[Place, TensorType]] = {}
        nodes = {node.id: node for node in graph.nodes}
        for node_id in walked.order.ids:
            node = nodes[node_id]
            placed = Placed(node)
            walked.placed[node_id] = placed
            found = list(wires.problems.get(node_id, ()))
            found += self._settle(placed, walked, feeds)
            if node_id in wires.into:
                found += self._wait(placed, wires.into[node_id], values, walked)
            if not found and placed.waiting_for is None:
                found += self._run(placed, walked, feeds, stack)
            walked.problems += found
            for port, made in zip(placed.ports, placed.outputs, strict=False):
                place = (node_id, port)
                if placed.skipped and placed.sources and placed.sources[0]:
                    place = placed.sources[0][0]
                values[node_id, port] = (place, made)
        walked.problems += _cycles(walked, nodes)
        outputs = walked.of_kind("output") if not walked.order.cycles else []
        if all(placed.inputs and placed.inputs[0] for placed in outputs):
            walked.answers = tuple(placed.inputs[0][0] for placed in outputs)
        return walked

    def _settle(self, placed: Placed, walked: Walked, feeds: Feeds) -> list[Problem]:
        node = placed.node
        known = ports(self.project, node)
        placed.ports = known[1] if known else ()
        if node.kind == "block":
            return []
        placed.layer, placed.texts, problems = settle(node, walked.name, walked.scope)
        wrong = feeds.problems.get(node.id)
        return [*problems, *([wrong] if wrong and not problems else [])]

    def _wait(
        self,
        placed: Placed,
        into: tuple[tuple[Any, ...], ...],
        values: Mapping[Place, tuple[Place, TensorType]],
        walked: Walked,
    ) -> list[Problem]:
        """Fills inputs and sources, or says for which node this one waits."""
        types, sources = [], []
        for wires in into:
            known = []
            for wire in wires:
                value = values.get((wire.source, wire.source_port))
                if value is None:
                    before = walked.placed.get(wire.source)
                    placed.waiting_for = (before and before.waiting_for) or wire.source
                    return []
                known.append(value)
            sources.append(tuple(place for place, _ in known))
            types.append(tuple(made for _, made in known))
        placed.inputs, placed.sources = tuple(types), tuple(sources)
        return []

    def _run(
        self, placed: Placed, walked: Walked, feeds: Feeds, stack: tuple[str, ...]
    ) -> list[Problem]:
        node = placed.node
        if node.kind == "input":
            placed.outputs = (feeds.types[node.id],)
            return []
        if placed.skipped:
            placed.outputs = placed.inputs[0][:1] if placed.inputs else ()
            return [] if placed.outputs else [_nothing_to_pass(placed, walked.name)]
        if node.kind == "block":
            from builder.network.blocks import run_block

            return run_block(self, placed, walked, stack)
        assert placed.layer is not None
        placed.mismatch = placed.layer.accepts(*placed.inputs)
        if placed.mismatch is not None:
            return [_mismatch(placed, walked.name, placed.mismatch)]
        if node.kind == "output":
            return []
        placed.measured = measure(placed.layer, placed.inputs)
        placed.outputs = placed.measured.outputs
        return [_refused(placed, walked.name)] if placed.measured.refusal else []


def _mismatch(placed: Placed, graph: str, wrong: Mismatch) -> Problem:
    assert placed.layer is not None
    ports_ = [port.name for port in placed.layer.inputs]
    place = ports_.index(wrong.port) if wrong.port in ports_ else 0
    got = words.tensors(placed.inputs[place] if placed.inputs else ())
    at = f" at {placed.layer.inputs[place].label}" if placed.layer.inputs[place].label else ""
    advice = f" {wrong.advice}" if wrong.advice else ""
    return Problem(
        code=wrong.code,
        severity="error",
        what=f"{placed.node.name} got {got}{at}. It needs {wrong.needs}.{advice}",
        got=got,
        expected=wrong.needs,
        network=graph,
        node=placed.node.id,
        field=wrong.knob,
        at_input=wrong.knob is None,
    )


def _refused(placed: Placed, graph: str) -> Problem:
    return Problem(
        code="refused",
        severity="error",
        what=f"{placed.node.name}: {placed.measured.refusal}",
        got=words.tensors(tuple(one for wired in placed.inputs for one in wired)),
        network=graph,
        node=placed.node.id,
    )


def _nothing_to_pass(placed: Placed, graph: str) -> Problem:
    return Problem(
        code="unconnected",
        severity="error",
        what=f"{placed.node.name} is bypassed and gets nothing to pass on. Connect it, or remove it.",
        expected="a connection",
        network=graph,
        node=placed.node.id,
    )


def _cycles(walked: Walked, nodes: Mapping[str, Node]) -> list[Problem]:
    """One problem a ring, on its first node; every node on or behind it waits for that one."""
    found = []
    for ring in walked.order.cycles:
        names = " → ".join(nodes[node_id].name for node_id in (*ring[:6], ring[0]))
        shown = names if len(ring) <= 6 else f"{names} and {len(ring) - 6} more"
        found.append(
            Problem(
                code="cycle",
                severity="error",
                what=f"These layers feed each other in a circle: {shown}. Cut one of the connections.",
                got=shown,
                expected="data that flows one way",
                network=walked.name,
                node=ring[0],
                fixes=_cuts(ring, walked, nodes),
            )
        )
    first = walked.order.cycles[0][0] if walked.order.cycles else None
    for node_id in nodes:
        if node_id not in walked.placed:
            alone = any(node_id == ring[0] for ring in walked.order.cycles)
            waiting = None if alone else first
            walked.placed[node_id] = Placed(nodes[node_id], waiting_for=waiting)
    return found


def _cuts(ring: tuple[str, ...], walked: Walked, nodes: Mapping[str, Node]) -> tuple[Fix, ...]:
    last, first = ring[-1], ring[0]
    wires = tuple(w for w in walked.graph.wires if (w.source, w.target) == (last, first))
    sentence = f"Cut {nodes[last].name} from {nodes[first].name}"
    return (Fix(sentence=sentence, edits=(Disconnect(graph=walked.name, wires=wires),)),)
