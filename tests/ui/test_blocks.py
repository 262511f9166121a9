"""Blocks on the Build screen without a browser: made, entered, edited inside, placed from the library."""

import pytest

from builder.errors import BuilderError
from builder.projects import library
from builder.projects.history import Document
from builder.spec.block_file import packed
from builder.spec.clip import Clip
from builder.spec.codec import encode
from builder.spec.edits import ExposeKnob, MakeBlock
from builder.spec.network import Expr, Node
from builder.ui.canvas.inside import looked_at, walk_in
from builder.ui.canvas.message import Kept
from builder.ui.canvas.shelf import holders, shelf
from builder.ui.inspector.variables import bounds, read_variable

INNER = ("linear", "relu")


def middle(project):
    """The layers between the ends."""
    return [n.id for n in project.networks[0].nodes if n.kind not in ("input", "output")]


@pytest.fixture
def build(open_app, digits_project):
    return open_app("build", project=digits_project)


def send(build, project_id, graph, **changes):
    """What the canvas of a drawing would send, as its newest message."""
    document = Document(project_id)
    drawn = looked_at(document.project, graph)
    build.seq = getattr(build, "seq", 0) + 1
    link = build.session_state["layerloom"].drafts[f"canvas.{project_id}.{graph}.link"]
    message = {
        "client": "t",
        "rev": link.rev,
        "seq": build.seq,
        "graph": graph,
        "nodes": [{"id": n.id, "name": n.name, "x": n.x, "y": n.y} for n in drawn.nodes],
        "edges": [wire.model_dump() for wire in drawn.wires],
        "sel": [],
        "undo": 0,
        "undone": 0,
        "have": "",
    } | changes
    build.session_state[f"canvas.{project_id}.{graph}"] = {"doc": message}
    build.run()
    assert not build.exception
    return Document(project_id)


def ask(build, project_id, graph, act, *nodes, n=1):
    return send(build, project_id, graph, asks=[{"n": n, "act": act, "nodes": list(nodes)}])


def made(build, project_id):
    """The project after its middle became a block, and the name of its network."""
    name = Document(project_id).project.networks[0].name
    document = ask(build, project_id, name, "make_block", *middle(Document(project_id).project))
    return document.project, name


def test_the_chosen_layers_become_a_block_that_is_selected(build, digits_project):
    before = Document(digits_project).project
    project, name = made(build, digits_project)
    placed = next(project.networks[0].of_kind("block"))
    assert build.session_state["layerloom"].selected_layer == placed.id
    assert [n.id for n in project.blocks[0].nodes if n.kind not in ("input", "output")] == middle(
        before
    )
    document = Document(digits_project)
    document.undo()
    assert document.project == before
    assert name == "network"


def test_what_is_asked_once_is_done_once(build, digits_project):
    project, name = made(build, digits_project)
    again = ask(build, digits_project, name, "make_block", project.blocks[0].id)
    assert len(again.project.blocks) == 1


def test_what_cannot_be_a_block_is_said_and_changes_nothing(build, digits_project):
    before = Document(digits_project).project
    ends = [n.id for n in before.networks[0].nodes if n.kind == "input"]
    after = ask(build, digits_project, "network", "make_block", *ends)
    assert after.project == before
    link = build.session_state["layerloom"].drafts[f"canvas.{digits_project}.network.link"]
    assert "Choose the layers first" in link.notice and link.notice_is_error


def test_inside_a_block_edits_reach_the_block_and_the_way_out_is_shown(build, digits_project):
    project, name = made(build, digits_project)
    block = project.blocks[0]
    ask(build, digits_project, name, "enter", block.id, n=2)
    assert any("**block**" in m.value for m in build.markdown)
    drawn = looked_at(project, block.id)
    last = next(w for w in drawn.wires if drawn.node(w.target).kind == "output")
    nodes = [{"id": n.id, "name": n.name} for n in drawn.nodes]
    nodes.append({"id": "new", "kind": "relu", "name": "relu9"})
    edges = [w.model_dump() for w in drawn.wires if w != last]
    edges += [
        {**last.model_dump(), "target": "new"},
        {**last.model_dump(), "source": "new", "source_port": "out"},
    ]
    after = send(build, digits_project, block.id, nodes=nodes, edges=edges)
    assert after.project.block(block.id).node("new").kind == "relu"
    assert after.project.networks == project.networks
    assert after.undo_label.startswith("Added relu9")
    next(b for b in build.button if b.key == "path_0").click().run()
    assert build.session_state["layerloom"].recall("inside network") == []


def test_the_way_in_ends_where_a_block_is_gone(build, digits_project):
    project, _ = made(build, digits_project)
    block = project.blocks[0].id
    assert len(walk_in(project, "network", [block])) == 1
    assert walk_in(project, "network", ["gone", block]) == ()
    assert walk_in(project, "network", [block, block])[0].block.id == block


def test_a_block_of_the_library_placed_on_the_canvas_comes_into_the_project(build, digits_project):
    project, _ = made(build, digits_project)
    saved = library.save(packed(project, project.blocks[0].id).titled("Mine"))
    document = Document(digits_project)
    document.undo()
    build.run()
    drawn = document.project.networks[0]
    nodes = [{"id": n.id, "name": n.name, "x": n.x, "y": n.y} for n in drawn.nodes]
    nodes.append({"id": "new", "kind": "library", "name": "mine1", "block": saved.id})
    after = send(build, digits_project, "network", nodes=nodes)
    placed = after.project.networks[0].node("new")
    assert placed.kind == "block" and after.project.block(placed.block).name == "Mine"
    assert after.undo_label.startswith("Added mine1")


def test_the_shelf_lists_no_block_that_would_hold_itself(build, digits_project):
    project, _ = made(build, digits_project)
    outer = MakeBlock(
        graph="network", nodes=(project.blocks[0].id,), block="outer", name="Outer"
    ).apply(project)
    inner = project.blocks[0].id
    assert {f"block:{inner}", "block:outer"} <= set(shelf(outer, "network"))
    assert holders(outer, inner) == {inner, "outer"}
    assert not {f"block:{inner}", "block:outer"} & set(shelf(outer, inner))
    assert f"block:{inner}" in shelf(outer, "outer")


def test_what_is_pasted_inside_comes_into_the_block_but_never_the_block_itself(
    build, digits_project
):
    project, name = made(build, digits_project)
    block = project.blocks[0]
    ask(build, digits_project, name, "enter", block.id, n=2)
    copies = (
        Node(id="relu", kind="relu", name="relu"),
        Node(id="itself", kind="block", name="itself", block=block.id),
    )
    for number, copy in enumerate(copies, start=1):
        text = encode(Clip(nodes=(copy,)))
        text = text if isinstance(text, str) else text.decode()
        pastes = [{"n": number, "text": text, "x": 0, "y": 0}]
        after = send(build, digits_project, block.id, pastes=pastes).project
        added = after.block(block.id).nodes[len(block.nodes) :]
        assert [node.kind for node in added] == ["relu"]
    assert after.networks == project.networks
    link = build.session_state["layerloom"].drafts[f"canvas.{digits_project}.{block.id}.link"]
    assert "cannot stand inside itself" in link.notice and link.notice_is_error


def test_a_block_may_be_among_the_starred_and_those_used_last():
    assert Kept(recent=("library:residual_block", "block:b1")).recent[0] == "library:residual_block"


def test_a_second_input_inside_keeps_the_uses_connected(build, digits_project):
    project, name = made(build, digits_project)
    block = project.blocks[0]
    ask(build, digits_project, name, "enter", block.id, n=2)
    drawn = looked_at(project, block.id)
    nodes = [{"id": n.id, "name": n.name} for n in drawn.nodes]
    nodes.append({"id": "second", "kind": "input", "name": "more"})
    after = send(build, digits_project, block.id, nodes=nodes).project
    (wire,) = after.networks[0].wires_into(block.id)
    assert wire.target_port == "input"


def test_an_exposed_setting_is_a_field_of_the_placed_block(build, digits_project):
    project, _ = made(build, digits_project)
    block = project.blocks[0]
    linear = next(node for node in block.nodes if node.kind == "linear")
    document = Document(digits_project)
    document.apply(
        ExposeKnob(graph=block.id, node=linear.id, knob="out_features", variable="width", value=24)
        if not isinstance(linear.knobs.get("out_features"), Expr)
        else ExposeKnob(graph=block.id, node=linear.id, knob="dropout", variable="width", value=24)
    )
    build.run()
    field = next(f for f in build.number_input if f.label.startswith("Width"))
    field.set_value(16).run()
    assert Document(digits_project).project.networks[0].node(block.id).knobs == {"width": 16}


@pytest.mark.parametrize(
    ("text", "value"), [("d_model = 128", 128), ("d=0,5", 0.5), ("heads", 64), ("d = -3", -3)]
)
def test_a_variable_is_read_as_it_is_written(text, value):
    assert read_variable(text).value == value


@pytest.mark.parametrize("text", ["2d = 4", "= 3", "d = four", "größe = 1"])
def test_what_is_no_variable_is_refused_in_words(text):
    with pytest.raises(BuilderError, match=r"cannot be a name|needs a number"):
        read_variable(text)


@pytest.mark.parametrize("value", [1, 2, 64, 100, 1_000_000, 0, -5, 0.05, -0.3, 0.0, 3.5])
def test_a_slider_holds_its_value_between_its_ends(value):
    low, high = bounds(value)
    assert low <= value <= high and type(low) is type(high) is type(value)
