"""The Build screen without a browser: the list, the panels, and what the canvas sends."""

import pytest

from builder.projects.history import Document
from builder.spec.edits import AddNode, InsertNode
from builder.spec.network import Node
from builder.spec.problems import Fix, Problem
from builder.ui import state
from builder.ui.inspector.code import lines_of
from builder.ui.inspector.stack import in_order, swapped


def network_of(project_id):
    return Document(project_id).project.networks[0]


def message_of(project_id, rev, seq=1, **changes):
    """What the canvas would send without having changed anything."""
    graph = network_of(project_id)
    return {
        "client": "t",
        "rev": rev,
        "seq": seq,
        "graph": graph.name,
        "nodes": [{"id": n.id, "name": n.name, "x": n.x, "y": n.y} for n in graph.nodes],
        "edges": [wire.model_dump() for wire in graph.wires],
        "sel": [],
        "undo": 0,
        "undone": 0,
        "have": "",
    } | changes


@pytest.fixture
def build(open_app, digits_project):
    at = open_app("build", project=digits_project)
    at.key = f"canvas.{digits_project}.{network_of(digits_project).name}"
    return at


def test_an_edit_of_the_canvas_is_saved(build, digits_project):
    document = Document(digits_project)
    message = message_of(digits_project, f"{document.revision}.0")
    last = message["edges"][-1]
    message["nodes"] += [{"id": "new", "kind": "relu", "name": "relu1"}]
    message["edges"] = [
        *message["edges"][:-1],
        {**last, "target": "new"},
        {**last, "source": "new"},
    ]
    message["sel"] = ["new"]
    build.session_state[build.key] = {"doc": message}
    build.run()
    assert not build.exception
    assert network_of(digits_project).node("new").kind == "relu"
    assert build.session_state["layerloom"].selected_layer == "new"
    assert Document(digits_project).undo_label.startswith("Added relu1 after")


def test_what_is_no_drawing_leaves_the_page_and_the_project_whole(build, digits_project):
    before = network_of(digits_project)
    build.session_state[build.key] = {"doc": {"client": "<script>", "nodes": 7}}
    build.run()
    assert not build.exception
    assert network_of(digits_project) == before


def test_the_list_adds_moves_and_deletes(build, digits_project):
    build.segmented_control(key="build_view").set_value("stack").run()
    build.selectbox(key="stack_kind").set_value("relu").run()
    build.button(key="stack_add").click().run()
    assert not build.exception
    added = next(node for node in network_of(digits_project).nodes if node.kind == "relu")
    order = [node.id for node in in_order(network_of(digits_project))]
    build.button(key=f"stack_arrow_upward_{added.id}").click().run()
    moved = [node.id for node in in_order(network_of(digits_project))]
    assert moved.index(added.id) == order.index(added.id) - 1
    build.button(key=f"stack_delete_{added.id}").click().run()
    assert network_of(digits_project).node(added.id) is None


def test_the_last_output_cannot_be_deleted_from_the_list(build, digits_project, on_screen):
    build.segmented_control(key="build_view").set_value("stack").run()
    output = next(network_of(digits_project).of_kind("output"))
    build.button(key=f"stack_delete_{output.id}").click().run()
    assert network_of(digits_project).node(output.id) is not None
    assert "last Output stays" in on_screen(build)


def test_a_layer_is_renamed_bypassed_frozen_and_duplicated_in_its_panel(build, digits_project):
    build.segmented_control(key="build_view").set_value("stack").run()
    linear = next(network_of(digits_project).of_kind("linear"))
    build.button(key=f"stack_choose_{linear.id}").click().run()
    build.text_input(key=f"layer.{linear.id}.name").set_value("head").run()
    build.button(key="layer_low_priority").click().run()
    build.button(key="layer_ac_unit").click().run()
    node = network_of(digits_project).node(linear.id)
    assert (node.name, node.bypassed, node.frozen) == ("head", True, True)
    build.button(key="layer_content_copy").click().run()
    assert len(list(network_of(digits_project).of_kind("linear"))) == 2
    assert not build.exception


def test_a_fix_is_one_step_of_the_history_and_can_be_undone(
    open_app, digits_project, said_sidecar, on_screen
):
    graph = network_of(digits_project)
    linear = next(graph.of_kind("linear"))
    fix = Fix(
        sentence="Put ReLU before it",
        edits=(
            InsertNode(
                graph=graph.name,
                node=Node(id="fix1", kind="relu", name="relu1"),
                into=graph.wires_into(linear.id)[0],
            ),
            AddNode(graph=graph.name, node=Node(id="fix2", kind="relu", name="relu2")),
        ),
    )
    said_sidecar.problems = (
        Problem(
            code="x",
            severity="error",
            what="It does not fit.",
            got="64 values",
            expected="10 values",
            network=graph.name,
            node=linear.id,
            fixes=(fix,),
        ),
    )
    at = open_app("build", project=digits_project)
    at.segmented_control(key="build_panel").set_value("problems").run()
    assert "It does not fit." in on_screen(at)
    assert "10 values" in on_screen(at)
    at.button(key="fix_0_0").click().run()
    assert not at.exception
    assert {"fix1", "fix2"} <= {node.id for node in network_of(digits_project).nodes}
    document = Document(digits_project)
    assert document.undo_label == "Put ReLU before it"
    document.undo()
    assert document.project.networks[0] == graph


@pytest.mark.parametrize("panel", ["layer", "problems", "cost", "code"])
def test_every_panel_is_drawn_without_an_answer_of_the_check(
    open_app, digits_project, monkeypatch, panel
):
    monkeypatch.setattr(state.State, "report", lambda self, wait=0.4: None)
    monkeypatch.setattr(
        state.State, "sidecar", property(lambda self: type("S", (), {"request": _code})())
    )
    at = open_app("build", project=digits_project)
    at.segmented_control(key="build_panel").set_value(panel).run()
    assert not at.exception


def _code(self, kind, payload, timeout=None):
    return {"text": "import torch", "identifiers": {}}


def test_a_choice_of_panel_outlives_a_reload(open_app, digits_project):
    at = open_app("build", project=digits_project)
    at.segmented_control(key="build_panel").set_value("cost").run()
    again = open_app("build", project=digits_project)
    assert again.segmented_control(key="build_panel").value == "cost"


def test_panels_and_views_can_be_changed_again_and_again(build):
    for panel in ("problems", "cost", "layer", "problems"):
        build.segmented_control(key="build_panel").set_value(panel).run()
        assert build.segmented_control(key="build_panel").value == panel
    for view in ("stack", "canvas", "stack"):
        build.segmented_control(key="build_view").set_value(view).run()
        assert build.segmented_control(key="build_view").value == view


def test_a_layer_chosen_elsewhere_is_chosen_on_the_canvas(build, digits_project):
    linear = next(network_of(digits_project).of_kind("linear"))
    build.session_state["layerloom"].selected_layer = linear.id
    build.run()
    link = build.session_state["layerloom"].drafts[f"{build.key}.link"]
    assert link.selection == (linear.id,)


def test_exchanging_neighbours_keeps_the_chain_whole(digits_project):
    graph = network_of(digits_project)
    first, second = [n for n in in_order(graph) if n.kind not in ("input", "output")][:2]
    other = swapped(graph, first, up=False)
    assert [n.id for n in in_order(other)].index(second.id) == 1
    assert len(other.wires) == len(graph.wires)
    assert swapped(graph, in_order(graph)[0], up=True) is None
    assert swapped(graph, first, up=True) is None


def test_the_lines_of_a_layer_are_found_in_the_source():
    text = "class N:\n  self.conv1 = nn.Conv2d()\n  x = self.conv1(x)\n  self.conv10 = 1\n"
    assert [number for number, _ in lines_of(text, "conv1")] == [2, 3]
    assert lines_of(text, "") == []
