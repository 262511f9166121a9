"""Watching changes nothing: the same losses with all probes on and off, bit for bit."""

import itertools
import math

import numpy as np
import pytest
import torch

from builder.data.describe import describe
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from builder.train import events
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.probes import bounded

LAYERS = (
    ("conv1", "conv2d", {"out_channels": 6, "kernel_size": 3}),
    ("norm1", "batch_norm2d", {}),
    ("relu1", "relu", {}),
    ("drop1", "dropout", {"p": 0.3}),
    ("flat1", "flatten", {}),
    ("linear1", "linear", {"out_features": Expr(expr="classes")}),
)


def digits_project(layers=LAYERS, *, limit=400, **training):
    nodes = (
        Node(id="input", kind="input", name="input"),
        *(Node(id=i, kind=kind, name=i, knobs=knobs) for i, kind, knobs in layers),
        Node(id="output", kind="output", name="output"),
    )
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in itertools.pairwise(nodes))
    data = describe(DataSpec(source=BuiltinSource(name="digits"), limit=limit))
    spec = TrainingSpec(**{"epochs": 3, "batch_size": 32, "deterministic": True, **training})
    return Project(networks=(Network(nodes=nodes, wires=wires),), data=data, training=spec)


@pytest.fixture
def always_watching(monkeypatch):
    for name in ("ATTEND_SECONDS", "WATCH_SECONDS"):
        monkeypatch.setattr(f"builder.train.loop.{name}", 0.0)
    monkeypatch.setattr("builder.train.loop.WATCH_SHARE", math.inf)


def losses(happened):
    return [
        float(loss).hex()
        for event in happened
        if isinstance(event, events.StepsDone)
        for loss in event.losses
    ]


def test_losses_with_every_probe_on_and_off_are_bit_identical(always_watching):
    project = digits_project()
    watched = list(train(build_job(project)))
    alone = list(train(build_job(project, watch=False)))
    assert sum(isinstance(e, events.LayersMeasured) for e in watched) > 10
    assert sum(isinstance(e, events.ViewsTaken) for e in watched) > 10
    assert losses(watched) == losses(alone)
    ends = [
        [dict(e.validation) for e in run if isinstance(e, events.EpochEnded)]
        for run in (watched, alone)
    ]
    assert ends[0] == ends[1]


def test_numbers_of_a_layer_are_those_computed_by_hand(always_watching):
    job = build_job(digits_project(epochs=1))
    network = job.networks["network"]
    before, measured = None, None
    real = job.learner.step

    def remembering(inputs, target):
        nonlocal before
        before = {name: p.detach().clone() for name, p in network.named_parameters()}
        return real(inputs, target)

    job.learner.step = remembering
    for event in train(job):
        if isinstance(event, events.LayersMeasured):
            measured = event
            break
    layer = next(layer for layer in measured.layers if layer.node == "linear1")
    parts = [p for name, p in network.named_parameters() if name.startswith("linear1.")]
    old = [p for name, p in before.items() if name.startswith("linear1.")]
    gradient = torch.cat([p.grad.flatten() for p in parts]).norm().item()
    weights = torch.cat([p.detach().flatten() for p in parts])
    moved = (weights - torch.cat([p.flatten() for p in old])).norm().item()
    assert layer.gradient_norm == pytest.approx(gradient, rel=1e-5)
    assert layer.weight_norm == pytest.approx(weights.norm().item(), rel=1e-5)
    assert layer.update_ratio == pytest.approx(moved / weights.norm().item(), rel=1e-4)
    relu = next(layer for layer in measured.layers if layer.node == "relu1")
    assert math.isnan(relu.gradient_norm)
    assert relu.activation_mean > 0


def test_views_are_the_outputs_of_the_trained_network(always_watching):
    job = build_job(digits_project(epochs=1))
    job.control.show(5)
    views = None
    for event in train(job):
        if isinstance(event, events.ViewsTaken):
            views = event
            break
    network = job.networks["network"].eval()
    with torch.no_grad():
        answer = network(job.validation.inputs["image"][5:6])[0]
    assert views.sample == 5
    assert views.shapes["conv1"] == (6, 8, 8)
    np.testing.assert_allclose(views.outputs["linear1"], answer.numpy(), rtol=2e-3, atol=2e-3)
    with torch.no_grad():
        few = network(job.validation.inputs["image"][:8])
    (kept,) = views.answers.values()
    np.testing.assert_allclose(kept, few.numpy(), rtol=1e-4, atol=1e-4)


def test_a_dead_unit_is_counted():
    project = digits_project()
    job = build_job(project)
    with torch.no_grad():
        bias = dict(job.networks["network"].named_parameters())["norm1.bias"]
        bias[:3] = -1e6
    job.watch.before_step()
    numbers = job.watch.after_step(0, 0.0)
    relu = next(layer for layer in numbers.layers if layer.node == "relu1")
    assert relu.dead_share == 0.5


def test_large_outputs_are_bounded():
    assert bounded(torch.randn(100, 200, 30)).shape == (64, 64, 30)
    assert bounded(torch.randn(99999)).shape == (4096,)
    assert np.isfinite(bounded(torch.full((3,), 1e30))).all()
