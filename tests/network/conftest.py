"""Drawings for the tests of the network room."""

import pytest

from builder.layers.base import TensorType
from builder.network.expectation import Expectation, Feed, Want
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project

IMAGE = TensorType((1, 8, 8), "float32", "image")


def _chain(*kinds, variables=(), name="network"):
    """A project with one network of these kinds, or (kind, knobs), one after the other."""
    nodes, wires = [], []
    for place, one in enumerate(kinds):
        kind, knobs = one if isinstance(one, tuple) else (one, {})
        nodes.append(Node(id=f"n{place}", kind=kind, name=f"{kind}{place}", knobs=knobs))
        if place:
            wires.append(Wire(source=f"n{place - 1}", target=f"n{place}"))
    network = Network(name=name, nodes=tuple(nodes), wires=tuple(wires), variables=tuple(variables))
    return Project(networks=(network,))


@pytest.fixture
def chain():
    return _chain


@pytest.fixture
def digits():
    """8×8 grey images, 10 classes."""
    return Expectation(
        inputs=(Feed("image", IMAGE),),
        outputs=(Want("logits", (10,), "logits", "because the data has 10 classes"),),
        variables={"classes": 10, "features": 64},
        batch_size=32,
    )
