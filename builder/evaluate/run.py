"""Measures a trained run on a split, beside simple opponents, and keeps what it found."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from builder.data.batches import Tensors, tensors
from builder.data.describe import snapshot
from builder.data.ingest.ingest import ingest
from builder.data.raw import TEXT, Raw
from builder.data.split import split as share_out
from builder.data.store import open_raw
from builder.data.texts import texts_at
from builder.errors import TrainError
from builder.evaluate import metrics
from builder.evaluate.baseline import Flat, baselines
from builder.evaluate.forecast import forecast_part
from builder.evaluate.generated import generated_part
from builder.evaluate.language import language_part
from builder.evaluate.masks import mask_part
from builder.evaluate.part import Part, intervals, values
from builder.evaluate.reconstruct import reconstruction_part
from builder.evaluate.results import (
    Answers,
    Mistake,
    Residuals,
    Results,
    SplitName,
    read_results,
    write_arrays,
    write_results,
)
from builder.evaluate.translate import translation_part
from builder.train.recipes.base import LOSS
from builder.train.settings import resolve
from builder.train.trained import Trained, load_trained

WORST = 24
SHOWN_RESIDUALS = 2000
KEPT_ANSWERS = 10_000


class HasPath(Protocol):
    """A run: all that is needed of it is its directory."""

    @property
    def path(self) -> Path:
        """The run's directory."""


def evaluate(
    run: HasPath | Path, split: SplitName, *, data: Path | None = None, compare: bool = True
) -> Results:
    """The figures of the best weights on a split (or on other data of the same kind), beside baselines.

    Kept in results/ of the run, `data` excepted. Every opening of the test split is counted and dated.
    Without `compare` no baseline is fitted, and figures other than those of the test split are not kept.

    Raises:
        BuilderError: there are no weights, or the data is gone.
    """
    run_dir = run if isinstance(run, Path) else run.path
    start = time.perf_counter()
    trained = load_trained(run_dir)
    spec = trained.project.data
    raw = open_raw(spec)
    parts = share_out(raw, spec.split)
    train = _with_texts(tensors(trained.preparation, raw, parts.train), raw, parts.train)
    if data is not None:
        raw, rows = _other(trained, data)
    else:
        rows = {"train": parts.train, "validation": parts.validation, "test": parts.test}[split]
    if not len(rows):
        raise TrainError(
            f"The {split} split is empty. Give it a share of the samples on the Data page, then train again."
        )
    measured = _with_texts(tensors(trained.preparation, raw, rows), raw, rows)
    before = read_results(run_dir, "test") if split == "test" and data is None else None
    opened = (*before.opened, _now()) if before else (_now(),)
    part = PARTS[trained.recipe.shows](trained, train, measured, rows, compare)
    results = part.results.model_copy(
        update={
            "split": split if data is None else "other",
            "metric": part.results.metric or _metric(trained, len(train)),
            "epoch": trained.epoch,
            "seconds": round(time.perf_counter() - start, 3),
            "openings": len(opened) if split == "test" and data is None else 0,
            "opened": opened if split == "test" and data is None else (),
        }
    )
    if data is None and (compare or split == "test"):
        write_results(run_dir, results)
        if part.arrays:
            write_arrays(run_dir, split, part.arrays)
    return results


def _metric(trained: Trained, samples: int) -> str:
    """The figure that matters."""
    recipe, schema = trained.recipe, trained.schema
    metric = resolve(trained.project.training, schema, recipe, samples=samples).metric.kind
    if metric == LOSS.kind:  # watched while training; a result is told in a figure people know
        return recipe.default_metric(schema)[0]
    return metric


def _answers(
    trained: Trained, train: Tensors, measured: Tensors, rows: NDArray[np.int64], compare: bool
) -> Part:
    """Classes or numbers against the target."""
    outputs = trained.outputs(measured.inputs)
    classes = trained.schema.target.classes if trained.schema.target.kind == "classes" else ()
    part = _class_part if classes else _number_part
    found = part(trained, outputs, measured, rows)
    if compare:
        found = _beside_baselines(found, trained, train, measured)
    return Part(found)


def _beside_baselines(
    found: Results, trained: Trained, train: Tensors, measured: Tensors
) -> Results:
    opponents = baselines(_flat(trained, train), _flat(trained, measured), len(found.classes))
    return found.model_copy(update={"baselines": opponents})


def _class_part(
    trained: Trained, outputs: torch.Tensor, measured: Tensors, rows: NDArray[np.int64]
) -> Results:
    names = trained.schema.target.classes
    assert measured.target is not None
    target = measured.target.numpy()
    shares = outputs.double().softmax(1).numpy()
    answers = shares.argmax(1)
    wrong = np.flatnonzero(answers != target)
    order = wrong[np.argsort(-shares[wrong, answers[wrong]], kind="stable")][:WORST]
    figures = metrics.classification(shares, target)
    return Results(
        split="other",
        samples=len(target),
        metric="",
        metrics=values(figures),
        intervals=intervals(figures),
        classes=names,
        confusion=tuple(
            tuple(row) for row in metrics.confusion(answers, target, len(names)).tolist()
        ),
        worst=tuple(
            Mistake(
                index=int(rows[place]),
                truth=names[target[place]],
                answer=names[answers[place]],
                score=float(shares[place, answers[place]]),
            )
            for place in order
        ),
        answers=Answers(
            index=tuple(rows[:KEPT_ANSWERS].tolist()),
            truth=tuple(target[:KEPT_ANSWERS].tolist()),
            answer=tuple(answers[:KEPT_ANSWERS].tolist()),
            certainty=tuple(shares.max(1)[:KEPT_ANSWERS].round(4).tolist()),
        ),
    )


def _number_part(
    trained: Trained, outputs: torch.Tensor, measured: Tensors, rows: NDArray[np.int64]
) -> Results:
    assert measured.target is not None
    inverse = trained.preparation.target.inverse
    target = inverse(measured.target).double().numpy()
    predicted = outputs.double().numpy().reshape(target.shape)
    figures = metrics.regression(predicted, target)
    error = np.abs(predicted - target).mean(1)
    order = np.argsort(-error, kind="stable")[:WORST]
    return Results(
        split="other",
        samples=len(target),
        metric="",
        metrics=values(figures),
        intervals=intervals(figures),
        residuals=Residuals(
            truth=tuple(target[:SHOWN_RESIDUALS, 0].tolist()),
            answer=tuple(predicted[:SHOWN_RESIDUALS, 0].tolist()),
        ),
        worst=tuple(
            Mistake(
                index=int(rows[place]),
                truth=float(target[place, 0]),
                answer=float(predicted[place, 0]),
                score=float(error[place]),
            )
            for place in order
        ),
    )


def _with_texts(samples: Tensors, raw: Raw, rows: NDArray[np.int64]) -> Tensors:
    """The samples, with the texts they were made from where they were texts."""
    if TEXT not in raw.fields or raw.schema.is_corpus:
        return samples
    texts = np.array(list(texts_at(raw.fields[TEXT], rows.tolist())), dtype=object)
    return replace(samples, texts=texts)


def _flat(trained: Trained, samples: Tensors) -> Flat:
    """The same prepared samples as rows of numbers, or the same texts in full; targets in their own unit."""
    assert samples.target is not None
    if samples.texts is not None:
        return Flat(samples.texts, trained.preparation.target.inverse(samples.target).numpy())
    inputs = torch.cat([values.flatten(1) for values in samples.inputs.values()], 1)
    target = trained.preparation.target.inverse(samples.target)
    return Flat(inputs.double().numpy(), target.numpy())


def _other(trained: Trained, path: Path) -> tuple[Raw, NDArray[np.int64]]:
    """Other data of the same kind, read the way the run's own were."""
    target = trained.schema.target.name
    taken = ingest(path, target=target, column_types=dict(trained.project.data.column_types))
    raw = open_raw(taken.spec)
    mine, theirs = trained.schema, snapshot(taken.spec, raw)
    same = [field.shape for field in mine.fields] == [field.shape for field in theirs.fields]
    if not same and not (
        mine.vocabulary and theirs.vocabulary
    ):  # texts are cut as the run's own were
        raise TrainError(
            f"{path.name} does not look like the data this run was trained on: its samples have another shape."
        )
    if mine.target.classes != theirs.target.classes:
        raise TrainError(
            f"{path.name} has other classes ({', '.join(theirs.target.classes[:5])}) than this run."
        )
    return raw, np.arange(len(raw), dtype=np.int64)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


PartOf = Callable[[Trained, Tensors, Tensors, NDArray[np.int64], bool], Part]
PARTS: dict[str, PartOf] = {
    "answers": _answers,
    "predictions": _answers,
    "reconstructions": reconstruction_part,
    "generated": generated_part,
    "text": language_part,
    "forecast": forecast_part,
    "masks": mask_part,
    "translations": translation_part,
}
"""By what a recipe shows: from run, training split, measured split and its rows to figures; the last argument asks
for simple opponents beside."""
