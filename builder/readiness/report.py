"""What a check of a whole project found; plain data that travels as JSON; no torch."""

from typing import Literal

from builder.network.report import Report
from builder.spec.base import Frozen
from builder.spec.problems import Problem


class SettingReport(Frozen):
    """A setting of the next run: its value, whether a person chose it, and why it is so."""

    value: bool | int | float | str | None
    origin: Literal["yours", "inferred"]
    reason: str = ""


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

    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop training."""
        return tuple(problem for problem in self.problems if problem.severity == "error")
