"""How far a reconstruction may be off before a sample counts as unusual: measured on the validation split."""

from typing import NamedTuple

import torch
from torch import Tensor

from builder.data.batches import tensors
from builder.data.split import split
from builder.data.store import open_raw
from builder.errors import DataError
from builder.train.trained import Trained

ORDINARY = 0.99
"""Of 100 samples like those of validation, so many score below the threshold."""


class Threshold(NamedTuple):
    """Errors above `value` are unusual; measured on so many samples of that split."""

    value: float
    samples: int
    split: str

    def words(self) -> str:
        """What it means, in a sentence."""
        return (
            f"{ORDINARY * 100:.0f} of 100 {self.split} samples come back with less than {self.value:.3g}; "
            "above it a sample is called unusual."
        )


def errors(made: Tensor, given: Tensor) -> Tensor:
    """Mean squared error of every reconstruction, float32 (N,), in the units the network sees."""
    return ((made.reshape(given.shape) - given) ** 2).flatten(1).mean(1)


def threshold(trained: Trained) -> Threshold:
    """The threshold of a trained run; DataError when its data are gone."""
    raw = open_raw(trained.project.data)
    parts = split(raw, trained.project.data.split)
    name = "validation" if len(parts.validation) else "training"
    rows = parts.validation if len(parts.validation) else parts.train
    if not len(rows):
        raise DataError("The data of this run have no samples to measure a threshold on.")
    inputs = tensors(trained.preparation, raw, rows).inputs
    return of_errors(errors(trained.outputs(inputs), _only(inputs)), name)


def of_errors(found: Tensor, split_name: str) -> Threshold:
    """The threshold that these errors of ordinary samples (N,) give."""
    value = float(torch.quantile(found.double(), ORDINARY))
    return Threshold(value, len(found), split_name)


def _only(inputs: dict[str, Tensor]) -> Tensor:
    (values,) = inputs.values()
    return values
