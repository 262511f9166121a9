"""Where inputs get their type from: the data, the recipe, or what their own settings say."""

from builder.layers.base import TensorType
from builder.layers.io import Input
from builder.network import words
from builder.network.expectation import Expectation, Feed
from builder.network.placing import settle
from builder.network.walk import Feeds
from builder.spec.arithmetic import Number
from builder.spec.edits import SetKnobs
from builder.spec.network import Network, Node
from builder.spec.problems import Fix, Problem


def feeds(network: Network, expectation: Expectation, scope: dict[str, Number]) -> Feeds:
    """The type of every input node, and a problem with each that has none."""
    types: dict[str, TensorType] = {}
    problems: dict[str, Problem] = {}
    first: dict[str, Node] = {}
    for node in network.of_kind("input"):
        layer = settle(node, network.name, scope).layer
        if not isinstance(layer, Input):
            continue
        feed = expectation.feed(layer.role)
        declared = layer.declared()
        if feed is not None and feed.name in first:
            problems[node.id] = _twice(node, first[feed.name], feed, network, expectation)
        elif feed is not None and declared and not _same(declared, feed.type):
            why = expectation.why.get(feed.name, "")
            problems[node.id] = _differs(node, declared, feed, network, why)
        elif feed is not None:
            types[node.id] = feed.type
            first[feed.name] = node
        elif expectation.inputs:
            problems[node.id] = _which(node, layer.role, network, expectation)
        elif declared:
            types[node.id] = declared
        else:
            problems[node.id] = _unknown(node, network)
    return Feeds(types, problems)


def feed_names(network: Network, expectation: Expectation) -> dict[str, str]:
    """By input node id, the name of what is fed there: a field's, the role's, else the node's own."""
    found = {}
    for node in network.of_kind("input"):
        role = node.knobs.get("role")
        feed = expectation.feed(role if isinstance(role, str) else "")
        found[node.id] = feed.name if feed else str(role or node.name)
    return found


def unfed(network: Network, expectation: Expectation) -> list[Problem]:
    """A warning for every field of the data that no input takes."""
    taken = set(feed_names(network, expectation).values())
    if not any(network.of_kind("input")):
        return []
    return [
        Problem(
            code="unused_field",
            severity="warning",
            what=f"The {'task' if feed.name in expectation.why else 'data'} gives {feed.name} "
            f"({words.tensor(feed.type)}), and no Input takes it. "
            "Add an Input for it, or leave it.",
            expected=feed.name,
            network=network.name,
        )
        for feed in expectation.inputs
        if feed.name not in taken
    ]


def _same(declared: TensorType, given: TensorType) -> bool:
    return (declared.shape, declared.dtype) == (given.shape, given.dtype)


def _differs(node: Node, declared: TensorType, feed: Feed, network: Network, why: str) -> Problem:
    got, given = words.tensor(declared), words.tensor(feed.type)
    edit = SetKnobs(graph=network.name, node=node.id, unset=("shape", "dtype"))
    source = "the task gives" if why else "the data gives"
    return Problem(
        code="input_shape",
        severity="error",
        what=f"{node.name} says {got}, and {source} {given}{why and ' '}{why}. Take the shape from there.",
        got=got,
        expected=given,
        network=network.name,
        node=node.id,
        field="shape",
        fixes=(Fix(sentence=f"Take the shape from the {source.split()[1]}", edits=(edit,)),),
    )


def _which(node: Node, role: str, network: Network, expectation: Expectation) -> Problem:
    known = ", ".join(feed.name for feed in expectation.inputs)
    what = (
        f"{node.name} takes {role}, which the data does not have. Choose one of: {known}."
        if role
        else f"{node.name} can take {known}. Choose one."
    )
    return Problem(
        code="unknown_role",
        severity="error",
        what=what,
        got=role or "nothing chosen",
        expected=known,
        network=network.name,
        node=node.id,
        field="role",
        fixes=_choices(node, network, expectation, ()),
    )


def _twice(
    node: Node, other: Node, feed: Feed, network: Network, expectation: Expectation
) -> Problem:
    return Problem(
        code="role_twice",
        severity="error",
        what=f"{other.name} and {node.name} both take {feed.name}. Draw two connections from one Input instead.",
        got=feed.name,
        expected="one Input a field",
        network=network.name,
        node=node.id,
        field="role",
        fixes=_choices(node, network, expectation, (feed.name,)),
    )


def _choices(
    node: Node, network: Network, expectation: Expectation, but: tuple[str, ...]
) -> tuple[Fix, ...]:
    used = {other.knobs.get("role") for other in network.of_kind("input") if other.id != node.id}
    free = [f.name for f in expectation.inputs if f.name not in used and f.name not in but]
    return tuple(
        Fix(
            sentence=f"Take {name}",
            edits=(SetKnobs(graph=network.name, node=node.id, knobs={"role": name}),),
        )
        for name in free[:4]
    )


def _unknown(node: Node, network: Network) -> Problem:
    return Problem(
        code="no_shape",
        severity="error",
        what=f"{node.name} does not know its shape yet. Choose data, or set the shape yourself.",
        got="no data",
        expected="a shape",
        network=network.name,
        node=node.id,
        field="shape",
    )
