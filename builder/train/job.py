"""Everything one training needs, in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import nn

from builder.data.batches import Tensors, num_batches
from builder.train.checkpoint import Checkpoints
from builder.train.control import Control, Switches
from builder.train.device import Device
from builder.train.display import Display
from builder.train.events import LayersMeasured, ViewsTaken
from builder.train.learner import Learner
from builder.train.progress import Progress
from builder.train.settings import Resolved


class Watch(Protocol):
    """Looks into the networks between steps and changes nothing; see `probes.Probes`."""

    def before_step(self) -> None:
        """Remembers the weights of now."""

    def after_step(self, step: int, seconds: float) -> LayersMeasured:
        """Numbers of every layer, gradients and the last update included."""

    def views(self, step: int, seconds: float, sample: int) -> ViewsTaken:
        """Outputs of every layer for one sample."""


@dataclass
class Job:
    """One training: `loop.train(job)` runs it. `validation` may be empty (None): training is measured then."""

    learner: Learner
    train: Tensors
    validation: Tensors | None
    resolved: Resolved
    device: Device
    control: Control = field(default_factory=Switches)
    checkpoints: Checkpoints | None = None
    watch: Watch | None = None
    display: Display | None = None
    progress: Progress = field(default_factory=Progress)
    notes: list[str] = field(default_factory=list)
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Kept in every checkpoint: seed, versions, digests."""
    save_gap_seconds: float = 2.0
    """Shortest time between two checkpoints at epoch ends."""
    clock: Callable[[], float] | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Steps of a whole epoch."""
        return num_batches(len(self.train), self.resolved.batch_size)

    @property
    def steps(self) -> int:
        """Steps of the whole run when nothing ends it early."""
        whole = self.resolved.epochs * self.steps_per_epoch
        limit = self.resolved.training.max_steps
        return whole if limit is None else min(whole, limit)

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        """By network name."""
        return self.learner.networks

    def parameters(self) -> int:
        """Values that are learned, over all networks."""
        unique = {p for network in self.networks.values() for p in network.parameters()}
        return sum(p.numel() for p in unique if p.requires_grad)

    def measured(self) -> Tensors:
        """The samples that tell how good it is: validation, or training when there are none."""
        return self.validation if self.validation is not None else self.train
