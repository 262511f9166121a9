"""Every layer's output for one sample, from the weights of a run that need not be training."""

import tempfile
from pathlib import Path
from typing import Any, Literal

from builder.data.batches import tensors
from builder.data.split import split
from builder.data.store import open_raw
from builder.errors import DataError
from builder.network.source import generate
from builder.projects.atomic import refusals_told, write_bytes
from builder.runs.store import Run
from builder.sidecar.recorder import packed
from builder.train.build import watch_networks
from builder.train.device import choose
from builder.train.events import ViewsTaken
from builder.train.probes import Probes
from builder.train.trained import Trained, load_trained


def write_views(
    run: Run, *, sample: int, split_name: str, which: Literal["best", "last"]
) -> dict[str, Any]:
    """Writes the outputs to the run's views/ folder; `{path, sample, step, shapes}`."""
    taken = take_views(load_trained(run.path, which), sample=sample, split_name=split_name)
    folder = run.path / "views"
    with refusals_told(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{which}-{split_name}-{taken.sample}.npz"
    write_bytes(path, packed(taken.outputs), durable=False)
    shapes = {key: list(shape) for key, shape in taken.shapes.items()}
    return {"path": str(path), "sample": taken.sample, "step": taken.step, "shapes": shapes}


def take_views(trained: Trained, *, sample: int, split_name: str) -> ViewsTaken:
    """The outputs of every layer for the sample in row `sample` of a split; DataError when the split is empty."""
    raw = open_raw(trained.project.data)
    rows = split(raw, trained.project.data.split)._asdict()[split_name]
    if not len(rows):
        raise DataError(f"The {split_name} split of this run has no samples; choose another split.")
    row = min(max(sample, 0), len(rows) - 1)
    chosen = tensors(trained.preparation, raw, rows[row : row + 1], choose("cpu").torch)
    project, expected = (
        trained.project,
        trained.recipe.expectations(trained.project, trained.schema),
    )
    source = generate(project, expected)
    with tempfile.TemporaryDirectory(prefix="layerloom-") as scratch:
        watched = watch_networks(project, expected, source, trained.networks, Path(scratch))
    taken = Probes(watched, chosen, fed=trained.learner().fed).views(trained.step, 0.0, 0)
    return ViewsTaken(taken.step, 0.0, row, taken.outputs, taken.shapes)
