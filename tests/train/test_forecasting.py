"""Forecasting: losses and figures against a referee, bands in order, and a resume that is bit-identical."""

import itertools

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, root_mean_squared_error

from builder.data import builtin
from builder.data.describe import describe
from builder.network.expectation import Expectation
from builder.readiness.blank import blank_project
from builder.readiness.check import check_project
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from builder.train import events
from builder.train.build import build_job
from builder.train.control import Switches
from builder.train.loop import train
from builder.train.losses import Pinball
from builder.train.measures import forecast_metrics
from builder.train.recipes.catalogue import find, infer


def project(data="sunspots", *, band=False, **training):
    shape = ("levels", "horizon", "series") if band else ("horizon", "series")
    nodes = (
        Node(id="input", kind="input", name="input"),
        Node(id="lstm1", kind="lstm", name="lstm1", knobs={"hidden_size": 8, "output": "last"}),
        Node(id="drop", kind="dropout", name="drop", knobs={"p": 0.2}),
        Node(
            id="linear1",
            kind="linear",
            name="linear1",
            knobs={"out_features": Expr(expr="levels * horizon * series")},
        ),
        Node(
            id="reshape1",
            kind="reshape",
            name="reshape1",
            knobs={"shape": tuple(Expr(expr=name) for name in shape)},
        ),
        Node(id="output", kind="output", name="output"),
    )
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in itertools.pairwise(nodes))
    return Project(
        networks=(Network(nodes=nodes, wires=wires),),
        data=describe(builtin.spec_of(data)),
        training=TrainingSpec(
            **{
                "epochs": 3,
                "seed": 5,
                "deterministic": True,
                "loss": "pinball" if band else None,
                **training,
            }
        ),
    )


def losses(happened):
    return {
        int(step): float(loss).hex()
        for one in happened
        if isinstance(one, events.StepsDone)
        for step, loss in zip(one.steps, one.losses, strict=True)
    }


def test_the_pinball_loss_is_that_of_scikit_learn():
    generator = np.random.default_rng(0)
    target, outputs = generator.normal(size=(20, 4, 2)), generator.normal(size=(20, 3, 4, 2))
    loss = Pinball(low=0.2, high=0.7).build()
    referee = np.mean(
        [
            mean_pinball_loss(target.ravel(), outputs[:, i].ravel(), alpha=level)
            for i, level in enumerate((0.2, 0.5, 0.7))
        ]
    )
    found = float(loss(torch.tensor(outputs), torch.tensor(target)))
    assert found == pytest.approx(referee, rel=1e-6)


def test_the_figures_are_those_of_scikit_learn_and_scaled_by_the_naive_error():
    generator = np.random.default_rng(1)
    target, outputs = generator.normal(size=(30, 5, 2)), generator.normal(size=(30, 5, 2))
    naive = np.array([2.0, 4.0])
    found = forecast_metrics(outputs, target, naive)
    assert found["mae"] == pytest.approx(mean_absolute_error(target.ravel(), outputs.ravel()))
    assert found["rmse"] == pytest.approx(root_mean_squared_error(target.ravel(), outputs.ravel()))
    error = np.abs(outputs - target).mean((0, 1))
    assert found["mase"] == pytest.approx((error / naive).mean())
    banded = np.stack([outputs - 1, outputs, outputs + 1], axis=1)
    assert forecast_metrics(banded, target, naive) == found


def test_a_series_is_forecast_and_a_table_is_not():
    series, table = (
        describe(builtin.spec_of("waves")).snapshot,
        describe(builtin.spec_of("diabetes")).snapshot,
    )
    assert infer(TrainingSpec(), series).kind == "forecasting"
    assert infer(TrainingSpec(), table).kind == "regression"
    assert "Data screen" in find("forecasting").fits(table)
    assert "choose Forecasting" in find("regression").fits(series)


@pytest.mark.parametrize("data", ["sunspots", "waves"])
def test_the_smallest_network_forecasts_without_a_problem(data):
    report = check_project(blank_project(describe(builtin.spec_of(data))))
    assert [p.what for p in report.problems if p.severity == "error"] == []
    assert report.settings["recipe"].value == "forecasting"


def test_a_band_asks_for_three_forecasts_side_by_side():
    drawn = project("waves", band=True)
    expected: Expectation = find("forecasting").expectations(drawn, drawn.data.snapshot)["network"]
    assert expected.outputs[0].shape == (3, 7, 3) and expected.variables["levels"] == 3
    assert not [p for p in check_project(drawn).problems if p.severity == "error"]
    flat = drawn.model_copy(update={"training": TrainingSpec()})
    assert [p for p in check_project(flat).problems if p.severity == "error"]


@pytest.mark.parametrize("band", [False, True])
def test_losses_after_a_resume_are_bit_identical(tmp_path, band, monkeypatch):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)
    drawn = project(band=band)
    whole = list(train(build_job(drawn)))
    control = Switches()
    job = build_job(drawn, folder=tmp_path, control=control)
    real = job.learner.step

    def stopping(inputs, target):
        if job.progress.step + 1 == 8:
            control.stop()
        return real(inputs, target)

    job.learner.step = stopping
    first = list(train(job))
    assert isinstance(first[-1], events.Stopped)
    second = list(train(build_job(drawn, folder=tmp_path)))
    assert losses(first) | losses(second) == losses(whole)
    assert len(losses(whole)) > 20
    ended = [e for e in whole if isinstance(e, events.EpochEnded)]
    assert {"mae", "rmse", "mase", "loss"} <= set(ended[-1].validation)


def test_a_band_learns_to_hold_most_of_what_comes(tmp_path):
    drawn = project("waves", band=True, epochs=6)
    job = build_job(drawn)
    list(train(job))
    job.learner.networks["network"].eval()
    with torch.no_grad():
        outputs = job.learner.outputs(job.train.inputs)
    low, high = outputs[:, 0], outputs[:, 2]
    inside = ((low <= job.train.target) & (job.train.target <= high)).float().mean()
    assert 0.5 < float(inside) <= 1.0
