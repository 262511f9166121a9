"""The trained model as one module from stored data to answers, and real samples to prove exports with."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from builder.data.raw import Array
from builder.data.split import split
from builder.data.store import open_raw
from builder.errors import ExportError
from builder.train.trained import Trained

SAMPLES = 200


class Pipeline(nn.Module):
    """Preparation, network, and answers in their own unit, as one module.

    forward takes the raw fields in the order of `fields`, batch first, and gives what the network gives: logits
    (B, classes), or numbers (B, width) in the target's unit.
    """

    def __init__(self, trained: Trained) -> None:
        super().__init__()
        preparation = trained.preparation
        self.prepare = preparation.inputs
        self.reads = preparation.reads
        self.network = trained.network
        self.target = trained.target
        self.fields = tuple(dict.fromkeys(f for parts in self.reads.values() for f in parts))

    def forward(self, *raw: Tensor) -> Tensor:
        """Raw fields to answers."""
        given = dict(zip(self.fields, raw, strict=True))
        inputs = [
            module(*(given[part] for part in self.reads[name]))
            for name, module in self.prepare.items()
        ]
        answer: Tensor = self.target.inverse(self.network(*inputs))
        return answer


@dataclass(frozen=True)
class RealSamples:
    """Samples of the run's own data: `raw` as stored, `prepared` as fed to the network, `answers` of the app.

    `outputs` is what the bare network gives for `prepared`, float32.
    """

    raw: dict[str, Array]
    prepared: dict[str, Array]
    outputs: Array
    answers: Array

    def __len__(self) -> int:
        return len(self.answers)


def real_samples(trained: Trained, count: int = SAMPLES) -> RealSamples:
    """At most `count` validation samples (training ones where there is no validation split).

    Never the test split: an export is no reason to open it. Raises ExportError when the data is gone.
    """
    spec = trained.project.data
    raw = open_raw(spec)
    parts = split(raw, spec.split)
    chosen = (parts.validation if len(parts.validation) else parts.train)[:count]
    if not len(chosen):
        raise ExportError(
            "The data of this run is gone, so its export cannot be proved; add it again."
        )
    fields = {name: np.ascontiguousarray(values[chosen]) for name, values in raw.fields.items()}
    return samples_of(trained, fields)


def samples_of(trained: Trained, fields: dict[str, Array]) -> RealSamples:
    """The app's own answers for raw arrays, computed the way the app predicts."""
    trained.network.eval()
    prepared = trained.preparation.prepare(fields)
    with torch.no_grad():
        outputs = trained.network(*prepared.values())
        answers = trained.target.inverse(outputs)
    return RealSamples(
        raw=fields,
        prepared={name: values.numpy() for name, values in prepared.items()},
        outputs=outputs.numpy(),
        answers=answers.numpy(),
    )
