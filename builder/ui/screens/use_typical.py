"""The sample that greets on the Use screen: one the network answers rightly and surely."""

from collections.abc import Callable
from typing import Any

import numpy as np

from builder.errors import BuilderError
from builder.runs.store import Run
from builder.sidecar.arrays import packed
from builder.ui.screens.run_watch import Samples
from builder.ui.state import current

CANDIDATES = 24


def typical_place(run: Run, data: Samples, input_of: Callable[[int], Any]) -> int:
    """The place in the shown split of the sample whose truth the network is surest of, among the first few.

    Asked once a visit and for these weights, so it stays the same while the page is drawn again; the first
    sample when nothing can be asked.

    Args:
        run: the run that answers.
        data: its data.
        input_of: what the network is asked about a raw row.
    """
    kept = current().drafts.setdefault("typical", {})
    name = f"{run.path} {_weights_changed(run)}"
    if name not in kept:
        kept[name] = _surest(run, data, input_of)
    place: int = kept[name]
    return place


def _surest(run: Run, data: Samples, input_of: Callable[[int], Any]) -> int:
    rows = data.rows(data.shown())[:CANDIDATES].tolist()
    inputs = [input_of(row) for row in rows]
    sent = [packed(value) if isinstance(value, np.ndarray) else value for value in inputs]
    try:
        answer = current().sidecar.request("predict", {"run": str(run.path), "inputs": sent})
        scores = [
            _score(said, data, row) for said, row in zip(answer["predictions"], rows, strict=True)
        ]
    except (BuilderError, KeyError, TypeError, ValueError):
        return 0
    return int(np.argmax(scores)) if scores else 0


def _score(said: dict[str, Any], data: Samples, row: int) -> float:
    """The share given to the truth, or how little a number is off: more is better."""
    if "reconstruction" in said:
        return -float(said["error"])
    if "text" in said:
        return float(said["text"] == data.truth(row))
    if "probabilities" in said:
        return float(said["probabilities"].get(data.truth(row), 0.0))
    answer = np.ravel(said.get("values", [said.get("value")])).astype(np.float64)
    truth = np.ravel(np.asarray(data.raw.target)[row]).astype(np.float64)
    return -float(np.abs(answer - truth).mean())


def _weights_changed(run: Run) -> int:
    try:
        return (run.path / "checkpoints" / "index.json").stat().st_mtime_ns
    except OSError:
        return 0
