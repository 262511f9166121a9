"""A few real steps before a run: how long an epoch takes, and what a batch holds of the memory."""

import time
from itertools import pairwise
from statistics import median

import torch

from builder.errors import TrainError
from builder.network.kept import real_bytes, saving
from builder.spec.project import Project
from builder.train.build import build_job
from builder.train.events import Ended, EpochEnded, Failed, StepsDone
from builder.train.feed import feed
from builder.train.job import Job
from builder.train.loop import train
from builder.train.rehearsed import Rehearsal

SECONDS = 1.5
"""So long the loop runs; a quick network has many epochs in it, a slow one a few steps."""
MOST_EPOCHS = 1000


def rehearse(
    project: Project, *, batch_size: int | None = None, seconds: float = SECONDS
) -> Rehearsal:
    """Trains a throw-away copy for a moment; nothing is kept, and no run appears.

    Raises BuilderError when the project cannot be trained.
    """
    changes: dict[str, object] = {
        "epochs": MOST_EPOCHS,
        "max_steps": None,
        "max_minutes": None,
        "early_stopping": None,
    }
    if batch_size is not None:
        changes["batch_size"] = batch_size
    training = project.training.model_copy(update=changes)
    threads = torch.get_num_threads()
    try:
        job = build_job(project.model_copy(update={"training": training}), watch=False)
        held = _held(job)
        return _timed(job, held, seconds)
    finally:
        torch.set_num_threads(threads)


def _held(job: Job) -> int:
    """Bytes saved for backward by the forward pass of one batch."""
    views, target = next(feed(job.train, job.resolved.batch_size, seed=0, epoch=0))
    inputs = {
        name: values.clone() for name, values in views.items()
    }  # not the block they are cut from
    weights = [
        weight
        for network in job.networks.values()
        for weight in (*network.parameters(), *network.buffers())
    ]
    with saving() as saved:
        job.learner.step(inputs, target)
    return real_bytes(saved, weights)


def _timed(job: Job, held: int, seconds: float) -> Rehearsal:
    began = time.perf_counter()
    ends: list[tuple[int, float]] = []
    marks: list[tuple[int, float]] = []
    for event in train(job):
        if isinstance(event, Failed):
            raise TrainError(event.reason)
        if isinstance(event, EpochEnded):
            ends.append((event.step, event.seconds))
        elif isinstance(event, StepsDone):
            marks.append((event.step, event.seconds))
        if isinstance(event, Ended) or time.perf_counter() - began > seconds:
            break
    per_step = _per_step(marks)
    return Rehearsal(
        device=job.device.words,
        batch_size=job.resolved.batch_size,
        steps_per_epoch=job.steps_per_epoch,
        steps_taken=max((step for step, _ in (*marks, *ends)), default=0),
        epochs_taken=len(ends),
        seconds_per_step=per_step,
        seconds_per_epoch=_per_epoch(ends, per_step, job),
        held_bytes=held,
    )


def _per_step(marks: list[tuple[int, float]]) -> float:
    """Between the first and the last announcement, so that warming up does not count."""
    if len(marks) > 1 and marks[-1][0] > marks[0][0]:
        (first, start), (last, end) = marks[0], marks[-1]
        return (end - start) / (last - first)
    step, end = marks[-1] if marks else (1, 0.0)
    return end / max(step, 1)


def _per_epoch(ends: list[tuple[int, float]], per_step: float, job: Job) -> float:
    """The usual epoch, its measuring included; projected from steps while none has ended."""
    gaps = [after[1] - before[1] for before, after in pairwise(ends)]
    if gaps:
        return median(gaps)
    if ends:
        return ends[0][1]
    validation = len(job.validation) if job.validation is not None else 0
    forward = per_step / 3 / job.resolved.batch_size
    return per_step * job.steps_per_epoch + forward * validation
