"""The training loop: takes steps and announces what happened; it never prints, sleeps or draws."""

import math
import time
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from builder.data.batches import Tensors
from builder.errors import StorageError
from builder.train import events, saving
from builder.train.feed import feed, first_samples, measured_at_once
from builder.train.job import Job
from builder.train.learner import Inputs
from builder.train.schedules import Constant, share_at

ATTEND_SECONDS = 0.05
"""Stop and pause are looked for, and steps counted, this often."""
FLUSH_SECONDS = 0.25
WATCH_SECONDS = 0.5
WATCH_SHARE = 0.01
"""Watching may take this share of the time."""
MEASURE_SHARE = 0.02
MEASURED_TRAINING_SAMPLES = (128, 1024)
MEASURED_TRAINING_SHARE = 0.06
"""Of the samples trained on so far: a forward pass costs a third of a step, so this is 2 % of the time."""
MID_EPOCH_SAVE_SECONDS = 120.0


def train(job: Job) -> Iterator[events.Event]:
    """Runs the job to its end; the last event is Finished, Stopped or Failed.

    Losses stay on the device and are fetched a few times a second. Consume the events as they come: the loop
    goes on only when the next one is asked for.
    """
    loop = _Loop(job)
    yield loop.started()
    try:
        yield from loop.epochs()
    except StorageError as error:
        yield loop.ended(events.Failed, str(error))


class _Over(Exception):  # noqa: N818 - a way out of nested generators, not an error
    """Ends the run with this event class and reason."""

    def __init__(self, kind: type[events.Ended], reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class _Loop:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.progress = job.progress
        self.training = job.resolved.training
        self.steps = job.steps
        self.resumed = self.progress.step > 0
        self.best_weights: saving.Weights | None = None
        self.pending: list[Tensor] = []
        self.rates: list[float] = []
        self.fetched: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
        self.base_seconds = self.progress.seconds
        self.started_at = self.now = time.monotonic()
        self.first_step = self.progress.step
        self.flushed_at = self.now
        self.attend_due = self.flush_due = self.now  # the first point comes at once
        self.watch_due = self.views_due = self.show_due = self.now
        self.save_due = self.now
        self.saved_at = self.now
        self.measure_due = self.now
        self.saved_step = self.progress.step if self.resumed else -1

    # Announcing

    def started(self) -> events.RunStarted:
        job, progress = self.job, self.progress
        return events.RunStarted(
            step=progress.step,
            seconds=progress.seconds,
            epoch=progress.epoch,
            epochs=job.resolved.epochs,
            steps_per_epoch=job.steps_per_epoch,
            steps=self.steps,
            batch_size=job.resolved.batch_size,
            parameters=job.parameters(),
            device=job.device.words,
            resumed=self.resumed,
            choices=dict(progress.choices),
            notes=tuple(job.notes),
        )

    def ended(self, kind: type[events.Ended], reason: str) -> events.Ended:
        best: dict[str, float] = {
            name: math.nan if value is None else value
            for name, value in self.progress.best_metrics.items()
        }
        if best:
            best["epoch"] = self.progress.best_epoch
        return kind(step=self.progress.step, seconds=self.seconds(), reason=reason, best=best)

    def seconds(self) -> float:
        return self.base_seconds + time.monotonic() - self.started_at

    # Running

    def epochs(self) -> Iterator[events.Event]:
        try:
            if self.progress.over:
                raise _Over(events.Finished, self.progress.over)
            while True:
                self._refuse_when_over()
                yield from self.epoch()
        except _Over as over:
            yield from self.flush()
            if over.kind is events.Failed:
                yield from self.save_best()
            else:
                yield from self.last_views()
                yield from self.save()
            yield self.ended(over.kind, over.reason)

    def epoch(self) -> Iterator[events.Event]:
        job, progress, learner = self.job, self.progress, self.job.learner
        learner.train_mode()
        moves = not isinstance(job.resolved.schedule, Constant) or bool(
            self.training.schedule.warmup_steps
        )
        self.set_rates()
        batches = feed(
            job.train,
            job.resolved.batch_size,
            seed=self.training.seed,
            epoch=progress.epoch,
            skip=progress.step_in_epoch,
        )
        step, pending, clock = learner.step, self.pending, time.monotonic
        attend_at = self.attend_due
        watch_next = False
        for inputs, target in batches:
            if moves:
                self.set_rates()
                self.rates.append(self.rate)
            if watch_next:
                watch_next = False
                yield self.watched_step(inputs, target)
            else:
                pending.append(step(inputs, target))
            progress.step += 1
            progress.step_in_epoch += 1
            now = clock()
            if now >= attend_at:
                yield from self.attend(now)
                watch_next = job.watch is not None and now >= self.watch_due
                attend_at = self.attend_due = clock() + ATTEND_SECONDS
            if progress.step >= self.steps:
                break
        yield from self.end_epoch()

    def watched_step(self, inputs: Inputs, target: Tensor) -> events.LayersMeasured:
        watch = self.job.watch
        assert watch is not None
        before = time.monotonic()
        watch.before_step()
        cost = time.monotonic() - before
        self.pending.append(self.job.learner.step(inputs, target))
        after = time.monotonic()
        measured = watch.after_step(self.progress.step + 1, self.seconds())
        now = time.monotonic()
        cost += now - after
        self.watch_due = now + max(WATCH_SECONDS, cost / WATCH_SHARE)
        return measured

    def attend(self, now: float) -> Iterator[events.Event]:
        """What is due between two steps: flush, views, stop, pause, a save in a long epoch."""
        if now >= self.flush_due:
            yield from self.flush()
        wish = self.job.control.poll()
        if self.job.watch is not None and now >= self.views_due:
            before = time.monotonic()
            yield self.job.watch.views(self.progress.step, self.seconds(), wish.sample)
            cost = time.monotonic() - before
            self.views_due = before + cost + max(2 * WATCH_SECONDS, cost / WATCH_SHARE)
        if now >= self.show_due:
            yield from self.show()
        if wish.stop:
            raise _Over(events.Stopped, "Stopped on request.")
        if wish.pause:
            yield from self.pause()
        if now - self.saved_at > MID_EPOCH_SAVE_SECONDS and now >= self.save_due:
            yield from self.flush()
            yield from self.save()
        if self.training.max_minutes and self.seconds() > self.training.max_minutes * 60:
            yield from self.end_epoch()
            raise _Over(
                events.Finished,
                f"Finished: the limit of {self.training.max_minutes:g} min is reached.",
            )

    def last_views(self) -> Iterator[events.Event]:
        """What every layer gives at the end, so that a run that is over does not show its beginning."""
        if self.job.watch is not None:
            sample = self.job.control.poll().sample
            yield self.job.watch.views(self.progress.step, self.seconds(), sample)
        yield from self.show()

    def show(self) -> Iterator[events.SamplesShown]:
        """The samples the recipe has to show, where it has any."""
        if self.job.display is None:
            return
        before = time.monotonic()
        rows = self.job.display.rows()
        cost = time.monotonic() - before
        self.show_due = before + cost + max(2 * WATCH_SECONDS, cost / WATCH_SHARE)
        if rows:
            yield events.SamplesShown(self.progress.step, self.seconds(), rows)
        else:
            self.job.display = None

    def pause(self) -> Iterator[events.Event]:
        yield from self.flush()
        yield from self.save()
        yield events.Paused(self.progress.step, self.seconds())
        before = time.monotonic()
        self.job.control.wait()
        paused = time.monotonic() - before
        self.started_at += paused
        self.flushed_at += paused
        if self.job.control.poll().stop:
            raise _Over(events.Stopped, "Stopped on request, while paused.")
        yield events.Resumed(self.progress.step, self.seconds())

    def flush(self) -> Iterator[events.StepsDone]:
        """Announces the steps since the last flush; a loss that is no number ends the run."""
        try:
            self.fetch()
        finally:
            if self.fetched:
                now = time.monotonic()
                yield self.steps_done(now)
                self.flushed_at, self.flush_due = now, now + FLUSH_SECONDS

    def fetch(self) -> None:
        """Brings the losses of the last steps from the device; the only sync point."""
        if not self.pending:
            return
        rows = torch.stack(self.pending).double().cpu().numpy()
        self.pending.clear()
        rows = rows.reshape(len(rows), -1)
        count = len(rows)
        rates = np.array(self.rates) if self.rates else np.full(count, self.rate)
        self.rates.clear()
        self.fetched.append((rows, rates))
        for loss in rows[:, 0].tolist():
            self.progress.loss_sum += loss
        finite = np.isfinite(rows).all(1)
        if not finite.all():
            place = int(np.argmin(finite))
            step = self.progress.step - count + place + 1
            raise _Over(events.Failed, self.not_a_number(step, rates[place]))

    def steps_done(self, now: float) -> events.StepsDone:
        rows = np.concatenate([rows for rows, _ in self.fetched])
        rates = np.concatenate([rates for _, rates in self.fetched])
        self.fetched.clear()
        count, last = len(rows), self.progress.step
        names = self.job.learner.loss_names
        done = max(last - self.first_step, 1)
        return events.StepsDone(
            step=last,
            seconds=self.seconds(),
            epoch=self.progress.epoch,
            steps=np.arange(last - count + 1, last + 1),
            losses=rows[:, 0],
            learning_rates=rates,
            samples_per_second=count
            * self.job.resolved.batch_size
            / max(now - self.flushed_at, 1e-9),
            seconds_left=(now - self.started_at) / done * max(self.steps - last, 0),
            more_losses={name: rows[:, place] for place, name in enumerate(names) if place},
        )

    def not_a_number(self, step: int, rate: float) -> str:
        saved = self.job.checkpoints is not None and self.saved_step >= 0
        kept = f" The last good checkpoint is at step {self.saved_step}." if saved else ""
        return (
            f"The loss was not a number at step {step}, at learning rate {rate:g}. Lower the learning rate, "
            f"clip the gradient norm, or look for empty or huge values in the data.{kept}"
        )

    # Epoch ends

    def end_epoch(self) -> Iterator[events.Event]:
        self.fetch()
        if time.monotonic() >= self.flush_due:
            yield from self.flush()
        job, progress = self.job, self.progress
        steps = max(progress.step_in_epoch, 1)
        train = {"loss": progress.loss_sum / steps, **self.train_metrics()}
        measured = job.measured()
        validation = self.measure(measured)
        judge = job.resolved.keep_best_by
        stopping = job.resolved.early_stopping
        value = validation.get(judge.kind, math.nan)
        sound = math.isfinite(validation["loss"])
        best = sound and (
            judge.improves(value, progress.best_value)
            or (value == progress.best_value and validation["loss"] < self.best_loss())
        )
        least = stopping.minimum_gain if stopping else 0.0
        gained = best  # an equal figure at a lower loss is progress: figures of few samples move in steps
        if least:
            gained = sound and judge.improves(value, progress.best_value, minimum_gain=least)
        progress.epoch += 1
        progress.step_in_epoch, progress.loss_sum = 0, 0.0
        progress.epochs_without_gain = 0 if gained else progress.epochs_without_gain + 1
        if best:
            self.remember_best(value, validation)
        yield events.EpochEnded(
            step=progress.step,
            seconds=self.seconds(),
            epoch=progress.epoch,
            train=train,
            validation=validation,
            metric=job.resolved.metric.kind,
            best=best,
        )
        if (
            progress.epoch % self.training.checkpoint_every == 0
            and time.monotonic() >= self.save_due
        ):
            yield from self.save()

    def train_metrics(self) -> dict[str, float]:
        """The other metrics on some training samples, when that is cheap enough; always at the end."""
        now = time.monotonic()
        job = self.job
        if now < self.measure_due and self.progress.step < self.steps:
            return {}
        fewest, most = MEASURED_TRAINING_SAMPLES
        affordable = int(MEASURED_TRAINING_SHARE * self.progress.step * job.resolved.batch_size)
        some = first_samples(job.train, min(max(affordable, fewest), most))
        metrics = self.measure(some)
        cost = time.monotonic() - now
        self.measure_due = now + cost / MEASURE_SHARE
        metrics.pop("loss")
        return metrics

    def measure(self, samples: Tensors) -> dict[str, float]:
        assert samples.target is not None
        chunk = measured_at_once(samples)
        return self.job.learner.measure(samples.inputs, samples.target, chunk=chunk)

    def best_loss(self) -> float:
        """Validation loss of the best epoch: of two equal figures the surer one is better."""
        loss = self.progress.best_metrics.get("loss")
        return math.inf if loss is None else loss

    def remember_best(self, value: float, validation: dict[str, float]) -> None:
        progress = self.progress
        progress.best_value = value
        progress.best_metrics = {
            name: number if math.isfinite(number) else None for name, number in validation.items()
        }
        progress.best_epoch, progress.best_step = progress.epoch, progress.step
        progress.best_name = ""
        self.best_weights = saving.copied_weights(self.job)

    def save_best(self) -> Iterator[events.CheckpointSaved]:
        """Writes the best weights when they are new."""
        if self.best_weights is None or self.job.checkpoints is None:
            return
        progress = self.progress
        progress.best_name = saving.save_best(self.job, self.best_weights)
        self.best_weights = None
        yield self.saved(progress.best_name, "best", progress.best_epoch)

    def save(self) -> Iterator[events.Event]:
        """Writes the best weights when they are new, then the last state."""
        job, progress = self.job, self.progress
        if job.checkpoints is None:
            return
        yield from self.flush()  # what a resume goes on behind must have been announced
        before = time.monotonic()
        yield from self.save_best()
        progress.seconds = self.seconds()
        name = saving.save_last(job)
        now = time.monotonic()
        cost = now - before
        self.saved_step, self.saved_at = progress.step, now
        self.save_due = now + max(job.save_gap_seconds, cost / WATCH_SHARE)
        yield self.saved(name, "last", progress.epoch)

    def saved(self, name: str, kind: str, epoch: int) -> events.CheckpointSaved:
        return events.CheckpointSaved(
            self.progress.step, self.seconds(), name, "best" if kind == "best" else "last", epoch
        )

    # Rates and limits

    def set_rates(self) -> None:
        """Sets every optimizer's learning rate for the next step; a pure function of the step."""
        job = self.job
        share = share_at(
            job.resolved.schedule,
            self.progress.step,
            steps=self.steps,
            warmup_steps=self.training.schedule.warmup_steps,
        )
        for role, optimizer in job.learner.optimizers.items():
            rate = job.resolved.drivers[role].learning_rate * share
            for group in optimizer.param_groups:
                group["lr"] = rate
        self.rate = job.resolved.drivers[next(iter(job.learner.optimizers))].learning_rate * share

    def _refuse_when_over(self) -> None:
        reason = self._reason_to_finish()
        if reason:
            self.progress.over = reason
            raise _Over(events.Finished, reason)

    def _reason_to_finish(self) -> str:
        progress, training = self.progress, self.training
        stopping = self.job.resolved.early_stopping
        if progress.step >= self.steps:
            if training.max_steps is not None and self.steps == training.max_steps:
                return f"Finished: the limit of {self.steps:,} steps is reached."
            return f"Finished: all {self.job.resolved.epochs} epochs are done."
        if stopping and progress.epochs_without_gain >= stopping.patience:
            return (
                f"Finished early: {self.job.resolved.keep_best_by.title.lower()} has not improved for "
                f"{stopping.patience} epochs; the best was epoch {progress.best_epoch}."
            )
        return ""
