"""Small jobs of recipes that make pictures, over plain modules."""

import torch
from torch import nn

from builder.data.batches import Tensors
from builder.layers.modules import TimeEmbedding
from builder.spec.data import DataSchema, FieldSchema, TargetSchema
from builder.spec.training import OptimizerSpec, TrainingSpec
from builder.train import device, saving
from builder.train.checkpoint import Checkpoints
from builder.train.job import Job
from builder.train.learner import LearnerContext
from builder.train.recipes.catalogue import find
from builder.train.settings import resolve

SCHEMA = DataSchema(
    fields=(FieldSchema(name="image", shape=(1, 4, 4), role="image"),),
    target=TargetSchema(kind="classes", classes=("dark", "light")),
    samples=120,
    class_counts=(60, 60),
    hash="0" * 16,
)
WAVES = 8
RATE = OptimizerSpec(learning_rate=2e-3, weight_decay=0.0)


def pictures(count=96, seed=0):
    """Two kinds of noisy pictures: around -1 and around 1."""
    generator = torch.Generator().manual_seed(seed)
    target = torch.arange(count) % 2
    images = 0.3 * torch.randn(count, 1, 4, 4, generator=generator)
    return Tensors({"image": images + (2.0 * target - 1).reshape(-1, 1, 1, 1)}, target)


class Joined(nn.Module):
    """Everything it is given, flat and side by side, through a small network."""

    def __init__(self, width, gives, *, norm=False):
        super().__init__()
        norms = [nn.BatchNorm1d(64)] if norm else []
        self.layers = nn.Sequential(
            nn.Linear(width, 64), *norms, nn.SiLU(), nn.Dropout(0.02), nn.Linear(64, gives)
        )
        self.shape = (1, 4, 4) if gives == 16 else (gives,)
        self.time = TimeEmbedding(WAVES)

    def forward(self, *given):
        flat = [self.time(one) if one.ndim == 1 else one.flatten(1) for one in given]
        return self.layers(torch.cat(flat, 1)).reshape(-1, *self.shape)


def gan_parts(by_class):
    more = 2 if by_class else 0
    labels = ("label",) if by_class else ()
    networks = {
        "generator": Joined(4 + more, 16, norm=True),
        "discriminator": Joined(16 + more, 1),
    }
    feeds = {"generator": ("noise", *labels), "discriminator": ("image", *labels)}
    return networks, feeds


def diffusion_parts(by_class):
    labels = ("label",) if by_class else ()
    return {"network": Joined(16 + WAVES + 2 * by_class, 16)}, {
        "network": ("image", "time", *labels)
    }


PARTS = {"gan": gan_parts, "diffusion": diffusion_parts}
SETTINGS = {"gan": {"noise_features": 4}, "diffusion": {"noise_steps": 50, "sampling_steps": 8}}


def make(kind, folder=None, *, settings=None, **training):
    """A fresh job of that recipe; it goes on from the newest checkpoint in `folder` when there is one."""
    recipe = find(kind)
    chosen = {**SETTINGS[kind], **(settings or {})}
    values = {"epochs": 4, "batch_size": 16, "seed": 3, "optimizer": RATE, **training}
    spec = TrainingSpec(recipe=kind, recipe_settings=chosen, **values)
    torch.manual_seed(7)
    networks, feeds = PARTS[kind](bool(chosen.get("by_class")))
    data = pictures()
    context = LearnerContext(
        networks,
        {role: role for role in networks},
        resolve(spec, SCHEMA, recipe, samples=len(data)),
        SCHEMA,
        feeds=feeds,
    )
    torch.manual_seed(spec.seed)
    job = Job(
        learner=recipe.learner(context),
        train=data,
        validation=pictures(40, seed=1),
        resolved=context.resolved,
        device=device.choose("cpu"),
        checkpoints=Checkpoints(folder, writes=True) if folder else None,
        save_gap_seconds=0.0,
    )
    job.progress.threads = 1
    newest = job.checkpoints.newest() if job.checkpoints else None
    if newest is not None:
        saving.restore(job, newest)
    return job
