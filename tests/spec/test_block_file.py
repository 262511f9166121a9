"""Blocks on their own: packed from a project, read strictly, adopted by another project."""

import json

import pytest

from builder.errors import SpecError
from builder.spec.block_codec import decode_block, encode_block, read_block
from builder.spec.block_edits import PlaceBlock
from builder.spec.block_file import BlockFile, Example, adopt, alike, packed
from builder.spec.codec import decode, encode
from builder.spec.network import Block, Network, Node, Wire
from builder.spec.project import MAX_BLOCKS, Project


def block(block_id, *uses, name=None):
    inner = tuple(Node(id=f"n{i}", kind="block", name=f"n{i}", block=b) for i, b in enumerate(uses))
    ends = (Node(id="i", kind="input", name="x"), Node(id="o", kind="output", name="y"))
    return Block(id=block_id, name=name or block_id, nodes=(*ends, *inner))


INNER, OUTER = block("inner"), block("outer", "inner", "inner")
FILE = BlockFile(title="Outer", block=OUTER, uses=(INNER,), example=(Example(shape=(8,)),))


def network(*nodes, wires=()):
    return Project(networks=(Network(nodes=nodes, wires=wires),))


def relu(node_id):
    return Node(id=node_id, kind="relu", name=node_id)


def test_a_packed_block_carries_the_blocks_it_uses_and_no_others():
    file = packed(Project(blocks=(OUTER, block("alone"), INNER)), "outer")
    assert file.title == "outer" and file.block == OUTER and file.uses == (INNER,)
    assert decode_block(encode_block(file)) == file
    with pytest.raises(SpecError, match="no block 'gone'"):
        packed(Project(), "gone")


def test_an_adopted_block_is_there_once_however_often_it_is_placed():
    once, first = adopt(Project(), FILE)
    twice, second = adopt(once, FILE)
    assert twice == once and first == second == "outer"
    assert [one.id for one in once.blocks] == ["inner", "outer"]
    assert [n.block for n in once.block("outer").of_kind("block")] == ["inner", "inner"]


def test_an_adopted_block_never_takes_the_id_of_a_different_one():
    theirs = Project(
        networks=(Network(name="inner"),), blocks=(block("outer", name="mine"), block("inner-2"))
    )
    project, new = adopt(theirs, FILE)
    assert project.blocks[:2] == theirs.blocks
    assert [one.id for one in project.blocks[2:]] == ["inner-3", "outer-2"] and new == "outer-2"
    assert {n.block for n in project.block(new).of_kind("block")} == {"inner-3"}
    assert decode(encode(project)) == project


def test_places_and_notes_do_not_make_a_block_another_one():
    moved = OUTER.model_copy(
        update={"nodes": tuple(n.model_copy(update={"x": 8.0}) for n in OUTER.nodes)}
    )
    assert alike(OUTER, moved)
    assert not alike(OUTER, OUTER.model_copy(update={"name": "other"}))


def test_a_block_placed_inside_itself_becomes_a_copy():
    project, outer = adopt(Project(), FILE)
    after = PlaceBlock(graph="inner", file=FILE, node="new").apply(project)
    placed = after.block("inner").node("new")
    assert placed.block not in ("outer", "inner")
    assert {n.block for n in after.block(placed.block).of_kind("block")} == {"inner-2"}
    assert after.block(outer) == project.block(outer)


def test_a_block_placed_after_a_layer_stands_between_it_and_its_followers():
    project = network(
        relu("a"), relu("b"), relu("c"), wires=(Wire(source="a", target="b"), Wire(source="a", target="c"))
    )  # fmt: skip
    edit = PlaceBlock(
        graph="network", file=FILE, node="n", after="a", input_port="x", output_port="y"
    )
    after = edit.apply(project).network("network")
    assert edit.label(project) == "Added Outer after a"
    assert [(w.source, w.source_port, w.target, w.target_port) for w in after.wires] == [
        ("n", "y", "b", "in"),
        ("n", "y", "c", "in"),
        ("a", "out", "n", "x"),
    ]
    assert after.node("n").block == "outer" and after.node("n").name == "Outer"


def test_a_refused_placement_leaves_no_block_behind():
    with pytest.raises(SpecError, match="gone"):
        PlaceBlock(graph="network", file=FILE, node="n", after="nowhere").apply(network(relu("a")))
    full = Project(blocks=tuple(block(f"b{i}") for i in range(MAX_BLOCKS)))
    with pytest.raises(SpecError, match=f"at most {MAX_BLOCKS} blocks"):
        adopt(full, FILE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema_version": 2}, "from a newer LayerLoom"),
        ({"schema_version": True}, "not a LayerLoom block"),
        ({"title": ""}, "title: must not be empty"),
        ({"colour": 1}, "colour: is not known here"),
        ({"__proto__": {}}, "__proto__: is not known here"),
        ({"reference": "javascript:alert(1)"}, "reference: is not written the way it must be"),
        ({"reference": "https://a.b/<script>"}, "reference: is not written the way it must be"),
        ({"family": "../x"}, "family: is not written the way it must be"),
        ({"synonyms": ["x"] * 41}, "synonyms: has 41 entries"),
        ({"example": [{"shape": [0]}]}, "example.0.shape.0: must be at least 1"),
        ({"example": []}, None),
        ({"example": [{"shape": [1]}] * 2}, "example: has 2 entries, and the block has 1 inputs"),
        ({"uses": []}, "uses: 'n0' inside 'outer' is a block that is not there"),
        ({"uses": [block("inner", "outer").model_dump(mode="json")]}, "holds itself"),
        ({"uses": [b.model_dump(mode="json") for b in (INNER, INNER)]}, "two blocks with the same id"),
        ({"uses": [b.model_dump(mode="json") for b in (INNER, block("x"))]}, "uses.1: nothing uses"),
        ({"block": Block(id="b", name="b").model_dump(mode="json")}, "block: has no Output"),
    ],
)  # fmt: skip
def test_a_hostile_block_file_is_refused_at_its_path(change, words):
    text = json.dumps({**json.loads(encode_block(FILE)), **change})
    if words is None:
        assert decode_block(text)
        return
    with pytest.raises(SpecError) as refused:
        decode_block(text, "evil.block.json")
    told = str(refused.value)
    assert words in told and told.startswith("evil.block.json") and told.endswith((".", "`."))


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", '{"a": 1, "a": 2}', '{"a": NaN}', "[" * 90]
)
def test_what_is_no_block_file_at_all_is_refused_in_a_sentence(text):
    with pytest.raises(SpecError):
        decode_block(text)


def test_dangling_wires_inside_are_refused_at_the_block():
    value = json.loads(encode_block(FILE))
    value["uses"][0]["wires"] = [
        {"source": "i", "target": "gone", "source_port": "out", "target_port": "in"}
    ]
    with pytest.raises(
        SpecError, match=r"uses\.0: A connection ends at a layer that does not exist"
    ):
        decode_block(json.dumps(value))


def test_a_missing_file_is_told_by_name(tmp_path):
    with pytest.raises(SpecError, match=r"x\.block\.json cannot be read"):
        read_block(tmp_path / "x.block.json")


def test_a_ring_of_two_hundred_blocks_is_refused_without_recursion():
    ring = [block(f"b{i}", f"b{(i + 1) % 199}") for i in range(199)]
    value = json.loads(encode_block(FILE)) | {"uses": [b.model_dump(mode="json") for b in ring]}
    value["block"] = block("outer", "b0").model_dump(mode="json")
    with pytest.raises(SpecError, match="holds itself"):
        decode_block(json.dumps(value))
