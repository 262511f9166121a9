"""Learning-rate schedules: the share of the learning rate at a step, as pure functions; no torch."""

import math
from typing import Any, ClassVar

from pydantic import Field

from builder.errors import TrainError
from builder.spec.base import Frozen
from builder.spec.training import ScheduleSpec
from builder.train.optimizers import checked


class ScheduleKind(Frozen):
    """How the learning rate moves over a run; a subclass that sets `kind` is registered by existing."""

    kind: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    when: ClassVar[str]

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "kind" in cls.__dict__ and _REGISTRY.setdefault(cls.kind, cls) is not cls:
            raise TypeError(f"Two schedules are called {cls.kind!r}.")

    def share(self, progress: float) -> float:
        """Share of the learning rate at `progress`, 0 for the first step and towards 1 for the last."""
        raise NotImplementedError


_REGISTRY: dict[str, type[ScheduleKind]] = {}


class Constant(ScheduleKind):
    """The same learning rate throughout."""

    kind: ClassVar[str] = "constant"
    title: ClassVar[str] = "Constant"
    summary: ClassVar[str] = "The learning rate stays as it is."
    when: ClassVar[str] = "Short runs, and when you want to see the learning rate's own effect."

    def share(self, progress: float) -> float:
        """Always 1."""
        return 1.0


class Cosine(ScheduleKind):
    """Half a cosine from 1 down to `floor` (Loshchilov and Hutter, 2017)."""

    kind: ClassVar[str] = "cosine"
    title: ClassVar[str] = "Cosine"
    summary: ClassVar[str] = "The learning rate falls along half a cosine."
    when: ClassVar[str] = "A safe choice for runs whose length you know."

    floor: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Floor",
        description="Share of the learning rate left at the end.",
    )

    def share(self, progress: float) -> float:
        """1 at the start, `floor` at the end."""
        return self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * progress))


class Step(ScheduleKind):
    """Falls by `factor` at `steps` equally spaced moments."""

    kind: ClassVar[str] = "step"
    title: ClassVar[str] = "Steps"
    summary: ClassVar[str] = "The learning rate drops a few times, and stays between the drops."
    when: ClassVar[str] = "Long runs of image networks, and to see what a drop does."

    drops: int = Field(
        2, ge=1, le=100, title="Drops", description="How often it drops, evenly over the run."
    )
    factor: float = Field(
        0.1, gt=0, lt=1, title="Factor", description="What is left of it after each drop."
    )

    def share(self, progress: float) -> float:
        """`factor` to the power of the drops so far."""
        return float(self.factor ** min(int(progress * (self.drops + 1)), self.drops))


class OneCycle(ScheduleKind):
    """Up, then down (Smith and Topin, 2018)."""

    kind: ClassVar[str] = "one_cycle"
    title: ClassVar[str] = "One cycle"
    summary: ClassVar[str] = "The learning rate rises to its value, then falls to nearly nothing."
    when: ClassVar[str] = (
        "Short runs that should get far; choose a learning rate 3 to 10 times the usual."
    )

    rise: float = Field(
        0.3, gt=0, lt=1, title="Rise", description="Share of the run in which it rises."
    )
    start: float = Field(
        0.04, ge=0, le=1, title="Start", description="Share of the learning rate at the first step."
    )

    def share(self, progress: float) -> float:
        """From `start` up to 1 at `rise`, then down to 0, along half cosines."""
        if progress < self.rise:
            return 1 - (1 - self.start) * 0.5 * (1 + math.cos(math.pi * progress / self.rise))
        return 0.5 * (1 + math.cos(math.pi * (progress - self.rise) / (1 - self.rise)))


def all_schedules() -> tuple[type[ScheduleKind], ...]:
    """Every kind of schedule."""
    return tuple(_REGISTRY.values())


def find_schedule(spec: ScheduleSpec) -> ScheduleKind:
    """The schedule a spec asks for, with its settings checked; TrainError in a sentence otherwise."""
    found = _REGISTRY.get(spec.kind)
    if found is None:
        known = ", ".join(_REGISTRY)
        raise TrainError(f"There is no schedule called {spec.kind!r}; choose one of {known}.")
    return found.model_validate(checked(found, spec.settings, f"The schedule {found.title}"))


def share_at(schedule: ScheduleKind, step: int, *, steps: int, warmup_steps: int) -> float:
    """Share of the learning rate for step number `step` (from 0) of `steps`, after a straight warm-up."""
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    return schedule.share(min((step - warmup_steps) / max(steps - warmup_steps, 1), 1.0))
