"""How good new samples are: what a classifier trained on real ones says of them, how far they are from real ones."""

import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from builder.data.batches import Tensors
from builder.evaluate import metrics
from builder.evaluate.judge import SURE, Judge, train_judge
from builder.evaluate.part import Part, intervals, values
from builder.evaluate.results import Baseline, Made, Results
from builder.train.frechet import frechet
from builder.train.recipes.options import Draw
from builder.train.trained import Trained

SAMPLES, SEED = 1000, 1
"""So many new samples are judged, none of them picked."""
SHOWN = 32
FITTED = 10_000


def generated_part(
    trained: Trained, train: Tensors, measured: Tensors, rows: NDArray[np.int64], compare: bool
) -> Part:
    """Figures of 1,000 new samples beside those of real ones and of one Gaussian; the first are kept to look at."""
    made = trained.generate(Draw(SAMPLES, SEED)).float().cpu()
    shown = {"generated": trained.preparation.pictures(made[:SHOWN]).numpy()}
    classes = trained.schema.target.classes
    if trained.schema.target.kind != "classes" or train.target is None:
        return Part(_unjudged(train, measured, made), shown)
    judge = train_judge(train, len(classes))
    real = judge.features(_only(train))
    shares = judge.shares(made)
    sure = shares.max(1) >= SURE
    counts = np.bincount(shares.argmax(1)[sure], minlength=len(classes))
    figures = {"sure_share": metrics.mean(sure.astype(np.float64))}
    options = trained.recipe.options(trained.project.training)
    if trained.recipe.can_ask(options):  # nobody asked for one class, so all were, in turn
        named = shares.argmax(1) == np.arange(SAMPLES) % len(classes)
        figures["asked_share"] = metrics.mean(named.astype(np.float64))
    results = Results(
        split="other",
        samples=SAMPLES,
        metric="sure_share",
        metrics={
            **values(figures),
            "feature_frechet": frechet(judge.features(made), real),
            "classes_present": float((counts > 0).sum()),
        },
        intervals=intervals(figures),
        classes=classes,
        baselines=_opponents(judge, train, measured, real) if compare else (),
        made=Made(
            sure_by_class=tuple(counts.tolist()),
            judge_accuracy=judge.accuracy(measured),
            judge_samples=len(measured),
            nearest=_nearest(made, _only(train)),
            nearest_real=_nearest(_only(measured), _only(train)),
        ),
    )
    return Part(results, shown)


def _unjudged(train: Tensors, measured: Tensors, made: Tensor) -> Results:
    """Without classes there is nobody to judge: only how far the values themselves are from real ones."""
    real = _flat(_only(train)[:FITTED])
    return Results(
        split="other",
        samples=SAMPLES,
        metric="feature_frechet",
        metrics={"feature_frechet": frechet(_flat(made), real)},
        baselines=(
            Baseline(
                name="real",
                title="Real samples of this split",
                metrics={"feature_frechet": frechet(_flat(_only(measured)), real)},
                seconds=0.0,
            ),
        ),
    )


def _opponents(
    judge: Judge, train: Tensors, measured: Tensors, real: Tensor
) -> tuple[Baseline, ...]:
    """Samples of one Gaussian over all values, which anybody can fit."""
    start = time.perf_counter()
    flat = _flat(_only(train)[:FITTED]).numpy()
    drawn = np.random.default_rng(SEED).multivariate_normal(
        flat.mean(0), np.cov(flat, rowvar=False), SAMPLES, method="eigh"
    )
    seconds = time.perf_counter() - start
    gaussian = torch.from_numpy(drawn).float().reshape(SAMPLES, *_only(train).shape[1:])
    found = [("gaussian", "Draws of one Gaussian over all values", gaussian, seconds)]
    return tuple(
        Baseline(
            name=name,
            title=title,
            metrics=_judged(judge, samples, real),
            seconds=round(took, 4),
        )
        for name, title, samples, took in found
    )


def _judged(judge: Judge, samples: Tensor, real: Tensor) -> dict[str, float | None]:
    shares = judge.shares(samples)
    sure = shares.max(1) >= SURE
    return {
        "sure_share": float(sure.mean()),
        "feature_frechet": frechet(judge.features(samples), real),
        "classes_present": float(len(np.unique(shares.argmax(1)[sure]))),
    }


def _nearest(samples: Tensor, train: Tensor) -> float:
    """Mean squared difference to the nearest training sample, a value: near 0 where samples are copies."""
    distances = torch.cdist(samples.flatten(1), train[:FITTED].flatten(1)).min(1).values
    return float((distances**2 / samples[0].numel()).mean())


def _flat(samples: Tensor) -> Tensor:
    return samples.flatten(1).double()


def _only(samples: Tensors) -> Tensor:
    (only,) = samples.inputs.values()
    return only
