"""The words for what a run is doing: exactly these, everywhere."""

import re

from builder.runs.state import RunState

SHORT_REASONS = {
    43: "out of memory",
    44: "out of GPU memory",
    45: "not a number",
    46: "disk full",
    47: "data not usable",
}
"""By exit code of the worker."""


def chip(state: RunState) -> str:
    """`Training, epoch 3 of 10, 42 s left`: the run chip's words."""
    return _WORDS[state.state](state)


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def duration(seconds: float) -> str:
    """`42 s`, `3 min 10 s`, `1 h 05 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes:02d} min"


def figure(state: RunState) -> str:
    """The best value of the watched metric: `97.2 %` for a share, three digits for the rest; empty when unknown."""
    if state.best is None:
        return ""
    if state.metric in _SHARES:
        return f"{100 * state.best:.1f} %"
    if state.metric == "r2":
        return f"R² {state.best:.2f}"
    return f"{state.metric.replace('_', ' ')} {state.best:.3g}".strip()


_SHARES = {
    "accuracy",
    "balanced_accuracy",
    "f1_macro",
    "auroc",
    "mean_iou",
    "pixel_accuracy",
    "exact_match",
    "token_accuracy",
}


def _queued(state: RunState) -> str:
    return "Starting" if state.position is None else f"In line ({ordinal(state.position)})"


def _running(state: RunState) -> str:
    words = "Training"
    if state.epochs:
        words += f", epoch {min(state.epoch + 1, state.epochs)} of {state.epochs}"
    if not state.responding:
        return f"{words}, not responding"
    if state.seconds_left is not None:
        words += f", {duration(state.seconds_left)} left"
    return words


def _paused(state: RunState) -> str:
    return f"Paused at epoch {min(state.epoch + 1, state.epochs or 1)}"


def _finished(state: RunState) -> str:
    patience = re.search(r"(\d+) epochs?", state.reason)
    if state.early and patience:
        return f"Finished early, no better for {patience[0]}"
    best = figure(state)
    return f"Finished, {best}" if best else "Finished"


def _failed(state: RunState) -> str:
    short = SHORT_REASONS.get(state.code or 0)
    return f"Failed, {short}" if short else "Failed"


def _interrupted(state: RunState) -> str:
    if state.saved_step:
        return f"Interrupted, resume from step {state.saved_step}"
    return "Interrupted, nothing saved yet"


_WORDS = {
    "queued": _queued,
    "starting": lambda state: "Starting",
    "running": _running,
    "pausing": lambda state: "Pausing",
    "paused": _paused,
    "stopping": lambda state: "Stopping, saving",
    "finished": _finished,
    "stopped": lambda state: "Stopped by you",
    "failed": _failed,
    "interrupted": _interrupted,
}
