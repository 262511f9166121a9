"""Copied layers are read as strictly as a project file."""

import json
from itertools import pairwise

import pytest

from builder.errors import SpecError
from builder.spec.clip import MAX_BYTES, Clip, read_clip
from builder.spec.codec import encode
from builder.spec.network import Block, Network, Node, Note, Wire
from builder.spec.project import MAX_BLOCKS, Project

NODES = (
    Node(id="a", kind="relu", name="a", x=0.0, y=8.0),
    Node(id="b", kind="linear", name="b", knobs={"out_features": 4}, x=0.0, y=104.0),
)
CLIP = Clip(nodes=NODES, wires=(Wire(source="a", target="b"),), notes=(Note(id="n", text="why"),))


def block(block_id, *inside):
    """Input, other blocks one after the other, Output."""
    placed = [Node(id=f"p{i}", kind="block", name=b, block=b) for i, b in enumerate(inside)]
    nodes = (Node(id="i", kind="input", name="i"), *placed, Node(id="o", kind="output", name="o"))
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in pairwise(nodes))
    return Block(id=block_id, name=block_id, nodes=nodes, wires=wires)


def with_blocks(*blocks, places="outer"):
    """A clip of one placed block; blocks are told as JSON."""
    node = Node(id="b", kind="block", name="b", block=places).model_dump(mode="json")
    told = [one if isinstance(one, dict) else one.model_dump(mode="json") for one in blocks]
    return changed(nodes=[node], wires=[], notes=[], blocks=told)


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


def test_blocks_come_along_with_those_inside_them():
    inner, outer = block("inner"), block("outer", "inner")
    read = read_clip(with_blocks(outer, inner))
    assert read.blocks == (outer, inner)
    file = read.files()["outer"]
    assert (file.block, file.uses) == (outer, (inner,)) and list(read.files()) == ["outer"]


def test_of_a_whole_project_the_blocks_its_first_network_uses_are_taken():
    inner, outer, idle = block("inner"), block("outer", "inner"), block("idle")
    network = Network(nodes=(Node(id="b", kind="block", name="b", block="outer"),))
    read = read_clip(encode(Project(networks=(network,), blocks=(idle, outer, inner))))
    assert read.blocks == (inner, outer)


OUTER = block("outer").model_dump(mode="json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            with_blocks(OUTER | {"nodes": OUTER["nodes"][:1], "wires": []}),
            "blocks.0: has no Output",
        ),
        (with_blocks(block("outer"), block("outer")), "blocks: two have the same id"),
        (with_blocks(block("outer"), block("idle")), "blocks.1: nothing uses the block 'idle'"),
        (with_blocks(block("outer", "outer")), "blocks: The block 'outer' holds itself"),
        (with_blocks(block("outer", "in2"), block("in2", "outer")), "holds itself"),
        (with_blocks(block("outer", "gone")), "'gone' inside 'outer' is a block that is not there"),
        (with_blocks(OUTER | {"__proto__": {}}), "blocks.0.__proto__: is not known here"),
        (with_blocks(OUTER | {"nodes": None}), "blocks.0.nodes: must be a list"),
        (with_blocks(OUTER | {"id": "../../x"}), "blocks.0.id"),
        (with_blocks(OUTER | {"wires": [{"source": "i", "target": "z"}]}), "blocks.0: "),
        (with_blocks(*[block(f"b{i}") for i in range(MAX_BLOCKS + 1)]), "blocks: "),
        (changed(blocks={}), "blocks: must be a list"),
    ],
)
def test_a_block_that_is_none_is_refused_with_path_and_reason(text, said):
    with pytest.raises(SpecError, match=r"^The clipboard holds no valid layers") as refused:
        read_clip(text)
    assert said in str(refused.value)


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
