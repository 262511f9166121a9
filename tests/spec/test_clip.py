"""Copied layers are read as strictly as a project file."""

import json

import pytest

from builder.errors import SpecError
from builder.spec.clip import MAX_BYTES, Clip, read_clip
from builder.spec.codec import encode
from builder.spec.network import Network, Node, Note, Wire
from builder.spec.project import Project

NODES = (
    Node(id="a", kind="relu", name="a", x=0.0, y=8.0),
    Node(id="b", kind="linear", name="b", knobs={"out_features": 4}, x=0.0, y=104.0),
)
CLIP = Clip(nodes=NODES, wires=(Wire(source="a", target="b"),), notes=(Note(id="n", text="why"),))


def changed(**fields):
    return json.dumps(json.loads(CLIP.model_dump_json()) | fields)


def node(**fields):
    return changed(nodes=[NODES[0].model_dump(mode="json") | fields], wires=[])


def test_what_was_copied_comes_back():
    assert read_clip(CLIP.model_dump_json()) == CLIP


def test_of_a_whole_project_its_first_network_is_taken():
    network = Network(nodes=NODES, wires=CLIP.wires)
    read = read_clip(encode(Project(networks=(network, Network(name="other")))))
    assert (read.nodes, read.wires) == (NODES, CLIP.wires)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "not valid JSON"),
        ("[1]", "holds no layers"),
        ('{"layerloom": "layers", "layerloom": "layers"}', "twice in one object"),
        ('{"layerloom": "layers", "nodes": [NaN]}', "NaN"),
        (changed(__proto__={}), "__proto__: is not known here"),
        (changed(nodes=None), "nodes: must be a list"),
        (node(name=5), "nodes.0.name: must be text"),
        (node(x="8"), "nodes.0.x: must be a number"),
        (node(bypassed=1), "nodes.0.bypassed: must be true or false"),
        (node(colour="red"), "nodes.0.colour: is not known here"),
        (node(knobs={"p": None}), "nodes.0.knobs.p"),
        (node(kind="__import__('os')"), "nodes.0.kind: is not written the way it must be"),
        (changed(wires=[{"source": "a", "target": "zzz"}]), "does not exist: 'zzz'"),
        (changed(nodes=[NODES[0].model_dump(mode="json")] * 2, wires=[]), "same id"),
        ('{"schema_version": 99, "name": "x"}', "newer LayerLoom"),
        ("[" * 100_000, "nested deeper"),
        ("{" + " " * MAX_BYTES + "}", "at most 2 MB"),
    ],
)
def test_anything_else_is_refused_with_path_and_reason(text, said):
    with pytest.raises(SpecError, match=r"^The clipboard") as refused:
        read_clip(text)
    assert said in str(refused.value)
