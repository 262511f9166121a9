"""Follows a run from its files: a progress bar on stderr, then its figures."""

import signal
import sys
import time
from types import FrameType
from typing import Any

from builder.cli.outcome import RUN_FAILED, Outcome, say
from builder.evaluate.results import SplitName
from builder.runs import launch
from builder.runs.state import RunState
from builder.runs.store import Run

POLL_SECONDS = 0.1
BAR_WIDTH = 28


def follow(run: Run, *, open_test: bool = True) -> Outcome:
    """Waits for the run's end, showing progress; Ctrl-C asks it to stop and keeps waiting.

    When the run has finished, validation figures are read and, with `open_test`, the test split is opened once.
    """
    asked: list[int] = []

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        say("\nStopping after this step; the run keeps a checkpoint.")
        launch.stop(run)

    before = signal.signal(signal.SIGINT, ask_to_stop)
    try:
        state = _wait(run)
    finally:
        signal.signal(signal.SIGINT, before)
    data = _summary(run, state)
    if state.state == "finished" or (state.state == "stopped" and state.epoch):
        data |= _measured(run, open_test=open_test)
    failed = state.state not in ("finished", "stopped")
    problems = [state.reason or f"The run ended as {state.state}."] if failed else []
    return Outcome(data=data, lines=_lines(data), problems=problems, code=RUN_FAILED * failed)


def _wait(run: Run) -> RunState:
    while True:
        state = run.state()
        _draw(state)
        if not state.live:
            if sys.stderr.isatty():
                say("")
            return state
        time.sleep(POLL_SECONDS)


def _draw(state: RunState) -> None:
    if not sys.stderr.isatty():
        return
    share = state.step / state.steps if state.steps else 0.0
    full = round(min(share, 1.0) * BAR_WIDTH)
    left = f", {state.seconds_left:.0f} s left" if state.seconds_left is not None else ""
    bar = "█" * full + "·" * (BAR_WIDTH - full)
    words = f"{state.state}, epoch {state.epoch} of {state.epochs}{left}"
    sys.stderr.write(f"\r{bar} {share:4.0%}  {words}\x1b[K")
    sys.stderr.flush()


def _summary(run: Run, state: RunState) -> dict[str, Any]:
    return {
        "run": run.id,
        "run_dir": str(run.path),
        "state": state.state,
        "seconds": round(state.seconds or 0.0, 3),
        "metrics": {},
        "baseline": None,
    }


def figures(metrics: dict[str, float | None]) -> str:
    """`accuracy 0.975, auroc 0.999`; a figure that could not be computed is left out."""
    known = ((name, value) for name, value in metrics.items() if value is not None)
    return ", ".join(f"{name} {value:.4g}" for name, value in known)


def _measured(run: Run, *, open_test: bool) -> dict[str, Any]:
    from builder.evaluate.run import evaluate

    seen: tuple[SplitName, ...] = ("train", "validation")
    metrics = {split: evaluate(run, split, compare=False).metrics for split in seen}
    baseline = None
    if open_test:
        results = evaluate(run, "test")
        metrics["test"] = results.metrics
        baseline = results.baseline
    return {"metrics": metrics, "baseline": baseline}


def _lines(data: dict[str, Any]) -> list[str]:
    lines = [f"Run {data['run']} {data['state']} after {data['seconds']:.1f} s: {data['run_dir']}"]
    for split, metrics in data["metrics"].items():
        lines.append(f"  {split}: {figures(metrics)}")
    if data["baseline"]:
        lines.append(f"  {data['baseline']['title']}: {figures(data['baseline']['metrics'])}")
    return lines
