"""Writes what the training loop announces into the run's directory; no torch."""

import io
import os
import zipfile
from collections.abc import Mapping
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

import numpy as np

from builder.projects.atomic import refusals_told, write_bytes, write_json
from builder.runs.events import EventLog
from builder.runs.metrics import MetricWriter
from builder.runs.state import read_raw, write_state
from builder.runs.store import ANSWERS, LOG, SHOWN, SHOWN_FACTS
from builder.sidecar.control import Pace
from builder.sidecar.endings import DISK, NOT_A_NUMBER
from builder.train import events

STATE_SECONDS, SYNC_SECONDS, LOG_SECONDS = 0.2, 2.0, 5.0
MAX_LOG_BYTES, KEPT_LOG_BYTES = 8_000_000, 500_000
_RESERVE_BYTES = 65_536
STATISTICS = (
    "gradient_norm",
    "weight_norm",
    "update_ratio",
    "activation_mean",
    "activation_std",
    "dead_share",
)


class Recorder:
    """The scribe of one attempt. Its state file is rewritten a few times a second, its last word is synced."""

    def __init__(self, run_path: Path):
        self.path = run_path
        self.attempt = 1 + max((int(f.name) for f in _attempts(run_path)), default=0)
        self.metrics = MetricWriter(run_path, self.attempt)
        self.log = EventLog(run_path / "events.jsonl")
        self.state: dict[str, Any] = {**read_raw(run_path), "attempt": self.attempt, "pulse": 0}
        self._pace = Pace(STATE_SECONDS)
        self._sync_pace = Pace(SYNC_SECONDS)
        self._log_pace = Pace(LOG_SECONDS)
        self._reserve = run_path / "control" / "reserve"
        write_bytes(self._reserve, bytes(_RESERVE_BYTES), durable=False)

    def enter(self, state: str) -> None:
        """Notes a new state at once."""
        self.state |= {"state": state, "reason": ""}
        self._write(durable=True)

    def record(self, event: events.Event) -> None:
        """Takes one event in; StorageError when the disk refuses."""
        self.state |= {
            "step": event.step,
            "seconds": event.seconds,
            "pulse": self.state["pulse"] + 1,
        }
        self._take(event)
        self.metrics.flush()  # before the loop goes on: a checkpoint must not be ahead of the numbers
        if self._pace.due():
            self._write(durable=False)
        if self._log_pace.due():
            cap_log(self.path / LOG)

    def end(self, state: str, reason: str, code: int) -> None:
        """Writes the last word. Room for it was kept, so that it can be written on a full disk too."""
        self._reserve.unlink(missing_ok=True)
        self.state |= {"state": state, "reason": reason, "code": code, "seconds_left": None}
        try:
            self.metrics.close()
            self.log.append(state, {"step": self.state.get("step", 0), "reason": reason})
        finally:
            self._write(durable=True)

    @singledispatchmethod
    def _take(self, event: events.Event) -> None:
        """Events of later versions that are not known here are only counted."""

    @_take.register
    def _started(self, event: events.RunStarted) -> None:
        self.state |= {
            "state": "running",
            "epoch": event.epoch,
            "epochs": event.epochs,
            "steps": event.steps,
            "steps_per_epoch": event.steps_per_epoch,
            "batch_size": event.batch_size,
            "device": event.device,
        }
        self.log.append(
            "resumed" if event.resumed else "started",
            {
                "step": event.step,
                "attempt": self.attempt,
                "device": event.device,
                "batch_size": event.batch_size,
                "parameters": event.parameters,
                "choices": event.choices,
                "notes": event.notes,
            },
        )
        self._write(durable=True)

    @_take.register
    def _steps(self, event: events.StepsDone) -> None:
        count = len(event.steps)
        columns: dict[str, Any] = {
            "step": event.steps,
            "epoch": np.full(count, event.epoch),
            "seconds": np.full(count, event.seconds),
            "loss": event.losses,
            "learning_rate": event.learning_rates,
            "samples_per_second": np.full(count, event.samples_per_second),
        }
        columns |= {f"loss/{name}": values for name, values in event.more_losses.items()}
        self.metrics.rows("steps", columns)
        self.state |= {
            "epoch": event.epoch,
            "seconds_left": event.seconds_left,
            "samples_per_second": event.samples_per_second,
        }

    @_take.register
    def _epoch(self, event: events.EpochEnded) -> None:
        row = {"epoch": float(event.epoch), "step": float(event.step), "seconds": event.seconds}
        row |= {f"train/{name}": value for name, value in event.train.items()}
        row |= {f"validation/{name}": value for name, value in event.validation.items()}
        self.metrics.row("epochs", row)
        self.state |= {"epoch": event.epoch, "metric": event.metric}
        if event.best:
            measured = event.validation or event.train
            self.state["best"] = measured.get(event.metric)
        if self._sync_pace.due():
            self.metrics.sync()

    @_take.register
    def _layers(self, event: events.LayersMeasured) -> None:
        row = {"step": float(event.step), "seconds": event.seconds}
        row["gradient_norm"] = event.gradient_norm
        for layer in event.layers:
            named = layer._asdict()
            first = layer.network == event.layers[0].network
            key = layer.node if first else f"{layer.network}/{layer.node}"
            row |= {f"{key}/{statistic}": named[statistic] for statistic in STATISTICS}
        self.metrics.row("layers", row)

    @_take.register
    def _views(self, event: events.ViewsTaken) -> None:
        folder = self.path / "views"
        with refusals_told(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        answers = {f"{ANSWERS}{key}": array for key, array in event.answers.items()}
        write_bytes(folder / "latest.npz", packed({**event.outputs, **answers}), durable=False)
        facts = {"sample": event.sample, "step": event.step}
        shapes = {key: list(shape) for key, shape in event.shapes.items()}
        write_json(folder / "latest.json", {**facts, "shapes": shapes}, durable=False)

    @_take.register
    def _shown(self, event: events.SamplesShown) -> None:
        folder = self.path / "views"
        with refusals_told(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        write_bytes(folder / SHOWN, packed(event.rows), durable=False)
        write_json(folder / SHOWN_FACTS, {"step": event.step}, durable=False)

    @_take.register
    def _checkpoint(self, event: events.CheckpointSaved) -> None:
        if event.kind == "last":
            self.state["saved_step"] = event.step
        facts = {"name": event.name, "which": event.kind, "epoch": event.epoch, "step": event.step}
        self.log.append("checkpoint_saved", facts)

    @_take.register
    def _paused(self, event: events.Paused) -> None:
        self.log.append("paused", {"step": event.step})
        self.enter("paused")

    @_take.register
    def _resumed(self, event: events.Resumed) -> None:
        self.log.append("went_on", {"step": event.step})
        self.enter("running")

    @_take.register
    def _finished(self, event: events.Finished) -> None:
        self.state["early"] = event.reason.startswith("Finished early")
        self.end("finished", event.reason, 0)

    @_take.register
    def _stopped(self, event: events.Stopped) -> None:
        self.end("stopped", event.reason, 0)

    @_take.register
    def _failed(self, event: events.Failed) -> None:
        self.end("failed", event.reason, _code_of(event.reason))

    def _write(self, *, durable: bool) -> None:
        write_state(self.path, self.state, durable=durable)


def packed(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """The arrays as the bytes of an .npz file; any name may be a key, which `np.savez` does not allow."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as entry:
                np.lib.format.write_array(entry, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def cap_log(path: Path) -> None:
    """Keeps the end of a log that has grown too large; its writers append, so they go on behind it."""
    try:
        if path.stat().st_size <= MAX_LOG_BYTES:
            return
        with path.open("rb") as file:
            file.seek(-KEPT_LOG_BYTES, os.SEEK_END)
            tail = file.read()
        os.truncate(path, 0)
        with path.open("ab") as file:
            file.write(b"(earlier lines were dropped)\n" + tail.partition(b"\n")[2])
    except OSError:
        return  # a log that cannot be shortened is no reason to end a training


def _code_of(reason: str) -> int:
    """The loop tells a failure in words; the two that have exit codes of their own begin in a known way."""
    if reason.startswith("The disk is full"):
        return DISK
    return NOT_A_NUMBER if "not a number" in reason else 1


def _attempts(run_path: Path) -> list[Path]:
    folder = run_path / "metrics"
    return [f for f in folder.iterdir() if f.name.isdigit()] if folder.is_dir() else []


def read_views(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays of an .npz file by name."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
