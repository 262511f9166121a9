"""Everything the tabs of a run need at one moment, read once a second."""

from pathlib import Path
from typing import NamedTuple

from builder.errors import BuilderError
from builder.observe.layers import GRADIENT, SIGNS, Reading, VitalSign, readings
from builder.runs.metrics import Metrics
from builder.runs.state import RunState
from builder.runs.store import Run
from builder.spec.data import DataSchema
from builder.spec.network import Network
from builder.spec.project import Project
from builder.train.recipes import catalogue as recipes
from builder.train.recipes.base import Recipe
from builder.train.settings import Resolved, resolve
from builder.ui.screens.run_watch import (
    Views,
    key_prefix,
    layers_in_order,
    network_of,
    read_views,
    watch,
)
from builder.ui.state import current


class Scene(NamedTuple):
    """A run at one moment."""

    run: Run
    told: RunState
    metrics: Metrics
    project: Project
    network: Network
    prefix: str
    """Before node ids in numbers and views; empty for the first network."""
    layers: dict[str, str]
    """Names by key (prefix and node id), input to output."""
    sign: VitalSign
    views: Views | None

    @property
    def steps_per_epoch(self) -> float:
        """Optimisation steps of an epoch."""
        told = self.told
        return float(told.steps_per_epoch or (told.steps / told.epochs if told.epochs else 1) or 1)

    def names(self) -> dict[str, str]:
        """What the layers of the shown network are called, by node id, in reading order."""
        return {layer.removeprefix(self.prefix): name for layer, name in self.layers.items()}

    def readings(self) -> dict[str, Reading]:
        """The chosen vital sign of every layer, by node id."""
        found = readings(self.metrics, self.sign, list(self.layers))
        return {key.removeprefix(self.prefix): reading for key, reading in found.items()}

    @property
    def metric(self) -> str:
        """The watched metric: as the run says, before its first epoch as the settings say."""
        fixed = _settings(self.project)
        return self.told.metric or (fixed.metric.kind if fixed else "")

    @property
    def loss(self) -> str:
        """The kind of loss; empty when the settings cannot be read any more."""
        fixed = _settings(self.project)
        return fixed.loss.kind if fixed else ""

    @property
    def best_by(self) -> str:
        """The figure that picks the best weights, in words; a dash when the settings cannot be read."""
        fixed = _settings(self.project)
        return fixed.keep_best_by.title if fixed else "–"

    @property
    def recipe(self) -> Recipe | None:
        """How it learns; None when that cannot be read any more."""
        fixed = _settings(self.project)
        return fixed.recipe if fixed else None

    @property
    def shows(self) -> str:
        """What its samples are; see `Recipe.shows`."""
        return self.recipe.shows if self.recipe else "answers"

    @property
    def target_schema(self) -> DataSchema | None:
        """The data's snapshot where the target is learned from: only then is there anything to guess."""
        recipe = self.recipe
        return self.project.data.snapshot if recipe is not None and recipe.needs_target else None

    def metric_title(self) -> tuple[str, bool]:
        """The watched metric in words, and whether it is shown in percent."""
        fixed = _settings(self.project)
        kind = self.metric
        try:
            metric = fixed.recipe.metric(kind) if fixed and kind else None
        except BuilderError:
            metric = None
        return (metric.title, metric.as_share) if metric else (kind.replace("_", " "), False)

    def chosen_layer(self) -> str:
        """Node id of the selected layer; else the first with maps to show, with a reading, or at all."""
        selected = current().selected_layer
        if self.network.node(selected) is not None:
            return selected
        outputs = self.views.outputs if self.views else {}
        inner = [key for key in self.layers if key in outputs and outputs[key].ndim == 3][1:]
        if inner:
            return inner[0].removeprefix(self.prefix)
        first = next(iter(self.layers), "").removeprefix(self.prefix)
        return next(iter(self.readings()), first)


def _settings(project: Project) -> Resolved | None:
    schema = project.data.snapshot
    try:
        return (
            resolve(project.training, schema, recipes.infer(project.training, schema))
            if schema
            else None
        )
    except BuilderError:
        return None


def scene_of(run: Run, told: RunState, metrics: Metrics) -> Scene | None:
    """The scene of a run; None when its snapshot cannot be read."""
    watched = watch(run)
    try:
        project = watched.project
    except BuilderError:
        return None
    state = current()
    network = network_of(project, state.network_name)
    prefix = key_prefix(project, network)
    wanted = state.recall("vital_sign", GRADIENT.statistic)
    sign = next((sign for sign in SIGNS if sign.statistic == wanted), GRADIENT)
    layers = layers_in_order(network, prefix)
    views = (None if told.live else asked_views(run)) or watched.views()
    return Scene(run, told, metrics, project, network, prefix, layers, sign, views)


def asked_views(run: Run) -> Views | None:
    """The views of a run that is over, as asked for in this session; None when nobody asked."""
    asked: Views | None = current().drafts.get(f"views {run.id}")
    return asked


def ask_views(run: Run, *, sample: int, split: str) -> None:
    """Has the outputs for a sample computed from the best weights; BuilderError says why it cannot be."""
    state = current()
    wanted = {"run": str(run.path), "sample": sample, "split": split}
    answer = state.sidecar.request("views", wanted)
    path = Path(answer["path"])
    found = read_views(path, sample=int(answer["sample"]), step=int(answer["step"]))
    state.drafts[f"views {run.id}"] = found
