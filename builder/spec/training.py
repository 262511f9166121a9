"""How the network learns. None means inferred from data and recipe, and is shown as inferred."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from builder.spec.base import Frozen, Name

Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Setting = bool | int | float | str | tuple[float, ...]


class OptimizerSpec(Frozen):
    """An optimizer kind and its settings; unset settings take the kind's defaults."""

    kind: Kind = "adamw"
    learning_rate: Annotated[float, Field(gt=0, le=100)] | None = None
    weight_decay: Annotated[float, Field(ge=0, le=100)] | None = None
    settings: dict[Name, Setting] = {}


class ScheduleSpec(Frozen):
    """A learning-rate schedule kind (`constant`, `cosine`, `step`, `one_cycle`, ...) and its settings."""

    kind: Kind = "constant"
    warmup_steps: Annotated[int, Field(ge=0)] = 0
    settings: dict[Name, Setting] = {}


class EarlyStopping(Frozen):
    """Stop when the watched metric has not improved for `patience` epochs."""

    patience: Annotated[int, Field(ge=0, le=10_000)] = 10
    """0 never stops early."""
    minimum_gain: Annotated[float, Field(ge=0)] = 0.0


class TrainingSpec(Frozen):
    """Recipe, optimisation, limits and seed of the next run."""

    recipe: Kind | None = None
    epochs: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """None: as many as the data needs at the usual rates."""
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    loss: Kind | None = None
    metric: Kind | None = None
    keep_best_by: Kind | None = None
    """The figure that picks the best weights and stops early; None: the watched metric."""
    optimizer: OptimizerSpec = OptimizerSpec()
    optimizers: dict[Name, OptimizerSpec] = {}
    schedule: ScheduleSpec = ScheduleSpec()
    clip_norm: Annotated[float, Field(gt=0)] | None = None
    early_stopping: EarlyStopping | None = None
    """None: inferred with the epochs; a run of chosen length goes to its end."""
    max_steps: Annotated[int, Field(ge=1)] | None = None
    max_minutes: Annotated[float, Field(gt=0)] | None = None
    checkpoint_every: Annotated[int, Field(ge=1)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    device: Annotated[str, StringConstraints(pattern=r"^(auto|cpu|mps|cuda(:[0-9]{1,2})?)$")] = (
        "auto"
    )
    deterministic: bool = False
    recipe_settings: dict[Name, Setting] = {}
    networks: dict[Name, Name] = {}
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
