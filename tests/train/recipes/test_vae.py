"""The variational autoencoder: two networks, one loss in two parts, new samples from a seed, exact resume."""

import numpy as np
import pytest
import torch

from builder.readiness.check import check_project
from builder.train import events
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.recipes.options import Draw
from builder.train.trained import load_trained
from tests.train.drawn import vae


def errors(project):
    return [p for p in check_project(project).problems if p.severity == "error"]


def losses(happened):
    done = [event for event in happened if isinstance(event, events.StepsDone)]
    return {
        int(step): (float(loss).hex(), float(kl).hex())
        for e in done
        for step, loss, kl in zip(e.steps, e.losses, e.more_losses["kl"], strict=True)
    }


def last_epoch(happened):
    return [e for e in happened if isinstance(e, events.EpochEnded)][-1].validation


@pytest.fixture(scope="module")
def learned():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builder.train.device.cores", lambda: 1)
        job = build_job(vae(epochs=10))
        return job, list(train(job))


def test_a_drawn_vae_has_no_problems():
    assert not errors(vae())


def test_a_decoder_of_another_shape_is_told_at_the_layer():
    project = vae()
    decoder = project.networks[1]
    nodes = tuple(
        n.model_copy(update={"knobs": {"out_features": 60}}) if n.id == "linear2" else n
        for n in decoder.nodes
    )
    broken = project.model_copy(
        update={"networks": (project.networks[0], decoder.model_copy(update={"nodes": nodes}))}
    )
    assert {p.network for p in errors(broken)} == {"decoder"}


def test_an_encoder_without_a_log_variance_is_told():
    project = vae()
    encoder = project.networks[0]
    cut = encoder.model_copy(
        update={
            "nodes": tuple(n for n in encoder.nodes if n.id != "out2"),
            "wires": tuple(w for w in encoder.wires if w.target != "out2"),
        }
    )
    (problem,) = errors(project.model_copy(update={"networks": (cut, project.networks[1])}))
    assert "log_variance" in problem.what


def test_both_parts_are_announced_and_add_up(learned):
    _, happened = learned
    for event in happened:
        if isinstance(event, events.StepsDone):
            parts = event.more_losses
            whole = parts["reconstruction"] + 0.05 * parts["kl"]
            assert np.allclose(event.losses, whole, rtol=1e-5)


def test_it_learns_and_its_codes_stay_near_normal(learned):
    _, happened = learned
    measured = last_epoch(happened)
    assert measured["mse"] < 0.05
    assert 1 < measured["kl"] < 20


def test_the_kl_is_that_of_torch(learned):
    job, _ = learned
    generator = torch.Generator().manual_seed(0)
    mean, log_variance = torch.randn(2, 50, 4, generator=generator)
    made = {"mean": mean, "log_variance": log_variance}
    truth = {"image": torch.zeros(50, 1, 8, 8)}
    _, kl = job.learner._parts(made, truth["image"], truth)
    given = torch.distributions.Normal(mean, torch.exp(0.5 * log_variance))
    theirs = torch.distributions.kl_divergence(given, torch.distributions.Normal(0.0, 1.0))
    assert float(kl) == pytest.approx(float(theirs.sum(1).mean()), rel=1e-5)


def test_beta_rises_over_the_warm_up():
    job = build_job(vae(epochs=1, recipe_settings={"beta": 0.5, "kl_warm_up": 10}), watch=False)
    happened = list(train(job))
    shares = [
        (float(loss) - float(one)) / float(kl)
        for e in happened
        if isinstance(e, events.StepsDone)
        for loss, one, kl in zip(
            e.losses, e.more_losses["reconstruction"], e.more_losses["kl"], strict=True
        )
    ]
    assert shares[0] == pytest.approx(0.0, abs=1e-4)
    assert shares[5] == pytest.approx(0.25, abs=0.05)
    assert shares[-1] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("stop", [3, 29])
def test_a_stopped_run_goes_on_bit_for_bit(tmp_path, monkeypatch, stop):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)
    project = vae(epochs=1, recipe_settings={"kl_warm_up": 20})
    whole = losses(train(build_job(project, folder=tmp_path / "whole")))
    job = build_job(project, folder=tmp_path / "halves")
    real = job.learner.step

    def stopping(inputs, target):
        if job.progress.step + 1 == stop:
            job.control.stop()
        return real(inputs, target)

    job.learner.step = stopping
    halves = losses(train(job))
    assert 0 < len(halves) < len(whole)
    halves |= losses(train(build_job(project, folder=tmp_path / "halves")))
    assert halves == whole


def test_a_forgotten_step_count_would_be_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)
    project = vae(epochs=1, recipe_settings={"kl_warm_up": 20})
    whole = losses(train(build_job(project, folder=tmp_path / "whole")))
    job = build_job(project, folder=tmp_path / "halves")
    real = job.learner.step

    def stopping(inputs, target):
        if job.progress.step + 1 == 5:
            job.control.stop()
        return real(inputs, target)

    job.learner.step = stopping
    halves = losses(train(job))
    again = build_job(project, folder=tmp_path / "halves")
    again.learner._steps = 0
    assert halves | losses(train(again)) != whole


def test_layers_of_both_networks_and_new_samples_are_seen(learned):
    _, happened = learned
    layers = next(e for e in happened if isinstance(e, events.LayersMeasured)).layers
    assert {layer.network for layer in layers} == {"encoder", "decoder"}
    shown = [e for e in happened if isinstance(e, events.SamplesShown)][-1].rows
    assert shown["generated"].shape == (32, 8, 8, 1)
    assert shown["input"].shape == shown["reconstruction"].shape == (8, 8, 8, 1)


def test_the_same_seed_gives_the_same_samples(tmp_path):
    project = vae(epochs=1)
    list(train(build_job(project, folder=tmp_path)))
    (tmp_path / "project.loom.json").write_text(project.model_dump_json())
    trained = load_trained(tmp_path)
    before = torch.default_generator.get_state()
    first, again = trained.generate(Draw(5, 3)), trained.generate(Draw(5, 3))
    assert torch.equal(first, again)
    assert not torch.equal(first, trained.generate(Draw(5, 4)))
    assert torch.equal(before, torch.default_generator.get_state())
    assert first.shape == (5, 1, 8, 8)
