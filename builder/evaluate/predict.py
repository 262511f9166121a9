"""What a trained run says about files, rows or pixels."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from builder.errors import DataError
from builder.evaluate.run import HasPath
from builder.export.printed.answers import answers
from builder.train.trained import Trained, load_trained


def predict(run: HasPath | Path, inputs: Sequence[Any]) -> list[dict[str, Any]]:
    """One answer a sample, in order: `{class, probability, probabilities}` or `{value}`.

    Args:
        run: a run, or its directory.
        inputs: image files, CSV files (one answer a row), rows as dictionaries or JSON text, or pixel arrays.

    Raises:
        BuilderError: there are no weights, or an input cannot be read; it is named.
    """
    trained = load_trained(run if isinstance(run, Path) else run.path)
    return [answer for value in inputs for answer in answers_of(trained, value)]


def answers_of(trained: Trained, value: Any) -> list[dict[str, Any]]:
    """The answers for one input."""
    fields = trained.preparation.read_inputs(_parsed(value))
    outputs = trained.outputs(trained.preparation.prepare(fields))
    return answers(outputs.numpy(), trained.preparation.classes)


def _parsed(value: Any) -> Any:
    """A row written as JSON becomes a dictionary, a path in text a Path; anything else stays."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except ValueError as error:
            raise DataError(f"The row {value[:60]!r} is not valid JSON: {error}.") from error
    path = Path(value)
    if not path.is_file():
        raise DataError(f"There is no file {value!r}; give an image, a CSV file or a JSON object.")
    return path
