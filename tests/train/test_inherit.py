"""Starting from an earlier run: layers are matched by node id, and what came along is told."""

import itertools
import json

import pytest
import torch

from builder.data.describe import describe
from builder.errors import TrainError
from builder.readiness.compile import prepare_job
from builder.spec.codec import encode
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from builder.train.loop import train

DATA = describe(DataSpec(source=BuiltinSource(name="iris")))


def project(
    *, hidden: int = 8, first: str = "linear1", more: bool = False, seed: int = 0
) -> Project:
    """Input, Linear, BatchNorm, ReLU, (Linear), Linear, Output; ids never change."""
    nodes = [
        Node(id="input", kind="input", name="input"),
        Node(id="a", kind="linear", name=first, knobs={"out_features": hidden}),
        Node(id="n", kind="batch_norm1d", name="norm1"),
        Node(id="r", kind="relu", name="relu1"),
        Node(id="b", kind="linear", name="last", knobs={"out_features": Expr(expr="classes")}),
        Node(id="output", kind="output", name="output"),
    ]
    if more:
        nodes.insert(4, Node(id="m", kind="linear", name="middle", knobs={"out_features": hidden}))
    ids = [node.id for node in nodes]
    wires = tuple(Wire(source=s, target=t) for s, t in itertools.pairwise(ids))
    return Project(
        networks=(Network(nodes=tuple(nodes), wires=wires),),
        data=DATA,
        training=TrainingSpec(epochs=3, deterministic=True, seed=seed),
    )


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A trained run."""
    folder = tmp_path_factory.mktemp("runs") / "earlier"
    folder.mkdir()
    (folder / "project.loom.json").write_text(encode(project()))
    (folder / "run.json").write_text(json.dumps({"name": "Run 3"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        job = prepare_job(folder)
        list(train(job))
    return folder


def started(folder, drawing: Project, earlier):
    (folder / "project.loom.json").write_text(encode(drawing))
    (folder / "run.json").write_text(json.dumps({"name": "Run 4", "start_from": str(earlier)}))
    return prepare_job(folder)


def weights_of(earlier):
    from builder.train.trained import load_trained

    return load_trained(earlier).networks["network"].state_dict()


def test_a_renamed_layer_keeps_its_weights_and_buffers(tmp_path, earlier):
    job = started(tmp_path, project(first="encoder", seed=5), earlier)
    mine, theirs = job.networks["network"].state_dict(), weights_of(earlier)
    assert torch.equal(mine["encoder.weight"], theirs["linear1.weight"])
    assert torch.equal(mine["norm1.running_mean"], theirs["norm1.running_mean"])
    assert torch.equal(mine["last.bias"], theirs["last.bias"])
    assert job.notes == ["3 of 3 layers with weights start from Run 3."]


def test_new_and_changed_layers_begin_anew_and_are_named_with_the_reason(tmp_path, earlier):
    job = started(tmp_path, project(more=True), earlier)
    assert job.notes == ["3 of 4 layers with weights start from Run 3. Begun anew: middle (new)."]


def test_when_nothing_suits_it_is_refused_in_a_sentence(tmp_path, earlier):
    with pytest.raises(TrainError, match="No layer of this network is like one"):
        started(tmp_path, project(hidden=9), earlier)


def test_a_run_without_weights_to_start_from_is_told(tmp_path):
    (tmp_path / "new").mkdir()
    with pytest.raises(TrainError, match="has no weights on disk any more"):
        started(tmp_path / "new", project(), tmp_path / "gone")


def test_going_on_after_a_stop_takes_its_own_weights_not_the_earlier_ones(tmp_path, earlier):
    list(train(started(tmp_path, project(seed=5), earlier)))
    again = prepare_job(tmp_path)
    assert not any("start from" in note for note in again.notes)
