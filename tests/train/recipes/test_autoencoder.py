"""The autoencoder learns its own input, says what does not fit, and goes on bit for bit after a stop."""

import numpy as np
import pytest

from builder.errors import TrainError
from builder.readiness.check import check_project
from builder.spec.edits import apply_all
from builder.spec.network import Wire
from builder.train import events
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.recipes.catalogue import find, infer
from builder.train.trained import load_trained
from tests.train.drawn import autoencoder, with_code_output


def errors(project):
    return [p for p in check_project(project).problems if p.severity == "error"]


def losses(happened):
    done = [event for event in happened if isinstance(event, events.StepsDone)]
    return {
        int(step): float(loss).hex()
        for e in done
        for step, loss in zip(e.steps, e.losses, strict=True)
    }


def last_epoch(happened):
    return [e for e in happened if isinstance(e, events.EpochEnded)][-1]


def test_a_drawn_autoencoder_has_no_problems():
    assert check_project(autoencoder()).problems == ()


def test_labelled_data_stay_a_classification_until_somebody_chooses():
    project = autoencoder()
    schema = project.data.snapshot
    assert infer(project.training.model_copy(update={"recipe": None}), schema).kind == (
        "classification"
    )
    assert infer(project.training, schema).kind == "autoencoder"


def test_it_learns_to_give_its_input_back():
    happened = list(train(build_job(autoencoder(epochs=12))))
    measured = last_epoch(happened).validation
    assert measured["mse"] < 0.025  # always answering the mean picture: about 0.07
    assert measured["loss"] == pytest.approx(measured["mse"])


def test_a_wrong_shape_is_told_at_the_layer_with_a_fix_that_mends_it():
    project = autoencoder()
    network = project.networks[0]
    kept = tuple(n for n in network.nodes if n.id not in ("linear4", "unflatten1"))
    inside = {node.id for node in kept}
    old = tuple(w for w in network.wires if {w.source, w.target} <= inside)
    wires = (*old, Wire(source="relu2", target="output"))
    broken = project.model_copy(
        update={"networks": (network.model_copy(update={"nodes": kept, "wires": wires}),)}
    )
    (problem,) = errors(broken)
    assert problem.node == "linear3"
    assert "gives its own input back" in problem.what
    assert any(not errors(apply_all(fix.edits, broken)) for fix in problem.fixes)


def test_noise_is_learned_away():
    settings = {"noise": 0.3, "hidden": 0.1}
    job = build_job(autoencoder(code=24, epochs=12, recipe_settings=settings))
    measured = last_epoch(list(train(job))).validation
    assert measured["denoised_mse"] < 0.05
    assert measured["loss"] == pytest.approx(measured["denoised_mse"])
    assert measured["mse"] < measured["denoised_mse"]


def test_noise_while_measuring_is_the_same_every_time():
    job = build_job(autoencoder(recipe_settings={"noise": 0.5}))
    split = job.measured()
    first, second = (job.learner.measure(split.inputs, split.target, chunk=100) for _ in range(2))
    assert first == second


def test_sparsity_needs_a_layer_that_is_called_the_code():
    (problem,) = errors(autoencoder(recipe_settings={"sparsity": 0.1}))
    assert "code" in problem.what
    assert not errors(with_code_output(autoencoder(recipe_settings={"sparsity": 0.1})))
    assert not errors(with_code_output(autoencoder()))


def test_sparsity_makes_codes_smaller_and_its_price_is_shown_apart():
    def code_size(sparsity):
        project = with_code_output(autoencoder(recipe_settings={"sparsity": sparsity}))
        job = build_job(project)
        happened = list(train(job))
        values = job.measured().inputs["image"]
        made = job.learner._made(values)["code"].detach()
        return float(made.abs().mean()), happened

    plain, _ = code_size(0.0)
    sparse, happened = code_size(0.05)
    assert sparse < 0.5 * plain
    parts = next(e for e in happened if isinstance(e, events.StepsDone)).more_losses
    assert set(parts) == {"reconstruction", "sparsity"}


@pytest.mark.parametrize("stop", [1, 17, 40])
def test_a_stopped_run_goes_on_bit_for_bit(tmp_path, monkeypatch, stop):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)
    project = autoencoder(epochs=2, recipe_settings={"noise": 0.3, "hidden": 0.2})
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


def test_looking_changes_no_loss(tmp_path, monkeypatch):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)
    monkeypatch.setattr("builder.train.loop.WATCH_SECONDS", 0.0)
    monkeypatch.setattr("builder.train.loop.WATCH_SHARE", 1e9)
    project = autoencoder(epochs=1, recipe_settings={"noise": 0.3})
    seen = list(train(build_job(project)))
    shown = [e for e in seen if isinstance(e, events.SamplesShown)]
    assert len(shown) > 3
    assert set(shown[0].rows) == {"input", "noisy", "reconstruction"}
    assert shown[0].rows["input"].shape == (8, 8, 8, 1)
    assert np.array_equal(shown[0].rows["noisy"], shown[-1].rows["noisy"])
    assert losses(seen) == losses(train(build_job(project, watch=False)))


def test_a_trained_run_answers_with_reconstructions(tmp_path):
    project = with_code_output(autoencoder(epochs=1))
    list(train(build_job(project, folder=tmp_path)))
    (tmp_path / "project.loom.json").write_text(project.model_dump_json())
    trained = load_trained(tmp_path)
    raw = {"image": np.zeros((3, 8, 8, 1), np.uint8)}
    assert trained.predict(raw).shape == (3, 1, 8, 8)


def test_it_makes_no_new_samples(tmp_path):
    from builder.train.recipes.options import Draw

    recipe = find("autoencoder")
    with pytest.raises(TrainError, match="no new samples"):
        recipe.generate({}, Draw(1), recipe.Options(), autoencoder().data.snapshot)


def test_one_class_alone_can_be_learned():
    project = autoencoder()
    schema = project.data.snapshot.model_copy(update={"class_counts": (1797, *[0] * 9)})
    one = project.model_copy(update={"data": project.data.model_copy(update={"snapshot": schema})})
    assert not [p for p in check_project(one).problems if p.code == "one_class"]
    labelled = one.model_copy(
        update={"training": one.training.model_copy(update={"recipe": "classification"})}
    )
    assert [p for p in check_project(labelled).problems if p.code == "one_class"]
