"""What a fix would do, as the canvas is told of it."""

import json
from itertools import pairwise

from builder.data.describe import describe
from builder.readiness.check import check_project
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.edits import InsertNode, RemoveNodes, SetKnobs
from builder.spec.network import Network, Node, Wire
from builder.spec.problems import Change, Fix
from builder.spec.project import Project
from builder.ui.canvas.ghost import ghost, is_drawn

IDS = ("input", "linear1", "relu1", "output")


def drawn():
    nodes = [Node(id=i, kind=i.rstrip("1"), name=i) for i in IDS]
    wires = [Wire(source=a, target=b) for a, b in pairwise(IDS)]
    return Project(networks=(Network(nodes=tuple(nodes), wires=tuple(wires)),))


def fix(*edits):
    return Fix(sentence="Do it.", edits=edits)


def test_a_layer_put_into_a_connection_is_a_ghost_between_two_ghosts_of_connections():
    put = InsertNode(
        graph="network",
        node=Node(id="f", kind="flatten", name="flat"),
        into=Wire(source="input", target="linear1"),
    )
    told = ghost(drawn(), "network", fix(put))
    assert [node["id"] for node in told["nodes"]] == ["f"]
    ends = {(wire["source"], wire["target"]) for wire in told["wires"]}
    assert ends == {("input", "f"), ("f", "linear1")}
    assert told["marks"]["layers"] == {"f": {"how": "added", "lines": []}}
    assert {key: mark["how"] for key, mark in told["marks"]["wires"].items()} == {
        "input.out>f.in": "added",
        "f.out>linear1.in": "added",
        "input.out>linear1.in": "removed",
    }
    assert told["words"].startswith("Preview: Do it. flat would be added. ")
    assert "input to linear1 would be cut." in told["words"]
    json.dumps(told)


def test_a_layer_taken_away_and_a_changed_setting_are_marked_where_they_stand():
    taken = ghost(drawn(), "network", fix(RemoveNodes(graph="network", nodes=("relu1",))))
    assert taken["marks"]["layers"]["relu1"]["how"] == "removed"
    assert taken["nodes"] == []
    wider = SetKnobs(graph="network", node="linear1", knobs={"out_features": 7})
    changed = ghost(drawn(), "network", fix(wider))
    mark = changed["marks"]["layers"]["linear1"]
    assert mark["how"] == "changed" and mark["lines"][0].endswith("7")
    assert "linear1 would change:" in changed["words"] and "→" not in changed["words"]


def test_what_does_not_fit_or_changes_nothing_here_is_no_ghost():
    gone = SetKnobs(graph="network", node="nobody", knobs={"out_features": 7})
    assert ghost(drawn(), "network", fix(gone)) is None
    wider = SetKnobs(graph="network", node="linear1", knobs={"out_features": 7})
    assert ghost(drawn(), "elsewhere", fix(wider)) is None


def test_only_what_the_canvas_shows_can_be_looked_at():
    def changes(*what):
        return Fix(sentence="", edits=(), changes=tuple(Change(what=one) for one in what))

    assert is_drawn(changes("shape", "setting")) and is_drawn(changes("connection"))
    assert not is_drawn(changes("training", "parameters")) and not is_drawn(changes())


def test_every_fix_of_a_broken_drawing_can_be_drawn():
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    project = drawn().model_copy(update={"data": data})
    problems = check_project(project).problems
    fixes = [one for problem in problems for one in problem.fixes if is_drawn(one)]
    assert fixes
    for one in fixes:
        told = ghost(project, "network", one)
        assert told is not None and told["marks"]["layers"] | told["marks"]["wires"], one.sentence
