"""What an evaluation found, as it is kept in a run's results/ folder; no torch."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from builder.errors import TrainError
from builder.projects.atomic import refusals_told, write_bytes, write_json
from builder.spec.base import Frozen

SplitName = Literal["train", "validation", "test"]


class Interval(Frozen):
    """Where a figure lies in 95 of 100 draws of as many samples."""

    low: float | None
    high: float | None


class Mistake(Frozen):
    """One of the worst answers: the sample's place in the data, the truth, the answer, how sure or how far off."""

    index: int
    truth: str | float
    answer: str | float
    score: float
    """Probability of the wrong class, the absolute error, or the characters to change of a text."""


class Baseline(Frozen):
    """What something simple gets on the same split, and in how many seconds it was fitted."""

    name: str
    title: str
    metrics: dict[str, float | None]
    seconds: float
    by_step: tuple[float, ...] = ()
    """Of a forecast: the mean absolute error each step ahead, over all series."""


class Residuals(Frozen):
    """Truth and answer of at most 2,000 samples of a regression, first column."""

    truth: tuple[float, ...]
    answer: tuple[float, ...]


class Drawn(Frozen):
    """One forecast to look at: when, and for each series what was, what came, and what was forecast."""

    index: int
    times: tuple[str, ...]
    """Of the steps looked back on, then of those ahead."""
    past: tuple[tuple[float | None, ...], ...]
    truth: tuple[tuple[float, ...], ...]
    answer: tuple[tuple[float, ...], ...]
    low: tuple[tuple[float, ...], ...] = ()
    high: tuple[tuple[float, ...], ...] = ()


class Forecasts(Frozen):
    """What a forecast looks like: windows spread over the split, and the error each step ahead."""

    series: tuple[str, ...]
    drawn: tuple[Drawn, ...]
    by_step: tuple[float, ...]
    """Mean absolute error of each step ahead, over all series."""
    levels: tuple[float, ...] = ()
    """Low, middle and high, as shares of truths that should lie below; empty without a band."""
    inside: float | None = None
    """The share of truths within the band."""


class Answers(Frozen):
    """The answer to every sample of a classification, as many as are kept: places in the data and class codes."""

    index: tuple[int, ...]
    truth: tuple[int, ...]
    answer: tuple[int, ...]
    certainty: tuple[float, ...]

    def of_cell(self, truth: int, answer: int, classes: tuple[str, ...]) -> tuple[Mistake, ...]:
        """The samples of one cell of the confusion matrix, the surest first."""
        found = [
            Mistake(
                index=self.index[i],
                truth=classes[truth],
                answer=classes[answer],
                score=self.certainty[i],
            )
            for i in range(len(self.index))
            if (self.truth[i], self.answer[i]) == (truth, answer)
        ]
        return tuple(sorted(found, key=lambda one: -one.score))


class Reconstructions(Frozen):
    """Squared errors of at most 2,000 samples, and from which one on a sample is called unusual."""

    errors: tuple[float, ...]
    threshold: float
    threshold_words: str
    unusual: float
    """Share of this split's samples above the threshold."""
    width: int
    """Values in the narrowest place of the network."""
    features: int
    """Values of a sample."""


class Masks(Frozen):
    """How well the areas of each class are found, in the order of the classes; None where there is nothing to say."""

    iou: tuple[float | None, ...]
    """Intersection over union of all its pixels."""
    found: tuple[float | None, ...]
    """The share of its pixels that were answered so."""
    right: tuple[float | None, ...]
    """The share of the pixels answered so that are of it."""
    pixels: tuple[int, ...]


class Translations(Frozen):
    """Exact match of texts by the length of what they are written for, and some of them as they come."""

    shortest: tuple[int, ...]
    longest: tuple[int, ...]
    """Tokens of the texts of each group, from and to."""
    samples: tuple[int, ...]
    exact: tuple[float, ...]
    shown: tuple[Mistake, ...] = ()
    """Spread over the split; the score is the number of characters to change."""


class Made(Frozen):
    """What is known of new samples besides their figures."""

    sure_by_class: tuple[int, ...]
    """New samples the judge is sure of, by class."""
    judge_accuracy: float
    """Of the classifier that judges, on real samples of this split."""
    judge_samples: int
    nearest: float
    """Mean squared difference of a new sample to the nearest training sample."""
    nearest_real: float
    """The same for real samples of this split: much less above means copies."""


class Results(Frozen):
    """The figures of one split. `metric` is the one that matters; None stands for not computable."""

    split: SplitName | Literal["other"]
    samples: int
    metric: str
    metrics: dict[str, float | None]
    intervals: dict[str, Interval] = {}
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    residuals: Residuals | None = None
    forecasts: Forecasts | None = None
    baselines: tuple[Baseline, ...] = ()
    worst: tuple[Mistake, ...] = ()
    answers: Answers | None = None
    """None for numbers, and in results of older versions."""
    reconstructions: Reconstructions | None = None
    made: Made | None = None
    masks: Masks | None = None
    translations: Translations | None = None
    epoch: int = 0
    seconds: float = 0.0
    openings: int = 0
    """How often the test split has been opened for this run."""
    opened: tuple[str, ...] = ()
    """When, ISO 8601 in UTC."""

    @property
    def baseline(self) -> dict[str, Any] | None:
        """The strongest simple opponent, as JSON."""
        return self.baselines[-1].model_dump(mode="json") if self.baselines else None


def read_results(run_dir: Path, split: str) -> Results | None:
    """What the last evaluation of that split found, or None when there was none."""
    path = results_path(run_dir, split)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TrainError(f"The results in {path.name} cannot be read: {error.strerror}.") from error
    try:
        return Results.model_validate_json(raw)
    except ValidationError as error:
        raise TrainError(f"The results in {path.name} are damaged; evaluate again.") from error


def write_results(run_dir: Path, results: Results) -> None:
    """Keeps the results of a split, replacing older ones."""
    path = results_path(run_dir, results.split)
    with refusals_told(path):
        path.parent.mkdir(mode=0o700, exist_ok=True)
    write_json(path, json.loads(results.model_dump_json()))


def arrays_path(run_dir: Path, split: str) -> Path:
    """Where samples to look at of a split's results are kept: arrays by name, pictures as (N, H, W, C) in 0..1."""
    return run_dir / "results" / f"{split}-samples.npz"


def read_arrays(run_dir: Path, split: str) -> dict[str, NDArray[Any]]:
    """The samples to look at; empty where there are none."""
    try:
        with np.load(arrays_path(run_dir, split), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, KeyError):
        return {}


def write_arrays(run_dir: Path, split: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Keeps the samples to look at, replacing older ones; `write_results` has made the folder."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(arrays_path(run_dir, split), buffer.getvalue())


def results_path(run_dir: Path, split: str) -> Path:
    """Where the results of a split are kept."""
    return run_dir / "results" / f"{split}.json"
