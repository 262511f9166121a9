"""A run directory: trained, read back, measured, beside honest baselines."""

import itertools
import json

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from builder.data.describe import describe
from builder.data.split import split
from builder.data.store import open_raw
from builder.errors import TrainError
from builder.evaluate.predict import predict
from builder.evaluate.results import read_results
from builder.evaluate.run import evaluate
from builder.readiness.compile import prepare_job
from builder.spec.codec import encode
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import OptimizerSpec, TrainingSpec
from builder.train import events
from builder.train.loop import train
from builder.train.trained import load_trained


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))


def drawn(data, width, **training):
    nodes = (
        Node(id="input", kind="input", name="input"),
        Node(id="linear1", kind="linear", name="linear1", knobs={"out_features": 16}),
        Node(id="relu1", kind="relu", name="relu1"),
        Node(id="linear2", kind="linear", name="linear2", knobs={"out_features": width}),
        Node(id="output", kind="output", name="output"),
    )
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in itertools.pairwise(nodes))
    return Project(
        networks=(Network(nodes=nodes, wires=wires),),
        data=describe(DataSpec(source=BuiltinSource(name=data))),
        training=TrainingSpec(
            **{
                "epochs": 30,
                "deterministic": True,
                "optimizer": OptimizerSpec(learning_rate=0.01),
                **training,
            }
        ),
    )


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        (folder / "project.loom.json").write_text(encode(drawn("iris", Expr(expr="classes"))))
        happened = list(train(prepare_job(folder)))
    assert isinstance(happened[-1], events.Finished)
    return folder


def test_a_run_directory_holds_what_the_contract_says(run_dir):
    names = {path.name for path in run_dir.iterdir()}
    assert {"model.py", "identifiers.json", "classes.json", "preparation", "checkpoints"} <= names
    assert json.loads((run_dir / "identifiers.json").read_text())["network"]["linear1"]


def test_validation_figures_are_those_the_training_announced(run_dir):
    results = evaluate(run_dir, "validation")
    trained = load_trained(run_dir)
    assert results.metrics["accuracy"] == pytest.approx(trained.metrics["accuracy"])
    assert results.metrics["balanced_accuracy"] == pytest.approx(
        trained.metrics["balanced_accuracy"]
    )
    assert results.metrics["f1_macro"] == pytest.approx(trained.metrics["f1_macro"])


def test_test_figures_are_those_scikit_learn_computes(run_dir):
    results = evaluate(run_dir, "test")
    trained = load_trained(run_dir)
    raw = open_raw(trained.project.data)
    rows = split(raw, trained.project.data.split).test
    shares = trained.predict({name: values[rows] for name, values in raw.fields.items()})
    truth = raw.target[rows]
    assert results.metrics["accuracy"] == accuracy_score(truth, shares.argmax(1))
    assert np.array_equal(results.confusion, confusion_matrix(truth, shares.argmax(1)))
    low, high = results.intervals["accuracy"].low, results.intervals["accuracy"].high
    assert low <= results.metrics["accuracy"] <= high
    wrong = {int(rows[place]) for place in np.flatnonzero(shares.argmax(1) != truth)}
    assert {mistake.index for mistake in results.worst} == wrong
    answers = results.answers
    for t, row in enumerate(results.confusion):
        for a, count in enumerate(row):
            cell = answers.of_cell(t, a, results.classes)
            assert len(cell) == count
            assert {one.index for one in cell} <= (wrong if t != a else set(answers.index) - wrong)
            assert [one.score for one in cell] == sorted((o.score for o in cell), reverse=True)


def test_the_baseline_is_fitted_on_the_same_split(run_dir):
    results = evaluate(run_dir, "test")
    raw = open_raw(load_trained(run_dir).project.data)
    parts = split(raw, load_trained(run_dir).project.data.split)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    model.fit(raw.fields["numbers"][parts.train], raw.target[parts.train])
    expected = model.score(raw.fields["numbers"][parts.test], raw.target[parts.test])
    names = [baseline.name for baseline in results.baselines]
    assert names == ["majority", "logistic_regression"]
    assert results.baselines[1].metrics["accuracy"] == pytest.approx(expected)
    assert results.baseline["name"] == "logistic_regression"


def test_every_opening_of_the_test_split_is_counted(run_dir):
    before = read_results(run_dir, "test")
    so_far = before.openings if before else 0
    evaluate(run_dir, "validation")
    assert evaluate(run_dir, "test").openings == so_far + 1
    kept = read_results(run_dir, "test")
    assert kept.openings == len(kept.opened) == so_far + 1


def test_predictions_of_rows_are_those_of_the_network(run_dir):
    row = {
        "sepal length (cm)": 5.1,
        "sepal width (cm)": 3.5,
        "petal length (cm)": 1.4,
        "petal width (cm)": 0.2,
    }
    (answer,) = predict(run_dir, [row])
    assert answer["class"] == "setosa"
    assert sum(answer["probabilities"].values()) == pytest.approx(1)
    assert predict(run_dir, [json.dumps(row)]) == [answer]


def test_a_run_without_weights_says_so(tmp_path):
    (tmp_path / "project.loom.json").write_text(encode(drawn("iris", Expr(expr="classes"))))
    with pytest.raises(TrainError, match="no weights"):
        load_trained(tmp_path)


def test_a_stopped_run_directory_goes_on_where_it_was(tmp_path):
    def losses(happened):
        return [
            float(loss).hex()
            for e in happened
            if isinstance(e, events.StepsDone)
            for loss in e.losses
        ]

    text = encode(drawn("iris", Expr(expr="classes"), epochs=12))
    whole_dir, dir_ = tmp_path / "whole", tmp_path / "parts"
    for folder in (whole_dir, dir_):
        folder.mkdir()
        (folder / "project.loom.json").write_text(text)
    whole = losses(train(prepare_job(whole_dir)))
    job = prepare_job(dir_)
    first = []
    for event in train(job):
        first.append(event)
        if isinstance(event, events.EpochEnded) and event.epoch == 5:
            job.control.stop()
    again = prepare_job(dir_)
    assert again.progress.step == first[-1].step > 0
    assert losses(first) + losses(train(again)) == whole


def test_regression_answers_in_the_target_s_own_unit(tmp_path):
    (tmp_path / "project.loom.json").write_text(encode(drawn("diabetes", 1, epochs=15)))
    happened = list(train(prepare_job(tmp_path)))
    assert isinstance(happened[-1], events.Finished)
    results = evaluate(tmp_path, "validation")
    trained = load_trained(tmp_path)
    raw = open_raw(trained.project.data)
    rows = split(raw, trained.project.data.split).validation
    answers = trained.predict({name: values[rows] for name, values in raw.fields.items()})
    truth = raw.target[rows]
    assert results.metrics["mae"] == pytest.approx(np.abs(answers - truth).mean(), rel=1e-5)
    assert results.metrics["mae"] == pytest.approx(trained.metrics["mae"], rel=1e-5)
    assert results.metrics["r2"] == pytest.approx(trained.metrics["r2"], rel=1e-4)
    assert 20 < results.metrics["mae"] < 80
    assert [b.name for b in results.baselines] == ["mean", "ridge"]
    assert torch.is_tensor(next(trained.network.parameters()))
