"""What the training loop announces: frozen, in past tense, plain numbers and numpy arrays; no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Metrics = Mapping[str, float]


class LayerNumbers(NamedTuple):
    """One layer at one step; NaN where the layer has no such number (a ReLU has no weights)."""

    network: str
    node: str
    gradient_norm: float
    weight_norm: float
    update_ratio: float
    """Length of the last update over the length of the weights."""
    activation_mean: float
    activation_std: float
    dead_share: float
    """Share of units (channels) that were zero for every probed sample."""


@dataclass(frozen=True)
class Event:
    """Something that happened; `seconds` counts training time since the run's first start, pauses excluded."""

    step: int
    """Optimisation steps done so far, over all attempts."""
    seconds: float


@dataclass(frozen=True)
class RunStarted(Event):
    """The first step is next: on which device, how long it will be, what was chosen for speed."""

    epoch: int
    """Whole epochs done before this attempt; 0 unless resumed."""
    epochs: int
    steps_per_epoch: int
    steps: int
    """Steps of the whole run when nothing stops it early."""
    batch_size: int
    parameters: int
    device: str
    """In words: `CPU · 2 cores`."""
    resumed: bool
    choices: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    """What a person should know, e.g. that this resume is not bit-exact."""


@dataclass(frozen=True)
class StepsDone(Event):
    """The steps since the last flush; a few of these a second, whatever the speed."""

    epoch: int
    """Whole epochs done."""
    steps: NDArray[np.int64]
    """Step numbers, from 1."""
    losses: Floats
    learning_rates: Floats
    samples_per_second: float
    seconds_left: float
    more_losses: Mapping[str, Floats] = field(default_factory=dict)
    """Further losses of a recipe with several, by name."""


@dataclass(frozen=True)
class EpochEnded(Event):
    """An epoch is over and validation was measured."""

    epoch: int
    """Whole epochs done, from 1."""
    train: Metrics
    """`loss` always; the other metrics when measuring them was cheap enough."""
    validation: Metrics
    metric: str
    """The watched metric."""
    best: bool
    """This epoch is the best so far."""


@dataclass(frozen=True)
class LayersMeasured(Event):
    """Numbers of every layer, a few times a second at most."""

    layers: tuple[LayerNumbers, ...]
    gradient_norm: float
    """Over all parameters."""


@dataclass(frozen=True)
class ViewsTaken(Event):
    """Outputs of every layer for the chosen validation sample, bounded in size, evaluation mode."""

    sample: int
    """Row among the validation samples (training samples when there are none)."""
    outputs: Mapping[str, NDArray[np.float16]]
    """By node id; images (C, H, W), sequences (L, F), flat (F,). Networks after the first: `name/node`."""
    shapes: Mapping[str, tuple[int, ...]]
    """Full shapes, before bounding."""
    answers: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """What each network's first output gives for the first few validation samples (N, ...), by node id as above;
    numbers in the target's own unit."""


@dataclass(frozen=True)
class SamplesShown(Event):
    """Samples to look at, made by the recipe from the weights of now."""

    rows: Mapping[str, NDArray[np.float32]]
    """By word (`input`, `reconstruction`, `generated`): pictures (N, H, W, C) in 0..1, else numbers (N, F) as the
    network sees them."""


@dataclass(frozen=True)
class CheckpointSaved(Event):
    """A checkpoint is complete on disk."""

    name: str
    kind: Literal["last", "best"]
    epoch: int


@dataclass(frozen=True)
class Paused(Event):
    """Training holds between two steps, everything kept; the loop waits for the control."""


@dataclass(frozen=True)
class Resumed(Event):
    """Training goes on after a pause."""


@dataclass(frozen=True)
class Ended(Event):
    """The end: nothing follows. `reason` is one sentence for people."""

    reason: str
    best: Metrics = field(default_factory=dict)
    """Validation metrics of the best epoch, with its number as `epoch`."""


@dataclass(frozen=True)
class Finished(Ended):
    """All epochs done, or the run ended early by its own rules (early stopping, limits)."""


@dataclass(frozen=True)
class Stopped(Ended):
    """A person asked it to stop; the last checkpoint can be resumed."""


@dataclass(frozen=True)
class Failed(Ended):
    """Could not go on: the loss was not a number, or the disk was full."""
