"""Two versions or runs compared: the message to the canvas, the list beside it, and links that lead nowhere."""

import pytest

from builder.layers.base import TensorType
from builder.network.effects import Side
from builder.network.report import NodeReport, Report
from builder.projects import versions
from builder.projects.difference import compare
from builder.projects.history import Document
from builder.spec.edits import ChangeNode, InsertNode, RemoveNodes, SetKnobs
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project
from builder.ui import comparing
from builder.ui.canvas.compared import ComparedView
from builder.ui.canvas.view import wire_key

A = Node(id="a", kind="linear", name="linear1", knobs={"out_features": 10})
B = Node(id="b", kind="relu", name="relu1", x=0.0, y=96.0)
C = Node(id="c", kind="linear", name="linear2")
CHAIN = Project(
    networks=(
        Network(
            nodes=(A, B, C), wires=(Wire(source="a", target="b"), Wire(source="b", target="c"))
        ),
    )
)


def told(node: str, shape: tuple[int, ...], parameters: int) -> NodeReport:
    return NodeReport(
        node=node,
        kind="linear",
        identifier=node,
        outputs=(TensorType(shape),),
        parameters=parameters,
    )


def view(now: Project, *reports: Report) -> ComparedView:
    before_report, now_report = reports or (Report(network="network"), Report(network="network"))
    change = compare(CHAIN, now).graph("network")
    return ComparedView(
        Side(CHAIN, CHAIN.networks[0], before_report),
        Side(now, now.networks[0], now_report),
        change,
        "here",
    )


def test_removed_layers_and_connections_are_sent_along_and_marked():
    data = view(RemoveNodes(graph="network", nodes=("b",)).apply(CHAIN)).data()
    assert [node["id"] for node in data["nodes"]] == ["a", "c", "b"]
    assert data["compared"]["layers"] == {"b": {"how": "removed", "lines": []}}
    how = {key: mark["how"] for key, mark in data["compared"]["wires"].items()}
    assert how == {
        wire_key(Wire(source="a", target="c")): "added",
        wire_key(Wire(source="a", target="b")): "removed",
        wire_key(Wire(source="b", target="c")): "removed",
    }
    assert set(data["layout"]) == {"a", "b", "c"}


def test_changed_settings_names_shapes_and_parameters_are_old_and_new():
    now = SetKnobs(graph="network", node="a", knobs={"out_features": 20}).apply(CHAIN)
    now = ChangeNode(graph="network", node="a", name="wide").apply(now)
    reports = (
        Report(network="network", nodes={"a": told("a", (10,), 100)}, parameters=100),
        Report(network="network", nodes={"a": told("a", (20,), 200)}, parameters=200),
    )
    data = view(now, *reports).data()
    assert data["compared"]["layers"]["a"] == {
        "how": "changed",
        "lines": ["called linear1 before", "units 10 → 20", "parameters 100 → 200"],
    }
    wire = data["compared"]["wires"][wire_key(Wire(source="a", target="b"))]
    assert wire == {"how": "same", "old": "10 values", "now": "20 values"}


def test_the_same_drawing_has_no_marks():
    assert view(CHAIN).data()["compared"] == {"layers": {}, "wires": {}}


def test_a_union_with_a_loop_is_laid_out():
    turned = Network(nodes=(A, B, C), wires=(Wire(source="b", target="a"),))
    data = view(CHAIN.with_network(turned)).data()
    assert set(data["layout"]) == {"a", "b", "c"}


@pytest.mark.parametrize("text", ["", "now", "~now", "now~", "~"])
def test_an_address_without_two_sides_is_no_comparison(text):
    assert comparing.pair(text) is None


def test_an_address_names_both_sides():
    assert comparing.pair("run:abc~now") == ("run:abc", "now")
    assert comparing.Pair("run:abc", "now").text == "run:abc~now"


@pytest.fixture
def compared(open_app, digits_project, made_run):
    """Build with a run and the drawing now compared; two layers differ."""
    run = made_run(digits_project)
    document = Document(digits_project)
    linear = next(document.project.networks[0].of_kind("linear"))
    document.apply(SetKnobs(graph="network", node=linear.id, knobs={"out_features": 77}))
    new = Node(id="new", kind="relu", name="relu")
    document.apply(InsertNode(graph="network", node=new, after=linear.id))

    def opened(wanted: str = ""):
        at = open_app("start", project=digits_project)
        at.query_params["compare"] = wanted or f"run:{run.id}~now"
        at.switch_page("pages/build.py").run()
        assert not at.exception, at.exception
        return at

    return opened, run


def test_the_list_says_what_the_drawing_shows(compared, on_screen):
    opened, _ = compared
    at = opened()
    assert "Comparing **now** with **Run 1**" in on_screen(at)
    layers = [
        b.label.replace("\\", "") for b in at.button if (b.key or "").startswith("compare_layer_")
    ]
    assert len(layers) == 2
    assert any("units" in layer and "→ 77" in layer for layer in layers)
    assert "relu (ReLU) was added." in layers


def test_the_sides_can_be_swapped_and_the_comparison_closed(compared, on_screen):
    opened, _ = compared
    at = opened()
    at.button(key="compare_swap").click().run()
    assert "Comparing **Run 1** with **now**" in on_screen(at)
    at.button(key="compare_close").click().run()
    assert "Comparing" not in on_screen(at)
    assert "compare" not in at.query_params


def test_going_back_to_the_run_is_one_edit(compared, digits_project):
    opened, run = compared
    at = opened()
    at.button(key="compare_restore").click().run()
    document = Document(digits_project)
    assert document.undo_label == "Went back to Run 1"
    assert not compare(run.project, document.project).drawing_differs
    document.undo()
    assert document.project.networks[0].node("new") is not None


def test_a_version_and_a_step_can_be_compared_as_well(compared, digits_project, on_screen):
    opened, _ = compared
    document = Document(digits_project)
    version = versions.save(digits_project, document.project, "with relu")
    assert "These two are the same" in on_screen(opened(f"version:{version.id}~now"))
    assert "Comparing **now** with **the beginning**" in on_screen(opened("step:0~now"))


@pytest.mark.parametrize(
    "side", ["run:gone", "version:gone", "step:99", "step:x", "../../etc", "run:../x"]
)
def test_a_link_to_what_is_gone_says_so_and_leads_back(compared, side):
    opened, _ = compared
    at = opened(f"{side}~now")
    assert at.warning
    at.button(key="compare_back").click().run()
    assert not at.exception


def test_results_and_runs_lead_to_it(compared, open_app, digits_project):
    _, run = compared
    at = open_app("results", project=digits_project, run=run.id)
    assert "The drawing has changed since this run: 2 layers." in "".join(
        m.value for m in at.markdown
    )
    at.button(key="changed_difference").click().run()
    assert at.query_params["compare"] in (f"run:{run.id}~now", [f"run:{run.id}~now"])
