"""The trained model as one module from stored data to answers, and real samples to prove exports with."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from builder.data.raw import Array
from builder.data.split import split
from builder.data.store import open_raw
from builder.errors import ExportError
from builder.train.learner import answer_of
from builder.train.trained import Trained

SAMPLES = 200


class Pipeline(nn.Module):
    """Preparation, network, and answers in their own unit, as one module.

    forward takes the raw fields in the order of `fields`, batch first, and gives what the network gives: logits
    (B, classes), numbers (B, width) in the target's unit, or reconstructions.
    """

    def __init__(self, trained: Trained) -> None:
        super().__init__()
        preparation = trained.preparation
        self.place = trained.answer_place
        self.prepare = preparation.inputs
        self.reads = preparation.reads
        self.network = trained.network
        self.target = trained.target
        self.fed = fed_inputs(trained)
        self.fields = tuple(dict.fromkeys(f for name in self.fed for f in self.reads[name]))

    def forward(self, *raw: Tensor) -> Tensor:
        """Raw fields to answers."""
        given = dict(zip(self.fields, raw, strict=True))
        inputs = [
            self.prepare[name](*(given[part] for part in self.reads[name])) for name in self.fed
        ]
        answer: Tensor = self.target.inverse(answer_of(self.network(*inputs), self.place))
        return answer


def fed_inputs(trained: Trained) -> tuple[str, ...]:
    """The prepared inputs that the answering network takes, in the order of its arguments."""
    prepared = trained.preparation.inputs
    return tuple(name for name in trained.feeds if name in prepared)


class Maker(nn.Module):
    """A network that makes new samples: takes what it is fed (noise, a code), gives samples as they are prepared."""

    def __init__(self, trained: Trained) -> None:
        super().__init__()
        self.network = trained.network
        self.place = trained.answer_place
        self.fields = trained.feeds

    def forward(self, *fed: Tensor) -> Tensor:
        """What it is fed to new samples."""
        return answer_of(self.network(*fed), self.place)


def pipeline(trained: Trained) -> Pipeline | Maker:
    """The module that leaves: from stored data to answers, or from noise to new samples."""
    return Maker(trained) if trained.recipe.shows == "generated" else Pipeline(trained)


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
    target = None if raw.target is None else raw.target[chosen]
    return samples_of(trained, trained.preparation.stored(fields, target))


def samples_of(trained: Trained, fields: dict[str, Array]) -> RealSamples:
    """The app's own answers for raw arrays, computed the way the app predicts."""
    trained.network.eval()
    prepared = trained.preparation.prepare(fields)
    makes = trained.recipe.shows == "generated"
    if makes:
        prepared = trained.fed(prepared)
    else:
        reads = trained.preparation.reads
        prepared = {name: prepared[name] for name in fed_inputs(trained)}
        taken = {part for name in prepared for part in reads[name]}
        fields = {name: values for name, values in fields.items() if name in taken}
    with torch.no_grad():
        outputs = answer_of(trained.network(*prepared.values()), trained.answer_place)
        answers = trained.target.inverse(outputs)
    return RealSamples(
        raw={name: values.numpy() for name, values in prepared.items()} if makes else fields,
        prepared={name: values.numpy() for name, values in prepared.items()},
        outputs=outputs.numpy(),
        answers=answers.numpy(),
    )
