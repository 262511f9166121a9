"""Trains runs in forked children and kills one of them again and again; run as a script, prints one JSON object."""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from builder.data.describe import describe
from builder.readiness.blank import blank_project
from builder.readiness.check import check_project
from builder.readiness.compile import prepare_job
from builder.runs import store
from builder.runs.state import OVER, read_raw, read_state, write_state
from builder.sidecar import worker
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.training import TrainingSpec
from builder.train import loop
from builder.train.checkpoint import Checkpoints, pointers

EPOCHS = 60


def train(run_path, control):
    """The real training, with a checkpoint at every epoch's end: about half the time is spent in saving."""
    job = prepare_job(run_path, control=control)
    job.save_gap_seconds = 0.0
    yield from loop.train(job)


def child(path):
    """A forked worker on the run; its pid."""
    pid = os.fork()
    if pid == 0:
        log = os.open(path / "log.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os._exit(worker.main([str(path)], training=train))
    return pid


def hexes(run):
    """Losses by step, exactly."""
    steps = run.metrics().steps
    return {
        int(s): float(x).hex()
        for s, x in zip(steps.column("step"), steps.column("loss"), strict=True)
    }


def main(kills, seed):
    torch.set_num_threads(1)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core: no idle threads to wait for
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    training = TrainingSpec(epochs=EPOCHS, device="cpu", deterministic=True, checkpoint_every=1)
    project = blank_project(data, "Soak").model_copy(update={"training": training})
    check_project(project)  # so that the children find torch warm
    calm, stormy = store.create(project), store.create(project)
    os.waitpid(child(calm.path), 0)
    print(calm.state(), file=sys.stderr)
    dice, told, seconds = random.Random(seed), [], []
    for _ in range(kills):
        write_state(stormy.path, {**read_raw(stormy.path), "state": "queued"})
        pid = child(stormy.path)
        before = pointers(stormy.path / "checkpoints").get("last")
        while read_raw(stormy.path).get("state") not in ("running", *OVER):
            time.sleep(0.002)
        while dice.random() < 0.98 and pointers(stormy.path / "checkpoints").get("last") == before:
            time.sleep(0.002)  # mostly there is something new to lose, sometimes not
        time.sleep(dice.random() * 0.08)
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        os.waitpid(pid, 0)
        state = read_state(stormy.path)
        seconds.append(time.monotonic() - killed)
        folder = Checkpoints(stormy.path / "checkpoints")
        found = folder.newest()
        told.append([state.state, state.step, found.state["step"] if found else 0, folder.refused])
        if state.state == "finished":
            break
    os.waitpid(child(stormy.path), 0)
    print(json.dumps({
        "calm": calm.state().state, "stormy": stormy.state().state, "same": hexes(calm) == hexes(stormy),
        "steps": [len(hexes(calm)), len(hexes(stormy))], "told": told, "slowest": max(seconds),
        "left": [p.name for p in Path(stormy.path).rglob(".tmp-*")],
    }))  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
