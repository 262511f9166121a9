"""Blocks made of any layers of any drawing: the same numbers before and after, the same source once opened up."""

from itertools import pairwise

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.errors import SpecError
from builder.network.check import check
from builder.network.compile import build
from builder.network.source import generate
from builder.spec import codec
from builder.spec.edits import (
    AddNode,
    DetachBlock,
    ExposeKnob,
    MakeBlock,
    OpenBlock,
    RemoveNodes,
    RemoveVariable,
    RenameVariable,
    RepeatBlock,
    SetKnobs,
    apply_all,
)
from builder.spec.making_edits import uses
from builder.spec.network import Block, Expr, Network, Node, Variable, Wire
from builder.spec.project import Project

SAME = {"kernel_size": 3, "padding": 1}
KINDS = ("conv2d", "relu", "batch_norm2d", "dropout", "add")


@st.composite
def drawings(draw):
    """A drawing of layers that all keep 1×8×8 or widen it to `width`, with branches, in any drawing order."""
    nodes = [Node(id="start", kind="input", name="image")]
    first = {"out_channels": Expr(expr="width"), **SAME}
    nodes.append(Node(id="n0", kind="conv2d", name="widen", knobs=first))
    wires = [Wire(source="start", target="n0")]
    for place in range(1, draw(st.integers(2, 8)) + 1):
        kind = draw(st.sampled_from(KINDS if place > 1 else KINDS[:-1]))
        knobs = {"out_channels": Expr(expr="width"), **SAME} if kind == "conv2d" else {}
        node = Node(id=f"n{place}", kind=kind, name=draw(st.sampled_from("abc")), knobs=knobs)
        count = 2 if kind == "add" else 1
        feeds = st.sampled_from([one.id for one in nodes[1:]])
        chosen = draw(st.lists(feeds, min_size=count, max_size=count, unique=True))
        wires += [Wire(source=one, target=node.id) for one in chosen]
        nodes.append(node)
    taken = {wire.source for wire in wires}
    ends = [node.id for node in nodes[1:] if node.id not in taken]
    tail = [
        Node(id="join", kind="add" if len(ends) > 1 else "identity", name="join"),
        Node(id="flat", kind="flatten", name="flat"),
        Node(id="head", kind="linear", name="head", knobs={"out_features": 10}),
        Node(id="end", kind="output", name="out"),
    ]
    wires += [Wire(source=one, target="join") for one in ends]
    wires += [
        Wire(source=a, target=b) for a, b in (("join", "flat"), ("flat", "head"), ("head", "end"))
    ]
    order = draw(st.permutations(nodes[1:])) if draw(st.booleans()) else nodes[1:]
    named, taken_names = [], set()
    for node in (nodes[0], *order, *tail):
        name = node.name
        while name in taken_names:
            name += "x"
        taken_names.add(name)
        named.append(node.model_copy(update={"name": name}))
    graph = Network(
        nodes=tuple(named), wires=tuple(wires), variables=(Variable(name="width", value=3),)
    )
    return Project(networks=(graph,))


def made_block(draw, project, block="blk"):
    """The project with a random part of it as a block; None where those layers cannot be one."""
    graph = project.networks[0]
    inner = [node.id for node in graph.nodes if node.kind not in ("input", "output")]
    chosen = draw(st.lists(st.sampled_from(inner), min_size=1, max_size=6, unique=True))
    try:
        return MakeBlock(graph="network", nodes=tuple(chosen), block=block, name="Part").apply(
            project
        )
    except SpecError as refused:
        assert "lies between" in str(refused)
        return None


def answer(project, digits, tmp_path_factory):
    source = generate(project, {"network": digits})
    path = tmp_path_factory.mktemp("run") / "model.py"
    module = build(source, path, 7)["network"].eval()
    images = torch.randn((4, 1, 8, 8), generator=torch.Generator().manual_seed(1))
    return module(images), module


slow = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@slow
@given(st.data())
def test_a_block_made_of_any_layers_computes_the_same_numbers_from_the_same_first_weights(
    digits, tmp_path_factory, data
):
    project = data.draw(drawings())
    changed = made_block(data.draw, project)
    if changed is None:
        return
    assert check(changed, "network", digits).errors() == ()
    before, one = answer(project, digits, tmp_path_factory)
    after, two = answer(changed, digits, tmp_path_factory)
    assert torch.equal(before, after)
    values = sorted(v.double().sum().item() for v in one.state_dict().values())
    assert values == sorted(v.double().sum().item() for v in two.state_dict().values())


@slow
@given(st.data())
def test_a_block_opened_up_again_is_the_drawing_it_was_made_of(digits, tmp_path_factory, data):
    project = data.draw(drawings())
    changed = made_block(data.draw, project)
    if changed is None:
        return
    opened = OpenBlock(graph="network", node="blk").apply(changed)
    graph, back = project.networks[0], opened.networks[0]
    assert {n.id: n for n in back.nodes} == {n.id: n for n in graph.nodes}
    assert set(back.wires) == set(graph.wires)
    for node in graph.nodes:
        assert back.wires_into(node.id) == graph.wires_into(node.id)
    assert torch.equal(
        answer(project, digits, tmp_path_factory)[0], answer(opened, digits, tmp_path_factory)[0]
    )


@slow
@given(st.data())
def test_layers_in_a_row_come_back_as_the_same_source(digits, data):
    """To the byte, where the chosen layers stand together in the drawing, as a chain does."""
    project = data.draw(drawings())
    ids = [node.id for node in project.networks[0].nodes]
    start = data.draw(st.integers(1, len(ids) - 2))
    stop = data.draw(st.integers(start + 1, len(ids) - 1))
    try:
        made = MakeBlock(graph="network", nodes=tuple(ids[start:stop]), block="b", name="B").apply(
            project
        )
    except SpecError:
        return
    opened = OpenBlock(graph="network", node="b").apply(made)
    before, after = (generate(p, {"network": digits}).text for p in (project, opened))
    assert before == after


@slow
@given(st.data())
def test_blocks_made_opened_detached_and_repeated_in_any_order_stay_documents_that_check(
    digits, data
):
    project = data.draw(drawings())
    for place in range(data.draw(st.integers(1, 6))):
        graph = data.draw(st.sampled_from(["network", *(b.id for b in project.blocks)]))
        found = project.network(graph) or project.block(graph)
        inner = [node.id for node in found.nodes if node.kind not in ("input", "output")]
        placed = [node for node in found.nodes if node.kind == "block"]
        edit = MakeBlock(
            graph=graph,
            nodes=tuple(
                data.draw(st.lists(st.sampled_from(inner), min_size=1, max_size=4, unique=True))
            )
            if inner
            else ("x",),
            block=f"blk{place}",
            name="Part",
        )
        if placed and data.draw(st.booleans()):
            node = data.draw(st.sampled_from(placed))
            edit = data.draw(
                st.sampled_from(
                    [
                        OpenBlock(graph=graph, node=node.id),
                        DetachBlock(graph=graph, node=node.id, block=f"own{place}"),
                        RepeatBlock(graph=graph, node=node.id, repeat=2),
                    ]
                )
            )
        try:
            after = edit.apply(project)
        except SpecError as refused:
            assert str(refused)
            continue
        assert edit.label(project)
        assert codec.decode(codec.encode(after)) == after
        project = after
    report = check(project, "network", digits)
    assert {p.code for p in report.errors()} <= {"repeat_shape", "inside"}
    if not report.errors():
        assert generate(project, {"network": digits}).text


def block_of(project, *ids, name="Part"):
    return MakeBlock(graph="network", nodes=ids, block="blk", name=name).apply(project)


def chain(*kinds, variables=()):
    nodes = [Node(id="i", kind="input", name="image")]
    nodes += [
        Node(id=f"k{n}", kind=kind, name=f"{kind}{n}", knobs=knobs)
        for n, (kind, knobs) in enumerate(kinds)
    ]
    nodes += [Node(id="o", kind="output", name="out")]
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in pairwise(nodes))
    return Project(networks=(Network(nodes=tuple(nodes), wires=wires, variables=tuple(variables)),))


CONV = ("conv2d", {"out_channels": 1, **SAME})
TAIL = (("flatten", {}), ("linear", {"out_features": 10}))


def test_variables_around_a_block_become_its_settings(digits):
    width = Variable(name="d_model", value=4, note="how wide")
    project = chain(
        ("conv2d", {"out_channels": Expr(expr="d_model * 2"), **SAME}), *TAIL, variables=[width]
    )
    made = block_of(project, "k0")
    assert made.blocks[0].variables == (width,)
    assert made.networks[0].node("blk").knobs == {"d_model": Expr(expr="d_model")}
    text = generate(made, {"network": digits}).text
    assert "d_model: int = 4" in text and "Part(d_model=d_model)" in text


def test_a_repeated_block_opened_up_is_a_row_of_layers_with_the_settings_of_each_repetition(digits):
    made = block_of(chain(CONV, ("relu", {}), *TAIL), "k0", "k1")
    made = ExposeKnob(
        graph="blk", node="k0", knob="out_channels", variable="filters", value=1
    ).apply(made)
    listed = ({"filters": 2}, {"filters": 3})
    made = RepeatBlock(graph="network", node="blk", repeat=2, repeat_knobs=listed).apply(made)
    opened = OpenBlock(graph="network", node="blk").apply(made)
    kinds = [(n.kind, n.knobs.get("out_channels")) for n in opened.networks[0].nodes]
    assert kinds[1:5] == [("conv2d", 2), ("relu", None), ("conv2d", 3), ("relu", None)]
    assert check(opened, "network", digits).problems == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"share_weights": True, "repeat": 3}, "same weights 3 times"),
        ({"repeat": Expr(expr="d")}, "Set a plain number first"),
    ],
)
def test_what_cannot_be_opened_up_says_why(change, words):
    made = block_of(chain(CONV, *TAIL), "k0")
    made = RepeatBlock(graph="network", node="blk", **change).apply(made)
    with pytest.raises(SpecError, match=words):
        OpenBlock(graph="network", node="blk").apply(made)


def test_an_exposed_setting_changes_one_use_and_renaming_or_hiding_it_reaches_all_uses(digits):
    made = block_of(chain(CONV, *TAIL), "k0")
    second = made.networks[0].node("blk").model_copy(update={"id": "use2", "name": "again"})
    graph = made.networks[0]
    nodes = (*graph.nodes[:2], second, *graph.nodes[2:])
    wires = (
        Wire(source="i", target="blk"),
        Wire(source="blk", target="use2"),
        Wire(source="use2", target="k1"),
        *(w for w in graph.wires if "blk" not in (w.source, w.target)),
    )
    project = made.with_network(graph.model_copy(update={"nodes": nodes, "wires": wires}))
    project = ExposeKnob(
        graph="blk", node="k0", knob="out_channels", variable="filters", value=1
    ).apply(project)
    project = SetKnobs(graph="network", node="use2", knobs={"filters": 5}).apply(project)
    report = check(project, "network", digits)
    assert report.problems == () and report.nodes["use2"].outputs[0].shape == (5, 8, 8)
    assert report.nodes["blk"].outputs[0].shape == (1, 8, 8)
    renamed = RenameVariable(graph="blk", name="filters", to="wide").apply(project)
    assert renamed.networks[0].node("use2").knobs == {"wide": 5}
    assert renamed.blocks[0].node("k0").knobs["out_channels"] == Expr(expr="wide")
    hidden = RemoveVariable(graph="blk", name="wide").apply(renamed)
    assert hidden.networks[0].node("use2").knobs == {} and hidden.blocks[0].variables == ()
    assert hidden.blocks[0].node("k0").knobs["out_channels"] == 1


@pytest.mark.parametrize("which", ["blk", "use2"])
def test_one_use_taken_apart_leaves_the_others_and_all_first_weights_as_they_were(
    digits, tmp_path_factory, which
):
    made = block_of(chain(CONV, CONV, *TAIL), "k0")
    graph = made.networks[0]
    use = graph.node("blk").model_copy(update={"id": "use2", "name": "again"})
    nodes = tuple(use if n.id == "k1" else n for n in graph.nodes)
    rename = {"k1": "use2"}
    wires = tuple(
        Wire(source=rename.get(w.source, w.source), target=rename.get(w.target, w.target))
        for w in graph.wires
    )
    project = made.with_network(graph.model_copy(update={"nodes": nodes, "wires": wires}))
    apart = DetachBlock(graph="network", node=which, block="other").apply(project)
    assert torch.equal(
        answer(project, digits, tmp_path_factory)[0], answer(apart, digits, tmp_path_factory)[0]
    )
    mine = apart.networks[0].node(which).block
    changed = SetKnobs(graph=mine, node="k0", knobs={"out_channels": 6}).apply(apart)
    widths = {n: check(changed, "network", digits).nodes[n].parameters for n in ("blk", "use2")}
    assert widths[which] > 10
    assert len(uses(changed, mine)) == 1
    names = {block.id: block.name for block in apart.blocks}
    assert names.pop(mine) == "Part 2" and list(names.values()) == ["Part"]


def test_connections_of_all_uses_follow_a_port_that_gets_another_name(digits):
    made = block_of(chain(CONV, *TAIL), "k0")
    more = AddNode(graph="blk", node=Node(id="two", kind="input", name="more")).apply(made)
    (wire,) = more.networks[0].wires_into("blk")
    assert wire.target_port == "input"
    back = RemoveNodes(graph="blk", nodes=("two",)).apply(more)
    assert back == made


def test_what_is_wrong_inside_is_told_inside_and_at_the_placed_block(digits):
    made = block_of(chain(CONV, *TAIL), "k0")
    bad = SetKnobs(graph="blk", node="k0", knobs={"out_channels": Expr(expr="zz * 2")}).apply(made)
    report = check(bad, "network", digits)
    inner = next(p for p in report.problems if p.code == "undefined_variable")
    assert (inner.network, inner.node) == ("blk", "k0")
    assert report.of_node("blk")[0].code == "inside" and "k0" in report.blocks["blk"]
    assert not any(p.code == "undefined_variable" for p in report.of_node("k0"))
    create = next(f for f in inner.fixes if f.sentence == "Create zz = 64")
    mended = apply_all(create.edits, bad)
    assert mended.blocks[0].variables == (Variable(name="zz", value=64),)
    assert check(mended, "network", digits).errors() == ()


def test_a_name_nobody_knows_can_be_made_a_variable_with_the_usual_value(digits):
    project = chain(("linear", {"out_features": Expr(expr="d_model")}), *TAIL)
    problem = next(
        p for p in check(project, "network", digits).problems if p.field == "out_features"
    )
    assert "d_model" in problem.what
    assert problem.fixes[0].sentence == "Create d_model = 64"


def test_layers_with_another_between_them_are_refused_by_its_name():
    with pytest.raises(SpecError, match="relu1 lies between"):
        block_of(chain(CONV, ("relu", {}), CONV, *TAIL), "k0", "k2")


def test_the_ends_of_a_network_stay_outside():
    with pytest.raises(SpecError, match="image stays outside"):
        block_of(chain(CONV, *TAIL), "i", "k0")


def test_ports_are_named_after_what_feeds_them_or_the_port_they_feed():
    nodes = [
        Node(id="a", kind="input", name="image"),
        Node(id="b", kind="input", name="Größe 2"),
        Node(id="m", kind="add", name="sum"),
        Node(id="o", kind="output", name="out"),
    ]
    wires = (
        Wire(source="a", target="m"),
        Wire(source="b", target="m"),
        Wire(source="m", target="o"),
    )
    project = Project(networks=(Network(nodes=tuple(nodes), wires=wires),))
    made = block_of(project, "m")
    ports = [w.target_port for w in made.networks[0].wires_into("blk")]
    assert ports == ["image", "Groe_2"]


def test_what_has_no_name_left_becomes_its_number_when_a_block_is_opened_up():
    knobs = {
        "out_channels": Expr(expr="wide // 4"),
        "kernel_size": (Expr(expr="in_channels + 1"), 3),
    }
    inner = (
        Node(id="i", kind="input", name="i"),
        Node(id="c", kind="conv2d", name="c", knobs=knobs),
        Node(id="l", kind="dropout", name="l", knobs={"p": Expr(expr="1 / 4")}),
        Node(id="o", kind="output", name="o"),
    )
    wires = tuple(Wire(source=a, target=b) for a, b in pairwise("iclo"))
    block = Block(
        id="b", name="b", nodes=inner, wires=wires, variables=(Variable(name="wide", value=32),)
    )
    use = Node(id="u", kind="block", name="u", block="b")
    made = Project(networks=(Network(nodes=(use,)),), blocks=(block,))
    sized = OpenBlock(graph="network", node="u", sizes={"in_channels": 2}).apply(made).networks[0]
    assert sized.nodes[0].knobs == {"out_channels": 8, "kernel_size": (3, 3)}
    assert sized.nodes[1].knobs == {"p": Expr(expr="1 / 4")}, "no whole number"
    bare = OpenBlock(graph="network", node="u").apply(made).networks[0]
    assert bare.nodes[0].knobs["kernel_size"][0] == Expr(expr="in_channels + 1")
