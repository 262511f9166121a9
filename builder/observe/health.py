"""How the learning goes, in one plain sentence; the numbers behind it come from the run's metrics."""

from typing import Literal, NamedTuple

import numpy as np

from builder.observe.chart import Floats
from builder.observe.curves import gap_widens
from builder.runs.metrics import Metrics

Mood = Literal["waiting", "good", "warning", "error"]

LEVEL_AFTER = 5
"""Epochs without a better validation loss before it counts as levelled off."""


class Health(NamedTuple):
    """The state of learning and the sentence about it."""

    mood: Mood
    sentence: str


def health(metrics: Metrics, *, figure: str = "", title: str = "") -> Health:
    """What the losses so far say; or a `figure` that falls as it learns, where losses pull against each other."""
    loss = metrics.steps.column("loss")
    if not len(loss):
        return Health("waiting", "The first step is on its way.")
    broken = np.flatnonzero(~np.isfinite(loss))
    if len(broken):
        step = metrics.steps.column("step")[broken[0]]
        return Health(
            "error",
            f"The loss is not a number since step {step:.0f}. A smaller learning rate usually mends this.",
        )
    if figure:
        return _by_figure(metrics.epochs.column(f"validation/{figure}"), title)
    validation = metrics.epochs.column("validation/loss")
    known = validation[np.isfinite(validation)]
    if len(known) < 2:
        return _first_epoch(loss)
    return _by_epochs(metrics.epochs.column("train/loss"), known, loss)


def _by_figure(values: Floats, title: str) -> Health:
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return Health("waiting", f"The first steps are done; {title} is measured after each epoch.")
    since_best = len(known) - 1 - int(known.argmin())
    fell = f"{title} fell from {known[0]:.3g} to {known.min():.3g}"
    if since_best < 4 * LEVEL_AFTER:
        return Health("good", f"Learning: {fell}; the losses of a duel may go up and down.")
    return Health("waiting", f"Levelled off: {fell}, and no further for {since_best} epochs.")


def _first_epoch(loss: Floats) -> Health:
    first, now = _ends(loss)
    if len(loss) >= 20 and now > 1.05 * first:
        return Health("warning", f"The loss is rising: {first:.3g} at the start, {now:.3g} now.")
    if len(loss) >= 20 and now < 0.98 * first:
        return Health("good", f"Learning: the loss fell from {first:.3g} to {now:.3g}.")
    return Health("waiting", f"The first steps are done; the loss is {now:.3g}.")


def _by_epochs(train: Floats, validation: Floats, loss: Floats) -> Health:
    since_best = len(validation) - 1 - int(validation.argmin())
    first, now = _ends(loss)
    if now > 1.05 * first:
        return Health(
            "warning",
            f"Not learning: the loss is {now:.3g}, it began at {first:.3g}. Try a smaller learning rate.",
        )
    if gap_widens(train, validation):
        return Health(
            "warning",
            f"Memorising: validation loss has not been better for {since_best} epochs while training loss falls.",
        )
    if since_best >= LEVEL_AFTER:
        return Health(
            "waiting", f"Levelled off: validation loss has not been better for {since_best} epochs."
        )
    if since_best == 0:
        return Health("good", "Learning well: validation loss is still falling.")
    words = "1 epoch ago" if since_best == 1 else f"{since_best} epochs ago"
    return Health("good", f"Learning: the best validation loss was {words}.")


def _ends(loss: Floats) -> tuple[float, float]:
    """Typical loss at the start and now."""
    width = max(1, min(20, len(loss) // 5))
    return float(np.mean(loss[:width])), float(np.mean(loss[-width:]))
