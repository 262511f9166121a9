"""A resumed run goes on bit for bit as if it had never stopped (FAULTS 17, 18, 20)."""

import numpy as np
import pytest
import torch

from builder.data.batches import Tensors
from builder.spec.training import EarlyStopping, OptimizerSpec, ScheduleSpec
from builder.train import events, saving
from builder.train.loop import train
from builder.train.progress import Progress

from .conftest import samples

SETTINGS = {
    "epochs": 6,
    "schedule": ScheduleSpec(kind="cosine", warmup_steps=3),
    "early_stopping": EarlyStopping(patience=40),
}


def hexes(happened):
    done = [event for event in happened if isinstance(event, events.StepsDone)]
    return {
        int(step): float(loss).hex()
        for e in done
        for step, loss in zip(e.steps, e.losses, strict=True)
    }


def ends(happened):
    return {
        e.epoch: (dict(e.validation), e.best, e.train["loss"])
        for e in happened
        if isinstance(e, events.EpochEnded)
    }


@pytest.fixture
def stop_at(make_job):
    """Runs a fresh job in `folder`, stopped by its control right after `step`."""

    def stop(folder, step, **settings):
        job = make_job(folder, **settings)
        real = job.learner.step

        def stopping(inputs, target):
            if job.progress.step + 1 == step:
                job.control.stop()
            return real(inputs, target)

        job.learner.step = stopping
        return job

    return stop


@pytest.fixture(autouse=True)
def attend_every_step(monkeypatch):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)


@pytest.mark.parametrize("kind", ["adamw", "sgd", "lbfgs"])
@pytest.mark.parametrize("step", [1, 7, 10, 14, 41])
def test_losses_after_a_resume_are_bit_identical(make_job, stop_at, tmp_path, step, kind):
    settings = {**SETTINGS, "optimizer": OptimizerSpec(kind=kind)}
    whole = list(train(make_job(**settings)))
    first = list(train(stop_at(tmp_path, step, **settings)))
    assert isinstance(first[-1], events.Stopped)
    assert first[-1].step == step
    second = list(train(make_job(tmp_path, **settings)))
    assert hexes(first) | hexes(second) == hexes(whole)
    assert ends(first) | ends(second) == ends(whole)
    assert second[0].resumed


def test_three_resumes_in_one_run_change_nothing(make_job, stop_at, tmp_path):
    whole = list(train(make_job(**SETTINGS)))
    happened = []
    for step in (5, 19, 33):
        happened += list(train(stop_at(tmp_path, step, **SETTINGS)))
    happened += list(train(make_job(tmp_path, **SETTINGS)))
    assert hexes(happened) == hexes(whole)
    assert ends(happened) == ends(whole)
    assert isinstance(happened[-1], events.Finished)


def forget(name):
    """A restore that leaves one thing as it was."""
    real = saving.restore

    def without_model(job, checkpoint):
        keep = saving.copied_weights(job)
        real(job, checkpoint)
        for network, module in job.networks.items():
            state = {k.partition("/")[2]: v for k, v in keep.items() if k.startswith(network)}
            module.load_state_dict(state)

    def without_optimizer(job, checkpoint):
        keep = {role: o.state_dict() for role, o in job.learner.optimizers.items()}
        real(job, checkpoint)
        for role, optimizer in job.learner.optimizers.items():
            optimizer.load_state_dict(keep[role])

    def without_random(job, checkpoint):
        keep = torch.get_rng_state()
        real(job, checkpoint)
        torch.set_rng_state(keep)

    def without_step(job, checkpoint):
        real(job, checkpoint)
        job.progress.step_in_epoch = 0

    def without_epoch(job, checkpoint):
        real(job, checkpoint)
        job.progress.epoch = 0

    def without_schedule(job, checkpoint):
        real(job, checkpoint)
        job.progress.step = 0

    def without_best(job, checkpoint):
        real(job, checkpoint)
        job.progress.best_value = None

    def without_patience(job, checkpoint):
        real(job, checkpoint)
        job.progress.epochs_without_gain = 99

    def without_sum(job, checkpoint):
        real(job, checkpoint)
        job.progress.loss_sum = 0.0

    def nothing(job, checkpoint):
        real(job, checkpoint)

    return locals()[name]


@pytest.mark.parametrize(
    "dropped",
    [
        "without_model",
        "without_optimizer",
        "without_random",
        "without_step",
        "without_epoch",
        "without_schedule",
        "without_best",
        "without_patience",
        "without_sum",
    ],
)
def test_dropping_any_saved_item_is_seen(make_job, stop_at, tmp_path, monkeypatch, dropped):
    data = samples()
    wrong = Tensors(data.inputs, (data.target + 1) % 3)  # validation is best at the first epoch
    settings = {**SETTINGS, "metric": "loss", "train": wrong}
    whole = list(train(make_job(**settings)))
    first = list(train(stop_at(tmp_path, 17, **settings)))
    monkeypatch.setattr(saving, "restore", forget(dropped))
    second = list(train(make_job(tmp_path, **settings)))
    same = (
        hexes(first) | hexes(second) == hexes(whole)
        and ends(first) | ends(second) == ends(whole)
        and len(second) >= 3
    )
    assert not same, f"{dropped} went unnoticed"


def test_the_meta_test_passes_when_nothing_is_dropped(make_job, stop_at, tmp_path, monkeypatch):
    whole = list(train(make_job(**SETTINGS)))
    first = list(train(stop_at(tmp_path, 17, **SETTINGS)))
    monkeypatch.setattr(saving, "restore", forget("nothing"))
    second = list(train(make_job(tmp_path, **SETTINGS)))
    assert hexes(first) | hexes(second) == hexes(whole)
    assert ends(first) | ends(second) == ends(whole)


def test_a_finished_run_stays_finished(make_job, tmp_path):
    list(train(make_job(tmp_path)))
    again = list(train(make_job(tmp_path)))
    assert isinstance(again[-1], events.Finished)
    assert not any(isinstance(event, events.StepsDone) for event in again)


def test_progress_survives_json():
    progress = Progress(epoch=3, step=40, best_metrics={"loss": 0.1 + 0.2, "auroc": None})
    assert Progress.restored({**progress.state(), "of_a_later_version": 1}) == progress


def test_resuming_from_a_damaged_newest_checkpoint_replays_the_older_one(
    make_job, stop_at, tmp_path
):
    whole = list(train(make_job(**SETTINGS)))
    first = list(train(stop_at(tmp_path, 10, **SETTINGS)))
    list(train(stop_at(tmp_path, 20, **SETTINGS)))
    newest = sorted(tmp_path.glob("last-*"))[-1] / "model.safetensors"
    damaged = bytearray(newest.read_bytes())
    damaged[-3] ^= 1
    newest.write_bytes(bytes(damaged))
    job = make_job(tmp_path, **SETTINGS)
    assert job.progress.step < 20
    third = list(train(job))
    losses = hexes(first) | hexes(third)
    assert all(losses[step] == loss for step, loss in hexes(whole).items() if step in losses)
    assert max(losses) == 42
    assert np.isfinite([float.fromhex(value) for value in losses.values()]).all()
