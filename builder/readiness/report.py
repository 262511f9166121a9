"""What a check of a whole project found; plain data that travels as JSON; no torch."""

from typing import Literal

from builder.network.report import Report
from builder.spec.base import Frozen
from builder.spec.problems import Problem

SPARED = 0.9
"""Share of the free memory that a run may take."""


class SettingReport(Frozen):
    """A setting of the next run: its value, whether a person chose it, and why it is so."""

    value: bool | int | float | str | None
    origin: Literal["yours", "inferred"]
    reason: str = ""


class Memory(Frozen):
    """What a run takes of the memory, in bytes, by part; estimated, on the device it will run on.

    `weights` counts buffers too; `best_weights` are kept beside; `activations` are held from forward to backward, for
    a batch of `batch_size`; `data` is the prepared data. `largest_batch` is the largest power of two, at most the
    training samples, with which it still fits; 0 when nothing does.
    """

    device: str
    free: int
    batch_size: int
    weights: int
    best_weights: int
    gradients: int
    optimizer: int
    activations: int
    data: int
    largest_batch: int

    @property
    def total(self) -> int:
        """All parts together."""
        parts = (self.weights, self.best_weights, self.gradients, self.optimizer)
        return sum(parts) + self.activations + self.data

    @property
    def fits(self) -> bool:
        """Whether it fits into what is free, with a tenth to spare."""
        return self.total <= SPARED * self.free


class ProjectReport(Frozen):
    """The networks' reports, every problem of the project (errors first), and all settings of the next run.

    `settings` names: recipe, loss, metric, batch_size, learning_rate, weight_decay.
    """

    reports: dict[str, Report] = {}
    problems: tuple[Problem, ...] = ()
    settings: dict[str, SettingReport] = {}
    training_samples: int = 0
    bytes_needed: int = 0
    """Estimate of the memory a run takes, data included."""
    memory: Memory | None = None
    """The same in parts; None while settings or data are not known."""

    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop training."""
        return tuple(problem for problem in self.problems if problem.severity == "error")
