"""Every setting of a run with its value, where it comes from and why; checked before anything starts; no torch."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from builder.errors import TrainError
from builder.spec.data import DataSchema, DataSpec
from builder.spec.training import EarlyStopping, OptimizerSpec, TrainingSpec
from builder.train.length import propose_epochs, propose_patience
from builder.train.losses import LossKind
from builder.train.optimizers import OptimizerKind, find_optimizer
from builder.train.recipes.base import Metric, Recipe
from builder.train.recipes.options import RecipeOptions
from builder.train.schedules import ScheduleKind, find_schedule

Origin = Literal["yours", "inferred"]

SMALLEST_BATCH, LARGEST_BATCH = 16, 128


@dataclass(frozen=True)
class Setting:
    """One value, where it comes from, and why it is so."""

    value: Any
    origin: Origin
    reason: str = ""


@dataclass(frozen=True)
class Driver:
    """An optimizer with its rates, for the network of one role."""

    optimizer: OptimizerKind
    learning_rate: float
    weight_decay: float


@dataclass(frozen=True)
class Resolved:
    """What a run will do: nothing left open. `settings` holds each choice with origin and reason, by name."""

    recipe: Recipe
    epochs: int
    batch_size: int
    loss: LossKind
    metric: Metric
    keep_best_by: Metric
    early_stopping: EarlyStopping | None
    """None never stops early."""
    drivers: dict[str, Driver]
    """By role; `network` for recipes with one."""
    schedule: ScheduleKind
    training: TrainingSpec
    settings: dict[str, Setting]
    options: RecipeOptions = field(default_factory=RecipeOptions)
    """The recipe's own settings."""


def training_samples(data: DataSpec, samples: int) -> int:
    """How many of `samples` the split leaves for training, before any fall-back."""
    held_out = round(samples * data.split.test) + round(samples * data.split.validation)
    return max(samples - held_out, 0)


def resolve(
    training: TrainingSpec, schema: DataSchema, recipe: Recipe, *, samples: int | None = None
) -> Resolved:
    """Fills in what was left open, by the data and the recipe, and refuses what cannot work.

    Args:
        training: what was chosen.
        schema: the prepared data.
        recipe: how it learns.
        samples: training samples; estimated from the schema when None.

    Raises:
        TrainError: an unknown kind, or a value outside its bounds, in one sentence.
    """
    count = samples if samples is not None else max(int(schema.samples * 0.65), 1)
    optimizer = find_optimizer(training.optimizer)
    settings = {
        "recipe": _chosen(
            training.recipe, recipe.kind, f"because the target {_target_words(schema)}"
        ),
        "loss": _chosen(training.loss, *recipe.default_loss(schema)),
        "metric": _chosen(training.metric, *recipe.default_metric(schema)),
        "batch_size": _chosen(training.batch_size, *_batch_size(count, optimizer)),
        **_rates(training.optimizer, optimizer),
    }
    size = int(settings["batch_size"].value)
    settings["epochs"] = _chosen(
        training.epochs, *propose_epochs(schema, count, size, optimizer, times=recipe.length)
    )
    settings["patience"] = _patience(training, settings["epochs"])
    specs = {role: training.optimizers.get(role, training.optimizer) for role in recipe.networks}
    resolved = Resolved(
        recipe=recipe,
        epochs=int(settings["epochs"].value),
        batch_size=size,
        loss=recipe.loss(str(settings["loss"].value), training.recipe_settings),
        metric=recipe.metric(str(settings["metric"].value)),
        keep_best_by=recipe.metric(str(training.keep_best_by or settings["metric"].value)),
        early_stopping=_stopping(training, int(settings["patience"].value)),
        drivers={role: _driver(spec) for role, spec in specs.items()},
        schedule=find_schedule(training.schedule),
        training=training,
        settings=settings,
        options=recipe.options(training),
    )
    for role, driver in resolved.drivers.items():
        _refuse_wild(role, driver, len(recipe.networks) > 1)
    return resolved


def _driver(spec: OptimizerSpec) -> Driver:
    optimizer = find_optimizer(spec)
    rates = _rates(spec, optimizer)
    return Driver(optimizer, rates["learning_rate"].value, rates["weight_decay"].value)


def _rates(spec: OptimizerSpec, optimizer: OptimizerKind) -> dict[str, Setting]:
    words = f"the usual value for {optimizer.title}"
    return {
        "learning_rate": _chosen(spec.learning_rate, optimizer.learning_rate, words),
        "weight_decay": _chosen(spec.weight_decay, optimizer.weight_decay, words),
    }


def _patience(training: TrainingSpec, epochs: Setting) -> Setting:
    """Epochs without gain after which the run ends; 0 never. Only a run of inferred length stops by itself."""
    yours = training.early_stopping
    if yours is not None:
        return Setting(yours.patience, "yours")
    if epochs.origin == "yours":
        return Setting(0, "inferred", "because you chose the epochs, they are all run")
    patience = propose_patience(epochs.value)
    return Setting(patience, "inferred", f"enough for a lull in {epochs.value} epochs")


def _stopping(training: TrainingSpec, patience: int) -> EarlyStopping | None:
    if not patience:
        return None
    least = training.early_stopping.minimum_gain if training.early_stopping else 0.0
    return EarlyStopping(patience=patience, minimum_gain=least)


def _chosen(yours: Any, inferred: Any, reason: str) -> Setting:
    if yours is not None:
        return Setting(yours, "yours")
    return Setting(inferred, "inferred", reason)


def _batch_size(samples: int, optimizer: OptimizerKind) -> tuple[int, str]:
    if optimizer.whole_set:
        return max(samples, 1), f"because {optimizer.title} works best on the whole training split"
    wanted = 2 ** round(math.log2(max(samples, 1) / 40)) if samples >= 40 else SMALLEST_BATCH
    size = min(max(wanted, SMALLEST_BATCH), LARGEST_BATCH)
    return min(size, max(samples, 1)), f"because there are {samples:,} training samples"


def _target_words(schema: DataSchema) -> str:
    if schema.target.kind == "classes":
        return f"has {len(schema.target.classes)} classes"
    if schema.target.kind == "mask":
        return f"gives each pixel one of {len(schema.target.classes)} classes"
    if schema.target.kind == "text":
        return "is a text"
    if schema.target.kind == "tokens":
        return "is the text itself"
    return "is a number" if schema.target.width == 1 else f"is {schema.target.width} numbers"


def _refuse_wild(role: str, driver: Driver, several: bool) -> None:
    whose = f" of {role}" if several else ""
    kind = driver.optimizer
    highest = kind.highest_learning_rate
    if not 0 < driver.learning_rate <= highest:
        raise TrainError(
            f"The learning rate{whose} is {driver.learning_rate:g}; {kind.title} learns between 0 and "
            f"{highest:g}. {kind.learning_rate:g} is the usual value."
        )
    if not 0 <= driver.weight_decay < 1 / driver.learning_rate:
        raise TrainError(
            f"The weight decay{whose} is {driver.weight_decay:g}, which would wipe out every weight in "
            f"one step; {kind.weight_decay:g} is the usual value."
        )
    if driver.weight_decay and kind.by_closure:
        raise TrainError(f"{kind.title} knows no weight decay; set it to 0.")
