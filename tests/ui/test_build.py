"""The Build screen without a browser: the list, the panels, and what the canvas sends."""

from itertools import pairwise

import pytest

from builder.layers import catalogue
from builder.layers.base import TensorType
from builder.network.report import Report
from builder.network.stacking import stack_rows
from builder.projects import store
from builder.projects.history import Document
from builder.projects.templates import find, templates
from builder.spec.edits import AddNode, InsertNode
from builder.spec.network import Network, Node
from builder.spec.problems import Fix, Problem
from builder.spec.project import Project
from builder.ui import state
from builder.ui.inspector.code import lines_of
from builder.ui.inspector.stack_add import places_before, ranked


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


def as_list(at):
    return at.segmented_control(key="build_view").set_value("stack").run()


def ids_of(project_id):
    return [row.node.id for row in stack_rows(network_of(project_id))]


def choose(at, node_id, act):
    return at.menu_button(key=f"stack_menu_{node_id}").click(act).run()


def test_the_list_adds_where_it_is_asked_moves_and_removes(build, digits_project):
    as_list(build)
    linear = next(network_of(digits_project).of_kind("linear"))
    build.button(key=f"stack_gap_{linear.id}_0").click().run()
    build.text_input(key="stack_search").set_value("rectifier").run()
    build.button(key="stack_add_relu").click().run()
    assert not build.exception
    added = next(network_of(digits_project).of_kind("relu"))
    before = ids_of(digits_project)
    assert before.index(added.id) == before.index(linear.id) - 1
    assert Document(digits_project).undo_label.startswith("Added relu1 after")
    build.button(key=f"stack_arrow_downward_{added.id}").click().run()
    assert ids_of(digits_project).index(added.id) == before.index(linear.id)
    document = Document(digits_project)
    document.undo()
    assert ids_of(digits_project) == before
    build.run()
    build.button(key=f"stack_arrow_upward_{added.id}").click().run()
    assert ids_of(digits_project).index(added.id) == before.index(added.id) - 1
    assert Document(digits_project).undo_label == "Moved relu1 up"
    choose(build, added.id, "Remove")
    assert network_of(digits_project).node(added.id) is None
    assert not build.exception


def test_a_row_is_duplicated_in_its_chain_and_bypassed(build, digits_project):
    as_list(build)
    linear = next(network_of(digits_project).of_kind("linear"))
    choose(build, linear.id, "Duplicate")
    rows = ids_of(digits_project)
    copies = [node.id for node in network_of(digits_project).of_kind("linear")]
    assert len(copies) == 2
    assert rows.index(copies[1]) == rows.index(linear.id) + 1
    assert network_of(digits_project).wires_into(copies[1])[0].source == linear.id
    choose(build, linear.id, "Bypass")
    assert network_of(digits_project).node(linear.id).bypassed
    choose(build, linear.id, "Put back")
    assert not network_of(digits_project).node(linear.id).bypassed
    assert not build.exception


def test_places_of_one_layer_before_one_other_are_told_apart():
    network = find("seq2seq-dates").project.networks[0]
    rows = stack_rows(network)
    words = [
        place.words
        for above, row in pairwise(rows)
        for place in places_before(row, above.node.id, network)
    ]
    assert "Add layer after encoder, before attention1 (key)" in words
    assert "Add layer after encoder, before attention1 (value)" in words
    named = [said for said in words if said != "Add layer here"]
    assert len(named) == len(set(named))


def test_a_row_that_cannot_move_says_why(build, digits_project):
    as_list(build)
    rows = stack_rows(network_of(digits_project))
    first = build.button(key=f"stack_arrow_upward_{rows[0].node.id}")
    assert first.disabled and "is first" in first.help
    last = build.button(key=f"stack_arrow_downward_{rows[-1].node.id}")
    assert last.disabled and "is last" in last.help


def test_one_row_is_open_at_a_time_with_its_settings(build, digits_project):
    as_list(build)
    flatten, linear = (next(network_of(digits_project).of_kind(k)) for k in ("flatten", "linear"))
    build.button(key=f"stack_choose_{flatten.id}").click().run()
    build.button(key=f"stack_choose_{linear.id}").click().run()
    fields = [field.key for field in build.text_input]
    assert f"layer.{linear.id}.name" in fields
    assert f"layer.{flatten.id}.name" not in fields
    build.button(key=f"stack_choose_{linear.id}").click().run()
    assert f"layer.{linear.id}.name" not in [field.key for field in build.text_input]


def test_the_first_layer_of_an_empty_drawing_leads_to_the_output(open_app):
    nodes = (
        Node(id="input", kind="input", name="input"),
        Node(id="output", kind="output", name="output"),
    )
    project = store.create(Project(name="empty", networks=(Network(nodes=nodes),))).id
    at = as_list(open_app("build", project=project))
    at.button(key="stack_gap_input_behind").click().run()
    at.button(key="stack_add_linear").click().run()
    assert [node.kind for node in (row.node for row in stack_rows(network_of(project)))] == [
        "input",
        "linear",
        "output",
    ]
    assert len(network_of(project).wires) == 2 and not at.exception


def test_a_block_is_found_placed_and_shows_what_is_inside(open_app, on_screen):
    template = next(one for one in templates() if one.project.blocks)
    project = store.create(template.project).id
    block = template.project.blocks[0]
    at = as_list(open_app("build", project=project))
    output = next(network_of(project).of_kind("output"))
    at.button(key=f"stack_gap_{output.id}_0").click().run()
    at.text_input(key="stack_search").set_value(block.name).run()
    at.button(key=f"stack_add_block_{block.name}").click().run()
    assert not at.exception
    placed = [node for node in network_of(project).of_kind("block") if node.block == block.id]
    assert network_of(project).wires_into(output.id)[0].source == placed[-1].id
    shown = on_screen(at)
    assert f"Inside {block.name}" in shown
    for node in block.nodes:
        assert node.name in shown


def test_a_problem_stands_under_its_row_with_its_fix(
    open_app, digits_project, said_sidecar, on_screen
):
    graph = network_of(digits_project)
    linear = next(graph.of_kind("linear"))
    insert = InsertNode(
        graph=graph.name,
        node=Node(id="fix1", kind="relu", name="relu1"),
        into=graph.wires_into(linear.id)[0],
    )
    problem = Problem(
        code="x",
        severity="error",
        what="It does not fit.",
        network=graph.name,
        node=linear.id,
        fixes=(Fix(sentence="Put ReLU before it", edits=(insert,)),),
    )
    report = Report(network=graph.name, problems=(problem,))
    said_sidecar.reports = {graph.name: report}
    at = as_list(open_app("build", project=digits_project))
    assert "It does not fit." in on_screen(at)
    at.button(key=f"stack_fix_{linear.id}_0_0").click().run()
    assert network_of(digits_project).node("fix1") is not None


def test_what_fits_comes_first_and_the_rest_says_why():
    image = TensorType((3, 8, 8), "float32", "image")
    fitting, others = ranked("", image, catalogue.find("conv2d"))
    assert fitting[0][0].kind == "relu"
    assert "lstm" in {kind.kind for kind, _ in others}
    assert all(reason for _, reason in others)
    assert ranked("dense", None, None)[0][0][0].kind == "linear"


def test_the_last_output_cannot_be_removed_from_the_list(build, digits_project, on_screen):
    as_list(build)
    output = next(network_of(digits_project).of_kind("output"))
    choose(build, output.id, "Remove")
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


def test_the_lines_of_a_layer_are_found_in_the_source():
    text = "class N:\n  self.conv1 = nn.Conv2d()\n  x = self.conv1(x)\n  self.conv10 = 1\n"
    assert [number for number, _ in lines_of(text, "conv1")] == [2, 3]
    assert lines_of(text, "") == []
