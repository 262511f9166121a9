"""A run on disk as a worker would have left it, made without training."""

import json

import numpy as np

from builder.projects import store
from builder.runs import store as runs
from builder.runs.metrics import MetricWriter
from builder.runs.state import write_state
from builder.runs.store import Run


def made_run(
    project_id: str, *, state: str = "finished", epochs: int = 3, weights: bool = True
) -> Run:
    """A run of the project with numbers of every layer, views of one sample, and (an index of) weights."""
    project = store.load(project_id)
    run = runs.create(project, project_id=project_id)
    writer = MetricWriter(run.path, 1)
    steps = np.arange(1.0, 10 * epochs + 1)
    writer.rows(
        "steps", {"step": steps, "loss": 2.3 / steps, "learning_rate": np.full(len(steps), 1e-3)}
    )
    for epoch in range(1, epochs + 1):
        writer.row(
            "epochs",
            {
                "epoch": epoch,
                "step": 10 * epoch,
                "train/loss": 1 / epoch,
                "validation/loss": 1 / epoch,
                "validation/accuracy": 1 - 0.5 / epoch,
            },
        )
    nodes = [node for node in project.networks[0].nodes if node.kind == "linear"]
    row = {f"{node.id}/gradient_norm": 0.1 for node in nodes}
    writer.row("layers", {"step": 5.0, **row})
    writer.close()
    views = run.path / "views"
    views.mkdir()
    outputs = {
        node.id: np.linspace(-1, 1, 10, dtype=np.float16) for node in project.networks[0].nodes
    }
    np.savez(views / "latest.npz", **outputs)
    (views / "latest.json").write_text(json.dumps({"sample": 0, "step": 30, "shapes": {}}))
    if weights:
        (run.path / "checkpoints").mkdir()
        (run.path / "checkpoints" / "index.json").write_text("{}")
    write_state(
        run.path,
        {
            "state": state,
            "epoch": epochs,
            "epochs": epochs,
            "step": 10 * epochs,
            "steps": 10 * epochs,
            "steps_per_epoch": 10,
            "seconds": 2.0,
            "metric": "accuracy",
            "best": 1 - 0.5 / epochs,
            "saved_step": 10 * epochs if weights else None,
            "reason": "The loss was not a number." if state == "failed" else "",
        },
    )
    return run
