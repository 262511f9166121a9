"""The worker with a small training of plain Python instead of the real one; run as a script by the tests."""

import json
import os
import resource
import sys
import time

import numpy as np

from builder.errors import DataError
from builder.projects.atomic import write_json
from builder.sidecar.worker import main
from builder.train import events


def fake(run_path, control):
    """Counts to `steps`, saving a checkpoint every ten; what else it does is in fake.json."""
    plan = json.loads((run_path / "fake.json").read_text())
    steps, pause = plan.get("steps", 50), plan.get("seconds", 0.005)
    if plan.get("raise") == "import":
        import a_module_that_is_not_there  # noqa: F401
    if "limit" in plan:
        resource.setrlimit(resource.RLIMIT_FSIZE, (plan["limit"], plan["limit"]))
    checkpoint = run_path / "checkpoints" / "index.json"
    checkpoint.parent.mkdir(exist_ok=True)
    first = json.loads(checkpoint.read_text())["step"] if checkpoint.exists() else 0
    yield events.RunStarted(
        step=first, seconds=0.0, epoch=first // 10, epochs=steps // 10, steps_per_epoch=10, steps=steps,
        batch_size=64, parameters=3, device="CPU · test", resumed=first > 0, choices={},
    )  # fmt: skip
    for step in range(first + 1, steps + 1):
        time.sleep(pause)
        wish = control.poll()
        if wish.pause:
            yield events.Paused(step=step, seconds=step * pause)
            control.wait()
            wish = control.poll()
            if not wish.stop:
                yield events.Resumed(step=step, seconds=step * pause)
        if step == plan.get("at", 5) and first == 0:
            misbehave(plan.get("raise"))
        yield events.StepsDone(
            step=step, seconds=step * pause, epoch=step // 10, steps=np.array([step]),
            losses=np.array([1.0 / step]), learning_rates=np.array([0.1]), samples_per_second=640.0,
            seconds_left=(steps - step) * pause,
        )  # fmt: skip
        if step % 10 == 0 or wish.stop:
            write_json(checkpoint, {"last": f"last-{step}", "step": step})
            yield events.EpochEnded(
                step=step, seconds=step * pause, epoch=step // 10, train={"loss": 1.0 / step},
                validation={"accuracy": step / steps}, metric="accuracy", best=True,
            )  # fmt: skip
            yield events.CheckpointSaved(
                step=step, seconds=step * pause, name=f"last-{step}", kind="last", epoch=step // 10
            )
        if wish.stop:
            yield events.Stopped(step=step, seconds=step * pause, reason="Stopped by you.")
            return
    yield events.Finished(step=steps, seconds=steps * pause, reason="All epochs are done.")


def misbehave(how):
    """Ends the process, or the training, in the way the test wants."""
    if how == "memory":
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: not enough memory"
        )
    if how == "data":
        raise DataError("The file is gone. Choose it again.")
    if how == "disk":
        raise OSError(28, "No space left on device")
    if how == "bug":
        raise ValueError("surprise")
    if how in ("0", "3"):
        os._exit(int(how))
    if how == "segfault":
        os.kill(os.getpid(), 11)
    if how == "killed":
        os.kill(os.getpid(), 9)
    if how == "silence":
        raise StopIteration


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], training=fake))
