"""How well an autoencoder finds what it has never seen: each class held back in turn, beside principal components."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from torch import Tensor

from builder.bench.pairs import Row
from builder.data import prepare
from builder.data.batches import tensors
from builder.data.raw import Raw
from builder.data.split import split
from builder.data.store import open_raw
from builder.projects.templates import find
from builder.spec.project import Project
from builder.train.build import build_job
from builder.train.job import Job
from builder.train.loop import train
from builder.train.unusual import errors

TEMPLATE = "autoencoder-digits"
WIDTH_NODE = "code"
"""The template's narrowest layer; principal components get as many numbers."""


def bench_anomaly(*, rounds: int = 1, epochs: int | None = None) -> list[Row]:
    """One row a class and their mean: area under the ROC curve over that of principal components, on the test split.

    The class is in no training and no validation sample; test samples of it are to score higher than the others.

    Args:
        rounds: not used: every training is its own case.
        epochs: of each training; the template's own when None.
    """
    project = find(TEMPLATE).project
    if epochs is not None:
        training = project.training.model_copy(update={"epochs": epochs})
        project = project.model_copy(update={"training": training})
    raw = open_raw(project.data)
    areas = [held_back(project, raw, label) for label in range(len(raw.classes))]
    rows = [
        _row(f"{raw.classes[label]} held back", ours, theirs)
        for label, (ours, theirs) in enumerate(areas)
    ]
    ours, theirs = np.mean(areas, axis=0)
    return [*rows, _row("mean", float(ours), float(theirs))]


def held_back(project: Project, raw: Raw, label: int) -> tuple[float, float]:
    """Areas of the network and of principal components for the class that was held back."""
    target = np.asarray(raw.target)
    shares = project.data.split
    parts = split(raw, shares)
    seen = np.concatenate([parts.train, parts.validation])
    ordinary = _rows(raw, np.sort(seen[target[seen] != label]))
    inner = shares.model_copy(
        update={"test": 0.0, "validation": shares.validation / (1 - shares.test)}
    )
    data = project.data.model_copy(update={"split": inner})
    job = build_job(project.model_copy(update={"data": data}), ordinary, watch=False)
    for _ in train(job):
        pass
    preparation = prepare.fit(data, ordinary, split(ordinary, inner).train)
    (tested,) = tensors(preparation, raw, parts.test).inputs.values()
    (learned,) = job.train.inputs.values()
    strange = target[parts.test] == label
    width = _width(project)
    return (
        float(roc_auc_score(strange, _scores(job, tested))),
        float(roc_auc_score(strange, _component_scores(learned, tested, width))),
    )


def _scores(job: Job, samples: Tensor) -> NDArray[np.float64]:
    """Error of every reconstruction by the weights the run ended with."""
    for network in job.networks.values():
        network.eval()
    with torch.no_grad():
        made = job.learner.outputs({next(iter(job.train.inputs)): samples})
    return errors(made, samples).double().numpy()


def _component_scores(learned: Tensor, samples: Tensor, width: int) -> NDArray[np.float64]:
    """Error of every reconstruction from so many principal components of the training samples."""
    flat = samples.flatten(1).double().numpy()
    model = PCA(n_components=width, random_state=0).fit(learned.flatten(1).double().numpy())
    off: NDArray[np.float64] = ((model.inverse_transform(model.transform(flat)) - flat) ** 2).mean(
        1
    )
    return off


def _width(project: Project) -> int:
    node = project.networks[0].node(WIDTH_NODE)
    assert node is not None
    return int(str(node.knobs["out_features"]))


def _rows(raw: Raw, rows: NDArray[np.int64]) -> Raw:
    """These samples alone."""
    return replace(
        raw,
        fields={name: values[rows] for name, values in raw.fields.items()},
        target=np.asarray(raw.target)[rows],
        schema=raw.schema.model_copy(update={"samples": len(rows)}),
    )


def _row(case: str, ours: float, theirs: float) -> Row:
    return Row(case, "principal components", ours / theirs, f"{ours:.3f} to {theirs:.3f}")
