"""The loop announces what a hand-written loop does, and ends as it should."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from builder.data.batches import Tensors, order
from builder.spec.training import EarlyStopping, OptimizerSpec, ScheduleSpec
from builder.train import events
from builder.train.control import Switches
from builder.train.loop import train

from .conftest import network, samples


def losses_of(happened):
    done = [event for event in happened if isinstance(event, events.StepsDone)]
    return np.concatenate([event.losses for event in done])


def test_losses_are_those_of_a_hand_written_loop(make_job):
    ours = losses_of(train(make_job(optimizer=OptimizerSpec(weight_decay=0.0))))
    model, data = network(), samples()
    torch.manual_seed(3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0, fused=True)
    theirs = []
    for epoch in range(6):
        model.train()
        places = order(3, epoch, 100)
        for start in range(0, 100, 16):
            chosen = places[start : start + 16]
            loss = F.cross_entropy(model(data.inputs["numbers"][chosen]), data.target[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            theirs.append(loss.item())
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_steps_are_numbered_without_gap_and_epochs_are_announced(make_job):
    job = make_job()
    happened = list(train(job))
    steps = np.concatenate([e.steps for e in happened if isinstance(e, events.StepsDone)])
    epochs = [e.epoch for e in happened if isinstance(e, events.EpochEnded)]
    assert steps.tolist() == list(range(1, 6 * 7 + 1))
    assert epochs == [1, 2, 3, 4, 5, 6]
    assert isinstance(happened[0], events.RunStarted)
    assert happened[0].steps == 42
    assert isinstance(happened[-1], events.Finished)


def test_the_loss_of_an_epoch_is_the_mean_of_its_steps(make_job):
    happened = list(train(make_job()))
    losses = losses_of(happened)
    ends = [e for e in happened if isinstance(e, events.EpochEnded)]
    means = [losses[start : start + 7].mean() for start in range(0, 42, 7)]
    np.testing.assert_allclose([end.train["loss"] for end in ends], means)


def test_validation_is_measured_in_evaluation_mode(make_job):
    job = make_job()
    last = [e for e in train(job) if isinstance(e, events.EpochEnded)][-1]
    model = job.networks["network"].eval()
    with torch.no_grad():
        logits = model(job.validation.inputs["numbers"])
    assert last.validation["loss"] == pytest.approx(
        F.cross_entropy(logits, job.validation.target).item()
    )
    assert last.validation["accuracy"] == pytest.approx(
        (logits.argmax(1) == job.validation.target).double().mean().item()
    )


def test_a_loss_that_is_no_number_fails_with_its_step_and_keeps_the_best(make_job, tmp_path):
    model = network()
    data = samples()
    place = int(order(3, 2, 100)[16])  # in the second batch of the third epoch
    job = make_job(tmp_path, model=model, train=data)
    stream = train(job)
    happened = []
    for event in stream:
        happened.append(event)
        if isinstance(event, events.EpochEnded) and event.epoch == 2:
            data.inputs["numbers"][place, 0] = math.nan
    failed = happened[-1]
    assert isinstance(failed, events.Failed)
    assert "step 16" in failed.reason
    assert "learning rate" in failed.reason
    best = job.checkpoints.best()
    assert all(torch.isfinite(t).all() for t in best.tensors["model"].values())
    assert best.state["epoch"] <= 2
    newest = job.checkpoints.newest()
    assert all(torch.isfinite(t).all() for t in newest.tensors["model"].values())


def test_stop_ends_after_a_step_with_a_checkpoint(make_job, tmp_path):
    job = make_job(tmp_path, epochs=100_000)
    happened = []
    for event in train(job):
        happened.append(event)
        if isinstance(event, events.EpochEnded) and event.epoch == 3:
            job.control.stop()
    assert isinstance(happened[-1], events.Stopped)
    newest = job.checkpoints.newest()
    assert newest.state["step"] == happened[-1].step < 700_000


def test_pause_writes_a_checkpoint_and_waits_for_the_control(make_job, tmp_path):
    class Paused(Switches):
        waits = 0

        def wait(self):
            self.waits += 1
            assert job.checkpoints.newest().state["step"] == job.progress.step
            self.go_on()

    job = make_job(tmp_path, epochs=100_000)
    job.control = Paused()
    kinds = []
    for event in train(job):
        kinds.append(type(event))
        if kinds.count(events.EpochEnded) == 2 and events.Paused not in kinds:
            job.control.pause()
        if isinstance(event, events.Resumed):
            job.control.stop()
    assert job.control.waits == 1
    assert kinds.index(events.Paused) < kinds.index(events.Resumed)
    assert kinds[-1] is events.Stopped


def test_early_stopping_ends_after_patience_epochs_without_gain(make_job):
    job = make_job(
        epochs=500,
        early_stopping=EarlyStopping(patience=3),
        optimizer=OptimizerSpec(kind="sgd", learning_rate=1e-12),
        metric="loss",
        model=nn.Sequential(nn.Linear(6, 3)),
    )
    job.progress.best_value = 0.0
    happened = list(train(job))
    assert isinstance(happened[-1], events.Finished)
    assert happened[-1].reason.startswith("Finished early")
    assert job.progress.epoch == 3


def test_the_step_limit_ends_mid_epoch_and_still_measures(make_job):
    job = make_job(max_steps=10)
    happened = list(train(job))
    assert happened[-1].step == 10
    assert happened[-2].step == 10 or isinstance(happened[-1], events.Finished)
    assert [e.step for e in happened if isinstance(e, events.EpochEnded)] == [7, 10]


def test_the_schedule_moves_the_rate_of_every_step(make_job):
    job = make_job(schedule=ScheduleSpec(kind="cosine", warmup_steps=4))
    rates = np.concatenate(
        [e.learning_rates for e in train(job) if isinstance(e, events.StepsDone)]
    )
    assert rates[:4] == pytest.approx([0.0002, 0.0004, 0.0006, 0.0008])
    assert rates[4] == pytest.approx(1e-3)
    assert (np.diff(rates[4:]) < 0).all()


def test_the_best_weights_on_disk_are_those_of_the_best_epoch(make_job, tmp_path):
    job = make_job(tmp_path, epochs=12)
    ends = [e for e in train(job) if isinstance(e, events.EpochEnded)]
    best = max(ends, key=lambda e: (e.validation["accuracy"], -e.validation["loss"]))
    stored = job.checkpoints.best()
    assert stored.state["epoch"] == best.epoch
    fresh = network()
    fresh.load_state_dict(
        {name.removeprefix("network/"): t for name, t in stored.tensors["model"].items()}
    )
    fresh.eval()
    with torch.no_grad():
        answers = fresh(job.validation.inputs["numbers"]).argmax(1)
    share = (answers == job.validation.target).double().mean().item()
    assert share == pytest.approx(best.validation["accuracy"])


def test_a_single_last_sample_does_not_break_batch_norm(make_job):
    data = samples(33)
    happened = list(train(make_job(train=data)))
    assert isinstance(happened[-1], events.Finished)
    assert happened[0].steps_per_epoch == 2


def test_a_job_without_validation_measures_training(make_job):
    job = make_job()
    job.validation = None
    last = [e for e in train(job) if isinstance(e, events.EpochEnded)][-1]
    assert last.validation["accuracy"] == pytest.approx(last.train["accuracy"])


def test_a_field_order_of_one_epoch_is_a_permutation():
    data = Tensors({"numbers": torch.arange(10.0)[:, None]}, torch.arange(10))
    from builder.train.feed import feed

    seen = torch.cat([target for _, target in feed(data, 4, seed=0, epoch=0)])
    assert sorted(seen.tolist()) == list(range(10))
