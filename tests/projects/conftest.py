"""Random edits that a person could make, for the property tests of history and comparison."""

import random

import pytest

from builder.spec.data import BuiltinSource, DataSpec, SplitSpec
from builder.spec.edits import (
    AddNode,
    ChangeNode,
    Connect,
    Disconnect,
    Edit,
    InsertNode,
    MoveNodes,
    RemoveNodes,
    RenameProject,
    ReplaceKind,
    SetData,
    SetGraph,
    SetKnobs,
    SetNetworks,
    SetTraining,
    SetVariables,
)
from builder.spec.network import Block, Expr, Graph, Network, Node, Note, Variable, Wire
from builder.spec.project import Project
from builder.spec.training import EarlyStopping, OptimizerSpec, TrainingSpec

KINDS = ("linear", "relu", "conv2d", "dropout", "add", "flatten", "of_tomorrow")
KNOBS = ("out_features", "kernel_size", "p", "bias", "name")


class RandomEdits:
    """Edits made by chance; some do not fit the project they are for, as in life."""

    def __init__(self, seed: int):
        self.dice = random.Random(seed)
        self.count = 0

    def edit(self, project: Project) -> Edit:
        """The next edit of a project."""
        graphs: list[Network | Block] = [*project.networks, *project.blocks]
        graph = self.dice.choice(graphs)
        name = graph.id if isinstance(graph, Block) else graph.name
        if self.dice.random() < 0.2:
            return self.dice.choice((self.data, self.training, self.rename_project, self.networks))(
                project
            )
        drawing = (self.add, self.add, self.insert, self.remove, self.connect, self.cut)
        others = (self.knobs, self.change, self.replace, self.move, self.redraw, self.variables)
        made = self.dice.choice((*drawing, *others))
        return made(graph, name)

    def node(self) -> Node:
        self.count += 1
        kind = self.dice.choice(KINDS)
        block = "cell" if self.dice.random() < 0.1 else None
        knobs = {self.dice.choice(KNOBS): self.value()} if self.dice.random() < 0.5 else {}
        identifier = f"n{self.count}" if self.dice.random() < 0.9 else "n1"
        return Node(
            id=identifier, kind="block" if block else kind, name=kind, knobs=knobs, block=block
        )

    def value(self):
        return self.dice.choice(
            (1, 3, 16, 0.5, 1.0, True, False, "same", (3, 3), (1, 2), Expr(expr="width * 2"))
        )

    def of(self, graph: Graph) -> str:
        return self.dice.choice([node.id for node in graph.nodes] or ["nobody"])

    def wire(self, graph: Graph) -> Wire:
        port = self.dice.choice(("in", "in", "other"))
        return Wire(source=self.of(graph), target=self.of(graph), target_port=port)

    def add(self, graph: Graph, name: str) -> Edit:
        node = self.node()
        wires = (Wire(source=self.of(graph), target=node.id),) if self.dice.random() < 0.5 else ()
        return AddNode(graph=name, node=node, wires=wires)

    def insert(self, graph: Graph, name: str) -> Edit:
        if graph.wires and self.dice.random() < 0.5:
            return InsertNode(graph=name, node=self.node(), into=self.dice.choice(graph.wires))
        return InsertNode(graph=name, node=self.node(), after=self.of(graph))

    def remove(self, graph: Graph, name: str) -> Edit:
        return RemoveNodes(graph=name, nodes=(self.of(graph),), heal=self.dice.random() < 0.7)

    def connect(self, graph: Graph, name: str) -> Edit:
        return Connect(graph=name, wire=self.wire(graph), replace=self.dice.random() < 0.5)

    def cut(self, graph: Graph, name: str) -> Edit:
        wire = self.dice.choice(graph.wires) if graph.wires else self.wire(graph)
        return Disconnect(graph=name, wires=(wire,))

    def knobs(self, graph: Graph, name: str) -> Edit:
        unset = (self.dice.choice(KNOBS),) if self.dice.random() < 0.3 else ()
        knobs = {self.dice.choice(KNOBS): self.value()}
        return SetKnobs(graph=name, node=self.of(graph), knobs=knobs, unset=unset)

    def change(self, graph: Graph, name: str) -> Edit:
        what = self.dice.choice(
            (
                {"name": "first"},
                {"bypassed": True},
                {"frozen": True},
                {"frozen": False},
                {"repeat": 3},
            )
        )
        return ChangeNode(graph=name, node=self.of(graph), **what)

    def replace(self, graph: Graph, name: str) -> Edit:
        kind = self.dice.choice(KINDS)
        return ReplaceKind(graph=name, node=self.of(graph), to=kind, name=kind)

    def move(self, graph: Graph, name: str) -> Edit:
        at = (float(self.dice.randrange(500)), float(self.dice.randrange(500)))
        return MoveNodes(graph=name, positions={self.of(graph): at})

    def redraw(self, graph: Graph, name: str) -> Edit:
        nodes, wires = list(graph.nodes), list(graph.wires)
        self.dice.shuffle(nodes)
        self.dice.shuffle(wires)
        return SetGraph(graph=name, nodes=tuple(nodes), wires=tuple(wires), words="Redrew it")

    def variables(self, graph: Graph, name: str) -> Edit:
        value = self.dice.choice((64, 128, 0.5))
        return SetVariables(graph=name, variables=(Variable(name="width", value=value),))

    def data(self, project: Project) -> Edit:
        source = BuiltinSource(name=self.dice.choice(("digits", "iris")))
        split = SplitSpec(seed=self.dice.randrange(3))
        return SetData(data=DataSpec(source=source, split=split), words="Chose other data")

    def training(self, project: Project) -> Edit:
        rate = self.dice.choice((None, 0.1, 0.001))
        stopping = self.dice.choice((None, EarlyStopping(patience=3)))
        optimizer = OptimizerSpec(learning_rate=rate, settings={"momentum": 0.9})
        epochs = self.dice.randrange(1, 4)
        wanted = TrainingSpec(epochs=epochs, optimizer=optimizer, early_stopping=stopping)
        return SetTraining(training=wanted)

    def rename_project(self, project: Project) -> Edit:
        return RenameProject(name=self.dice.choice(("Digits", "Räder 🚲", "<b>")))

    def networks(self, project: Project) -> Edit:
        more = (*project.networks, Network(name=f"net{len(project.networks)}"))[:3]
        cell = Block(id="cell", name="cell", nodes=(Node(id="n1", kind="relu", name="r"),))
        first = more[0].model_copy(update={"notes": (Note(id="why", text="because"),)})
        kept = (first, *more[1:]) if self.dice.random() < 0.5 else more[:1]
        return SetNetworks(networks=kept, blocks=project.blocks or (cell,))


@pytest.fixture(scope="session")
def random_edits() -> type[RandomEdits]:
    """`random_edits(seed).edit(project)`: the next edit by chance."""
    return RandomEdits
