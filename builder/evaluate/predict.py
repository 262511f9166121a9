"""What a trained run says about files, rows or pixels."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from builder.data import painting
from builder.data.read import given
from builder.errors import DataError
from builder.evaluate.continuing import go_on
from builder.evaluate.run import HasPath
from builder.export.printed.answers import answers, reconstructions
from builder.train.learner import chunks
from builder.train.trained import Trained, load_trained
from builder.train.translating import spelled_rows, translated
from builder.train.unusual import Threshold, threshold

AT_ONCE = 256
"""Texts written at once."""


def predict(run: HasPath | Path, inputs: Sequence[Any]) -> list[dict[str, Any]]:
    """One answer a sample, in order: `{class, probability, probabilities}`, `{value}`, `{mask, shares, certainty}`,
    `{error, threshold, unusual, reconstruction}`, the `{text}` that is written for a text, or how a `{text}` goes on.

    Args:
        run: a run, or its directory.
        inputs: image files, CSV files (one answer a row), rows as dictionaries or JSON text, texts, or pixel arrays.

    Raises:
        BuilderError: there are no weights, or an input cannot be read; it is named.
    """
    trained = load_trained(run if isinstance(run, Path) else run.path)
    return [answer for value in inputs for answer in answers_of(trained, value)]


def answers_of(trained: Trained, value: Any) -> list[dict[str, Any]]:
    """The answers for one input."""
    return _SAID[trained.recipe.shows](trained, value)


def _gone_on(trained: Trained, value: Any) -> list[dict[str, Any]]:
    return [{"text": go_on(trained, _parsed(value, trained.preparation.settings))}]


def _told(trained: Trained, value: Any) -> list[dict[str, Any]]:
    outputs = trained.outputs(_prepared(trained, value))
    preparation = trained.preparation
    return answers(outputs.numpy(), preparation.classes, preparation.settings)


def _translated(trained: Trained, value: Any) -> list[dict[str, Any]]:
    prepared = _prepared(trained, value)
    forward = trained.forward()
    return [
        {"text": text}
        for piece in chunks(prepared, AT_ONCE)
        for text in spelled_rows(trained.preparation, translated(forward, piece))
    ]


def _masked(trained: Trained, value: Any) -> list[dict[str, Any]]:
    outputs = trained.outputs(_prepared(trained, value))
    return painting.answers(outputs.numpy(), trained.preparation.classes)


def _given_back(trained: Trained, value: Any) -> list[dict[str, Any]]:
    prepared = _prepared(trained, value)
    (given,) = prepared.values()
    made = trained.outputs(prepared).reshape(given.shape)
    shown = trained.preparation.pictures(made)
    return reconstructions(
        made.numpy(), given.numpy(), trained_threshold(trained).value, shown.numpy()
    )


def _made_up(trained: Trained, value: Any) -> list[dict[str, Any]]:
    raise DataError(
        "This run makes new samples and answers to no input; ask for some with "
        "`layerloom generate RUN`, or on the Use page."
    )


def _prepared(trained: Trained, value: Any) -> dict[str, Tensor]:
    preparation = trained.preparation
    return preparation.prepare(preparation.read_inputs(_parsed(value, preparation.settings)))


def trained_threshold(trained: Trained) -> Threshold:
    """From which error on a sample is unusual; measured once for these weights."""
    key = (trained.run_dir, trained.epoch, trained.step)
    if key not in _thresholds:
        _thresholds.clear()
        _thresholds[key] = threshold(trained)
    return _thresholds[key]


def _parsed(value: Any, settings: Mapping[str, Any]) -> Any:
    """A row written as JSON becomes a dictionary, a path in text a Path; a text and anything else stays."""
    if not isinstance(value, str):
        return value
    if settings["kind"] == "text":
        return given(value, settings)
    if value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except ValueError as error:
            raise DataError(f"The row {value[:60]!r} is not valid JSON: {error}.") from error
    path = Path(value)
    if not path.is_file():
        raise DataError(f"There is no file {value!r}; give an image, a CSV file or a JSON object.")
    return path


_thresholds: dict[tuple[Path, int, int], Threshold] = {}
_SAID: dict[str, Callable[[Trained, Any], list[dict[str, Any]]]] = {
    "answers": _told,
    "predictions": _told,
    "forecast": _told,
    "masks": _masked,
    "translations": _translated,
    "reconstructions": _given_back,
    "generated": _made_up,
    "text": _gone_on,
}
