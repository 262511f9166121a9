"""Networks a recipe has a part for and the project lacks, with small ones to begin with."""

from itertools import pairwise
from math import prod

from builder.errors import TrainError
from builder.network.expectation import Expectation
from builder.spec.data import DataSchema
from builder.spec.edits import SetNetworks
from builder.spec.network import Network, Node, Wire
from builder.spec.problems import Fix, Problem
from builder.spec.project import Project
from builder.train.recipes.base import Recipe


def missing_networks(project: Project, recipe: Recipe, schema: DataSchema) -> Problem | None:
    """The problem that a part of the recipe is played by no network; None when all are there."""
    try:
        recipe.networks_of(project)
    except TrainError as error:
        starts = _starts(project, recipe, schema)
        names = " and a ".join(network.name for network in starts)
        words = f"Replaced the drawing with a small {names}"
        fix = Fix(
            sentence=f"Begin with a small {names} in place of this drawing",
            edits=(SetNetworks(networks=starts, words=words),),
        )
        return Problem(
            code="missing_network",
            severity="error",
            what=str(error),
            got=", ".join(network.name for network in project.networks),
            expected=", ".join(recipe.networks),
            field="training.networks",
            fixes=(fix,) if starts else (),
        )
    return None


def _starts(project: Project, recipe: Recipe, schema: DataSchema) -> tuple[Network, ...]:
    """The least that lives up to each part; nothing where a part gives several things."""
    roles = tuple(Network(name=role) for role in recipe.networks)
    training = project.training.model_copy(update={"networks": {}})
    empty = project.model_copy(update={"networks": roles, "blocks": (), "training": training})
    try:
        expected = recipe.expectations(empty, schema)
    except TrainError:
        return ()
    if any(len(one.outputs) != 1 or not one.outputs[0].shape for one in expected.values()):
        return ()
    return tuple(_smallest(role, expected[role]) for role in recipe.networks)


def _smallest(name: str, expected: Expectation) -> Network:
    """Everything it is fed, flat and joined, through one hidden layer to what it is to give."""
    nodes: list[Node] = []
    wires: list[Wire] = []
    joins = len(expected.inputs) > 1
    first = "concat1" if joins else "linear1"
    for number, feed in enumerate(expected.inputs, 1):
        entry = Node(id=f"input{number}", kind="input", name=feed.name)
        nodes.append(entry.model_copy(update={"knobs": {"role": feed.name}}) if joins else entry)
        last = f"input{number}"
        if len(feed.type.shape) > 1:
            last = f"flatten{number}"
            nodes.append(Node(id=last, kind="flatten", name=last))
            wires.append(Wire(source=f"input{number}", target=last))
        wires.append(Wire(source=last, target=first))
    shape = expected.outputs[0].shape or ()
    chain = [Node(id="concat1", kind="concat", name="concat1")] if joins else []
    chain += [
        Node(id="linear1", kind="linear", name="linear1", knobs={"out_features": 128}),
        Node(id="leaky_relu1", kind="leaky_relu", name="leaky_relu1"),
        Node(id="linear2", kind="linear", name="linear2", knobs={"out_features": prod(shape)}),
    ]
    if len(shape) > 1:
        chain.append(Node(id="reshape1", kind="reshape", name="reshape1", knobs={"shape": shape}))
    chain.append(Node(id="output", kind="output", name=expected.outputs[0].name))
    wires += [Wire(source=a.id, target=b.id) for a, b in pairwise(chain)]
    return Network(name=name, nodes=(*nodes, *chain), wires=tuple(wires))
