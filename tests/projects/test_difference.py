"""What differs between two projects: by ids, with old and new values, and nothing left out."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.errors import SpecError
from builder.projects.difference import Difference, GraphChange, SettingChange, compare
from builder.projects.templates import templates
from builder.projects.wording import knob_values
from builder.spec.data import BuiltinSource, DataSpec, IngestedSource, SplitSpec
from builder.spec.network import Block, Expr, Network, Node, Note, Variable, Wire
from builder.spec.project import Project
from builder.spec.training import OptimizerSpec, TrainingSpec

A = Node(id="a", kind="linear", name="linear1", knobs={"out_features": 10})
B = Node(id="b", kind="relu", name="relu1")
C = Node(id="c", kind="concat", name="concat1")


def project(*nodes, wires=(), **more) -> Project:
    data, training = more.pop("data", DataSpec()), more.pop("training", TrainingSpec())
    return Project(
        networks=(Network(nodes=nodes, wires=wires, **more),), data=data, training=training
    )


def only(found: Difference) -> GraphChange:
    assert len(found.graphs) == 1
    return found.graphs[0]


def test_a_project_does_not_differ_from_itself():
    for template in templates():
        assert not compare(template.project, template.project)


def test_moving_a_layer_is_no_difference_and_renaming_one_does_not_matter_to_training():
    moved = A.model_copy(update={"x": 9.0, "y": 9.0})
    assert not compare(project(A), project(moved))
    renamed = compare(project(A), project(A.model_copy(update={"name": "first"})))
    layer = only(renamed).layers[0]
    assert (layer.was, layer.name, layer.renamed, layer.matters) == (
        "linear1",
        "first",
        True,
        False,
    )
    assert not renamed.drawing_differs
    assert renamed.headline() == ""


def test_a_changed_setting_says_from_what_to_what_in_the_words_of_its_kind():
    wider = A.model_copy(
        update={"knobs": {"out_features": Expr(expr="classes * 2"), "bias": False}}
    )
    found = compare(project(A, B), project(wider, B))
    words = [change.words() for change in only(found).layers[0].changes]
    assert words == ["units 10 → classes * 2", "bias on → off"]
    assert found.headline() == "The drawing has changed since this run: 1 layer."


def test_writing_out_a_default_is_no_difference():
    written = A.model_copy(update={"knobs": {"out_features": 10, "bias": True}})
    assert not compare(project(A), project(written))
    conv = Node(id="k", kind="conv2d", name="conv1", knobs={"kernel_size": 3})
    pair = conv.model_copy(update={"knobs": {"kernel_size": (3, 3)}})
    assert not compare(project(conv), project(pair))


def test_one_and_on_are_two_values():
    odd = [Node(id="a", kind="of_tomorrow", name="x", knobs={"p": value}) for value in (1, True)]
    change = only(compare(project(odd[0]), project(odd[1]))).layers[0].changes[0]
    assert (change.old, change.new) == ("1", "on")


def test_added_removed_and_replaced_layers_are_told_by_their_ids():
    other = Node(id="a", kind="conv2d", name="linear1")
    found = only(compare(project(A, B), project(other, C)))
    told = {(layer.node, layer.how, layer.kind) for layer in found.layers}
    assert told == {("a", "changed", "Conv2d"), ("c", "added", "Concat"), ("b", "removed", "ReLU")}
    replaced = next(layer for layer in found.layers if layer.node == "a")
    assert replaced.changes[0] == SettingChange("kind", "kind", "Linear", "Conv2d")


def test_drawn_and_cut_connections_name_their_ends():
    wire, other = Wire(source="a", target="b"), Wire(source="a", target="c", target_port="left")
    found = compare(project(A, B, C, wires=(wire,)), project(A, B, C, wires=(other,)))
    assert [(w.how, w.words) for w in only(found).wires] == [
        ("added", "linear1 to concat1 (left)"),
        ("removed", "linear1 to relu1"),
    ]
    assert found.headline() == "The drawing has changed since this run: the connections."


def test_another_order_into_one_port_is_a_difference():
    wires = (Wire(source="a", target="c"), Wire(source="b", target="c"))
    found = only(compare(project(A, B, C, wires=wires), project(A, B, C, wires=wires[::-1])))
    change = found.layers[0].changes[0]
    assert change.words() == "order of connections linear1, relu1 → relu1, linear1"


def test_variables_notes_and_project_name_are_told():
    before = project(
        A, variables=(Variable(name="width", value=64),), notes=(Note(id="n", text="old"),)
    )
    now = project(A, variables=(Variable(name="width", value=128),))
    found = compare(before, now.model_copy(update={"name": "Wide"}))
    assert [c.words() for c in only(found).variables] == ["width 64 → 128"]
    assert [c.words() for c in only(found).details] == ["note old → none"]
    assert [c.words() for c in found.project] == ["project name Untitled → Wide"]


def test_a_renamed_network_is_the_same_network():
    before = Project(networks=(Network(name="one", nodes=(A,)),))
    now = Project(networks=(Network(name="two", nodes=(A,)),))
    found = only(compare(before, now))
    assert (found.was, found.id, found.how, found.layers) == ("one", "two", "changed", ())
    assert compare(before, now).graph("one") == found


def test_blocks_are_matched_by_id_and_whole_networks_are_added_and_removed():
    cell = Block(id="cell", name="cell", nodes=(B,))
    wide = cell.model_copy(update={"name": "wide cell", "nodes": (B, A)})
    before = Project(networks=(Network(name="one", nodes=(A,)),), blocks=(cell,))
    now = Project(networks=(Network(name="two", nodes=(C,)),), blocks=(wide,))
    told = {
        (g.id, g.how, g.is_block): [(la.node, la.how) for la in g.layers]
        for g in compare(before, now).graphs
    }
    assert told == {
        ("two", "added", False): [("c", "added")],
        ("one", "removed", False): [("a", "removed")],
        ("cell", "changed", True): [("a", "added")],
    }


def test_training_settings_say_what_is_inferred():
    rate = TrainingSpec(optimizer=OptimizerSpec(learning_rate=0.01), epochs=20)
    found = compare(project(A), project(A, training=rate))
    assert {change.words() for change in found.training} == {
        "epochs inferred → 20",
        "optimizer: learning rate inferred → 0.01",
    }
    assert found.headline() == ""


def test_other_data_are_told_by_name_and_uploads_of_one_name_by_their_contents():
    digits = DataSpec(source=BuiltinSource(name="digits"))
    iris = DataSpec(source=BuiltinSource(name="iris"), split=SplitSpec(seed=5))
    found = compare(project(A, data=digits), project(A, data=iris))
    assert [change.words() for change in found.data] == [
        "source digits → iris",
        "split: seed 0 → 5",
    ]
    assert found.headline() == "The data has changed since this run."
    uploads = [DataSpec(source=IngestedSource(hash=letter * 32, name="pets")) for letter in "ab"]
    change = compare(project(A, data=uploads[0]), project(A, data=uploads[1])).data[0]
    assert change.words() == "source pets (aaaaaaaa) → pets (bbbbbbbb)"


def seen(found: Difference, *, from_behind: bool = False) -> object:
    """The difference as sets; `from_behind` turns old and new around. Titles of kinds are those of now: left out."""
    other = {"added": "removed", "removed": "added", "changed": "changed"}

    def how(word):
        return other[word] if from_behind else word

    def settings_of(changes):
        return {(c.name, *((c.new, c.old) if from_behind else (c.old, c.new))) for c in changes}

    def names_of(one, was, now):
        return (now, was) if from_behind else (was, now)

    def graph(one):
        layers = {
            (
                la.node,
                *names_of(la, la.was, la.name),
                how(la.how),
                repr(sorted(settings_of(la.changes))),
            )
            for la in one.layers
        }
        wires = {(w.wire, how(w.how)) for w in one.wires}
        rest = settings_of(one.variables), settings_of(one.details)
        return names_of(one, one.was, one.id), how(one.how), layers, wires, rest

    graphs = sorted(map(graph, found.graphs), key=lambda told: told[0])
    return graphs, *(settings_of(part) for part in (found.data, found.training, found.project))


def meaning(document: Project) -> object:
    """A project without what never counts: places, defaults written out, order of wires into different ports."""

    def graph(one):
        def node(each):
            plain = each.model_dump(mode="json", exclude={"x", "y"})
            values = {name: value for name, value in knob_values(each).items() if value is not None}
            return plain | {"knobs": {k: repr(v) for k, v in sorted(values.items())}}

        wires: dict = {}
        for wire in one.wires:
            wires.setdefault((wire.target, wire.target_port), []).append(wire)
        ends = sorted((*key, repr(entering)) for key, entering in wires.items())
        rest = one.model_dump(mode="json", exclude={"nodes", "wires", "notes"})
        notes = [(note.id, note.text) for note in one.notes]
        return [node(each) for each in one.nodes], ends, rest, notes

    rest = document.model_dump(mode="json", exclude={"networks", "blocks", "template"})
    everything = (
        [graph(one) for one in document.networks],
        [graph(one) for one in document.blocks],
        rest,
    )
    return json.dumps(everything, default=repr)


@settings(max_examples=1000, deadline=None)
@given(seed=st.integers(0, 2**32), steps=st.integers(1, 30))
def test_the_comparison_is_complete_and_the_same_from_both_sides(random_edits, seed, steps):
    made = random_edits(seed)
    before = now = Project(name="Digits")
    for step in range(steps):
        if step == steps // 2:
            before = now
        try:
            now = made.edit(now).apply(now)
        except SpecError:
            continue
    found = compare(before, now)
    assert bool(found) == (meaning(before) != meaning(now))
    assert seen(found) == seen(compare(now, before), from_behind=True)


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.id)
def test_any_two_templates_can_be_compared(template):
    for other in templates():
        assert bool(compare(template.project, other.project)) == (template.id != other.id)
