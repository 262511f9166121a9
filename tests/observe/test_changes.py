"""What has changed in a drawing since a run."""

from builder.observe.changes import changes
from builder.spec.data import DataSpec, SplitSpec
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project


def project(*nodes: Node, wires: tuple[Wire, ...] = (), data: DataSpec | None = None) -> Project:
    return Project(networks=(Network(nodes=nodes, wires=wires),), data=data or DataSpec())


A = Node(id="a", kind="linear", name="linear1", knobs={"out_features": 10})
B = Node(id="b", kind="relu", name="relu1")


def test_the_same_drawing_has_not_changed() -> None:
    assert not changes(project(A, B), project(A, B))


def test_moving_and_renaming_do_not_count() -> None:
    moved = A.model_copy(update={"x": 9.0, "y": 9.0, "name": "first"})
    assert not changes(project(A), project(moved))


def test_a_changed_setting_says_from_what_to_what() -> None:
    wider = A.model_copy(update={"knobs": {"out_features": 20}})
    found = changes(project(A, B), project(wider, B))
    assert found.sentences() == ["linear1: out features 10 → 20."]
    assert found.headline() == "The drawing has changed since this run: 1 layer."


def test_added_and_removed_layers_are_named() -> None:
    found = changes(project(A), project(B))
    assert set(found.layers) == {"linear1 was removed.", "relu1 was added."}
    assert found.headline().endswith("2 layers.")


def test_a_new_connection_alone_is_said() -> None:
    wire = Wire(source="a", target="b")
    found = changes(project(A, B), project(A, B, wires=(wire,)))
    assert found.headline() == "The drawing has changed since this run: the connections."


def test_other_data_are_said() -> None:
    found = changes(project(A), project(A, data=DataSpec(split=SplitSpec(seed=5))))
    assert found
    assert found.headline() == "The data has changed since this run."
