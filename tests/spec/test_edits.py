import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from builder.errors import SpecError
from builder.spec import codec, edits
from builder.spec.block_file import BlockFile
from builder.spec.network import Block, Network, Node, Variable, Wire
from builder.spec.project import Project

IDS = ["a", "b", "c", "d", "e"]


def chain(*ids):
    nodes = tuple(Node(id=i, kind="relu", name=i) for i in ids)
    wires = tuple(Wire(source=a, target=b) for a, b in pairwise(ids))
    return Project(networks=(Network(nodes=nodes, wires=wires),))


ids = st.sampled_from(IDS)
wires = st.builds(Wire, source=ids, target=ids, target_port=st.sampled_from(["in", "other"]))
nodes = st.builds(Node, id=ids, kind=st.sampled_from(["relu", "add"]), name=ids)
OUT = Node(id="o", kind="output", name="o")
HELD = Block(id="block1", name="B", nodes=(OUT,))
FILES = [
    BlockFile(title="Held", block=HELD),
    BlockFile(
        title="Holds",
        block=Block(
            id="x", name="X", nodes=(OUT, Node(id="n", kind="block", name="n", block="block1"))
        ),
        uses=(HELD,),
    ),
]
numbers = st.integers(-3, 99)
in_network = {"graph": st.sampled_from(["network", "block1", "new1", "nowhere"])}
any_edit = st.one_of(
    st.builds(
        edits.AddNode, node=nodes, wires=st.lists(wires, max_size=2).map(tuple), **in_network
    ),
    st.builds(
        edits.InsertNode, node=nodes, into=st.none() | wires, after=st.none() | ids, **in_network
    ),
    st.builds(
        edits.RemoveNodes,
        nodes=st.lists(ids, min_size=1, max_size=3).map(tuple),
        heal=st.booleans(),
        **in_network,
    ),
    st.builds(edits.Connect, wire=wires, replace=st.booleans(), **in_network),
    st.builds(
        edits.Disconnect, wires=st.lists(wires, min_size=1, max_size=2).map(tuple), **in_network
    ),
    st.builds(
        edits.SetKnobs,
        node=ids,
        knobs=st.dictionaries(st.sampled_from(["p", "q"]), st.integers()),
        unset=st.lists(st.sampled_from(["p", "q"])).map(tuple),
        **in_network,
    ),
    st.builds(
        edits.ChangeNode,
        node=ids,
        name=st.none() | ids,
        bypassed=st.none() | st.booleans(),
        **in_network,
    ),
    st.builds(edits.ReplaceKind, node=ids, to=st.just("gelu"), name=ids, **in_network),
    st.builds(
        edits.MoveNodes,
        positions=st.dictionaries(ids, st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=1),
        **in_network,
    ),
    st.builds(edits.RenameProject, name=ids),
    st.builds(
        edits.PlaceBlock,
        file=st.sampled_from(FILES),
        node=ids,
        name=st.sampled_from(["", "a"]),
        into=st.none() | wires,
        after=st.none() | ids,
        input_port=st.sampled_from([None, "in"]),
        **in_network,
    ),
    st.builds(
        edits.MakeBlock,
        nodes=st.lists(ids, min_size=1, max_size=3).map(tuple),
        block=st.sampled_from(["a", "new1", "new2"]),
        name=ids,
        **in_network,
    ),
    st.builds(edits.OpenBlock, node=ids | st.sampled_from(["new1", "new2"]), **in_network),
    st.builds(
        edits.DetachBlock,
        node=ids | st.sampled_from(["new1", "new2"]),
        block=st.sampled_from(["new1", "new3"]),
        **in_network,
    ),
    st.builds(
        edits.RepeatBlock,
        node=ids,
        repeat=st.integers(0, 3),
        share_weights=st.booleans(),
        **in_network,
    ),
    st.builds(edits.DescribeBlock, block=st.sampled_from(["block1", "new1"]), name=ids),
    st.builds(edits.RemoveBlock, block=st.sampled_from(["block1", "new1"])),
    st.builds(
        edits.SetVariable, variable=st.builds(Variable, name=ids, value=numbers), **in_network
    ),
    st.builds(edits.RenameVariable, name=ids, to=ids, **in_network),
    st.builds(edits.RemoveVariable, name=ids, **in_network),
    st.builds(
        edits.ExposeKnob,
        node=ids,
        knob=st.sampled_from(["p", "q"]),
        variable=ids,
        value=numbers,
        **in_network,
    ),
)


def start():
    project = chain("a", "b", "c")
    return project.model_copy(
        update={"blocks": (Block(id="block1", name="B", nodes=project.networks[0].nodes),)}
    )


@given(st.lists(any_edit, max_size=12))
def test_no_edits_leave_a_wire_without_a_layer_and_every_result_can_be_saved(made):
    project = start()
    for edit in made:
        try:
            label = edit.label(project)
            after = edit.apply(project)
        except SpecError as refused:
            assert str(refused)
            continue
        assert label and codec.decode(codec.encode(after)) == after
        for graph in (*after.networks, *after.blocks):
            there = {node.id for node in graph.nodes}
            assert all({wire.source, wire.target} <= there for wire in graph.wires)
            names = [node.name for node in graph.nodes]
            assert len(set(names)) == len(names)
        project = after


@given(any_edit)
def test_an_edit_comes_back_from_json_as_itself(edit):
    adapter = TypeAdapter(edits.Edit)
    assert adapter.validate_json(adapter.dump_json(edit)) == edit


@given(st.lists(any_edit, max_size=6))
def test_an_edit_changes_nothing_in_the_project_it_was_given(made):
    project = start()
    text = codec.encode(project)
    for edit in made:
        try:
            edit.apply(project)
        except SpecError:
            continue
    assert codec.encode(project) == text


@given(st.lists(any_edit, max_size=8))
def test_what_an_edit_did_is_undone_by_the_difference_of_the_documents(made):
    """Undo keeps the parts that changed; putting them back gives the document before, to the byte."""
    project = start()
    for edit in made:
        try:
            after = edit.apply(project)
        except SpecError:
            continue
        old, new = (json.loads(codec.encode(one)) for one in (project, after))
        patch = {key: old[key] for key in old if old[key] != new[key]}
        assert codec.decode(json.dumps(new | patch)) == project
        project = after


def test_inserting_after_a_layer_moves_its_followers():
    project = edits.InsertNode(
        graph="network", node=Node(id="n", kind="relu", name="a"), after="a"
    ).apply(chain("a", "b"))
    assert {(w.source, w.target) for w in project.networks[0].wires} == {("a", "n"), ("n", "b")}
    assert project.networks[0].node("n").name == "a2"


def test_removing_a_layer_closes_the_chain_or_leaves_the_gap():
    healed = edits.RemoveNodes(graph="network", nodes=("b",)).apply(chain("a", "b", "c"))
    assert [(w.source, w.target) for w in healed.networks[0].wires] == [("a", "c")]
    gap = edits.RemoveNodes(graph="network", nodes=("b",), heal=False).apply(chain("a", "b", "c"))
    assert gap.networks[0].wires == ()


def test_an_edit_of_something_gone_says_so():
    for edit in (
        edits.SetKnobs(graph="network", node="zz", knobs={"p": 1}),
        edits.Connect(graph="network", wire=Wire(source="zz", target="a")),
        edits.SetKnobs(graph="elsewhere", node="a"),
    ):
        with pytest.raises(SpecError):
            edit.apply(chain("a", "b"))


def test_all_edits_in_order_are_one_change():
    project = edits.apply_all(
        [
            edits.SetVariables(graph="network", variables=(Variable(name="d", value=2),)),
            edits.RenameProject(name="  "),
        ],
        chain("a"),
    )
    assert project.networks[0].variables[0].value == 2 and project.name == "Untitled"


def test_a_copy_of_the_longest_name_is_still_a_name():
    longest = Node(id="a", kind="relu", name="l" * 200)
    graph = Network(nodes=(longest,))
    name = edits.unique_name(longest.name, graph)
    assert name == "l" * 199 + "2"
    assert Node(id="b", kind="relu", name=name)
