"""Small jobs in memory, over plain modules."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from builder.data.batches import Tensors
from builder.spec.data import DataSchema, FieldSchema, TargetSchema
from builder.spec.training import TrainingSpec
from builder.train import device, saving
from builder.train.checkpoint import Checkpoints
from builder.train.job import Job
from builder.train.learner import LearnerContext
from builder.train.recipes.catalogue import find
from builder.train.settings import resolve

CLASSES = ("a", "b", "c")
SCHEMA = DataSchema(
    fields=(FieldSchema(name="numbers", shape=(6,)),),
    target=TargetSchema(kind="classes", classes=CLASSES),
    samples=150,
    class_counts=(50, 50, 50),
    hash="0" * 16,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def network() -> nn.Sequential:
    """Dropout and batch norm, so that generators and buffers matter."""
    torch.manual_seed(7)
    return nn.Sequential(
        nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3)
    )


def samples(count: int = 100, seed: int = 0) -> Tensors:
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(count, 6, generator=generator)
    return Tensors({"numbers": inputs}, (inputs[:, :3] + 0.3 * inputs[:, 3:]).argmax(1))


@pytest.fixture
def make_job() -> Callable[..., Job]:
    def make(
        folder: Path | None = None,
        *,
        model: nn.Module | None = None,
        train: Tensors | None = None,
        **training: Any,
    ) -> Job:
        """A fresh job; it goes on from the newest checkpoint in `folder` when there is one."""
        spec = TrainingSpec(**{"epochs": 6, "batch_size": 16, "seed": 3, **training})
        recipe = find("classification")
        data = train or samples()
        resolved = resolve(spec, SCHEMA, recipe, samples=len(data))
        built = model or network()
        context = LearnerContext(
            {"network": built}, {"network": "network"}, resolved, SCHEMA, fused=True
        )
        torch.manual_seed(spec.seed)
        job = Job(
            learner=recipe.learner(context),
            train=data,
            validation=samples(60, seed=1),
            resolved=resolved,
            device=device.choose("cpu"),
            checkpoints=Checkpoints(folder, writes=True) if folder else None,
            save_gap_seconds=0.0,
        )
        job.progress.threads = 1
        newest = job.checkpoints.newest(set_aside=True) if job.checkpoints else None
        if newest is not None:
            saving.restore(job, newest)
        return job

    return make
