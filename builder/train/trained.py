"""A trained run read back: its own source, its best weights, its preparation."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from builder.data import prepare
from builder.data.prepare import Preparation, Target
from builder.data.raw import Array
from builder.data.steps import SameTarget
from builder.errors import TrainError
from builder.network.compile import load
from builder.spec import codec
from builder.spec.data import DataSchema
from builder.spec.project import Project
from builder.train.build import CHECKPOINTS, CLASSES, MODEL, PREPARATION
from builder.train.checkpoint import Checkpoint, Checkpoints, network_states
from builder.train.learner import Forward, Learner, LearnerContext, answer_of, forward_of
from builder.train.recipes.base import Recipe
from builder.train.recipes.catalogue import infer
from builder.train.recipes.options import Draw
from builder.train.settings import resolve


@dataclass(frozen=True)
class Trained:
    """Networks in evaluation mode on the CPU, with all that turns raw samples into answers."""

    run_dir: Path
    project: Project
    schema: DataSchema
    recipe: Recipe
    preparation: Preparation
    networks: dict[str, nn.Module]
    source: str
    """Text of the run's model.py."""
    classes: dict[str, dict[str, Any]]
    """By network name: `class` in model.py, `inputs` its forward takes, `outputs` it returns."""
    epoch: int
    step: int
    metrics: dict[str, Any]
    """Validation metrics the weights had, when they are the best ones."""

    @property
    def network(self) -> nn.Module:
        """The network that answers."""
        return self.networks[self._answering]

    @property
    def class_name(self) -> str:
        """Its class in model.py."""
        return str(self.classes[self._answering]["class"])

    @property
    def _answering(self) -> str:
        return self.recipe.networks_of(self.project)[self.recipe.networks[0]].name

    @property
    def by_role(self) -> dict[str, nn.Module]:
        """The networks by their role in the recipe."""
        roles = self.recipe.networks_of(self.project)
        return {role: self.networks[network.name] for role, network in roles.items()}

    @property
    def target(self) -> Target:
        """Turns answers into their own unit; leaves them as they are where no target is learned."""
        return self.preparation.target if self.recipe.needs_target else SameTarget()

    def learner(self) -> Learner:
        """A learner of these weights, for what only a learner knows; nothing of the run is resumed."""
        roles = self.recipe.networks_of(self.project)
        names = {role: network.name for role, network in roles.items()}
        context = LearnerContext(
            networks=self.by_role,
            names=names,
            resolved=resolve(self.project.training, self.schema, self.recipe),
            schema=self.schema,
            feeds={role: tuple(self.classes[name]["inputs"]) for role, name in names.items()},
            gives={role: self._outputs(name) for role, name in names.items()},
        )
        return self.recipe.learner(context)

    def _outputs(self, name: str) -> tuple[str, ...]:
        return tuple(self.classes[name].get("outputs", ()))

    @property
    def feeds(self) -> tuple[str, ...]:
        """What each argument of the answering network's forward is fed."""
        return tuple(self.classes[self._answering]["inputs"])

    def fed(self, prepared: dict[str, Tensor]) -> dict[str, Tensor]:
        """What the answering network is fed for these prepared fields, in the order of its arguments."""
        with torch.no_grad():
            given = self.learner().fed(prepared)[self._answering]
        return {name: given[name] for name in self.feeds}

    def generate(self, draw: Draw) -> Tensor:
        """New samples as a network sees them, float32 (count, ...); TrainError where the recipe makes none."""
        options = self.recipe.drawing(self.recipe.options(self.project.training), draw)
        roles = self.recipe.networks_of(self.project)
        forwards = {
            role: forward_of(self.networks[one.name], tuple(self.classes[one.name]["inputs"]))
            for role, one in roles.items()
        }
        with torch.no_grad():
            return self.recipe.generate(forwards, draw, options, self.schema)

    @property
    def answer_place(self) -> int:
        """Which of the tensors the answering network returns is the answer."""
        names = self._outputs(self._answering)
        return names.index(self.recipe.answer) if self.recipe.answer in names else 0

    def forward(self) -> Forward:
        """A call of the answering network with prepared fields by name; gives the answer alone."""
        call = forward_of(self.network, self.feeds)
        place = self.answer_place
        return lambda inputs: answer_of(call(inputs), place)

    def outputs(self, prepared: dict[str, Tensor], *, chunk: int = 1024) -> Tensor:
        """Logits, or numbers in the target's own unit, for prepared fields (N, ...)."""
        forward = self.forward()
        count = len(next(iter(prepared.values())))
        with torch.no_grad():
            pieces = [
                forward({name: values[start : start + chunk] for name, values in prepared.items()})
                for start in range(0, count, chunk)
            ]
            outputs: Tensor = self.target.inverse(torch.cat(pieces))
        return outputs

    def predict(self, fields: dict[str, Array]) -> Array:
        """Answers for raw fields (N, ...): probabilities (N, classes, ...) or numbers (N, width)."""
        outputs = self.outputs(self.preparation.prepare(fields))
        classes = self.recipe.needs_target and self.schema.target.kind in ("classes", "mask")
        answers: Array = (outputs.softmax(1) if classes else outputs).numpy()
        return answers


def load_trained(run_dir: Path, which: Literal["best", "last"] = "best") -> Trained:
    """The trained networks of a run directory, from its own model.py.

    Raises:
        TrainError: nothing was trained yet, or its weights are gone or damaged.
    """
    checkpoint = _checkpoint(run_dir, which)
    project = codec.read(run_dir / "project.loom.json")
    schema = project.data.snapshot
    if schema is None:
        from builder.data.describe import describe

        project = project.model_copy(update={"data": describe(project.data)})
        schema = project.data.snapshot
        assert schema is not None
    text = (run_dir / MODEL).read_text()
    classes = _classes(run_dir)
    namespace = load(run_dir / MODEL)
    states = network_states(checkpoint.tensors["model"])
    networks: dict[str, nn.Module] = {}
    for name, facts in classes.items():
        if name not in states:
            continue
        network: nn.Module = namespace[facts["class"]]()
        try:
            network.load_state_dict(states[name])
        except RuntimeError as error:
            raise TrainError(
                f"The weights in {checkpoint.name} do not belong to this run's model.py."
            ) from error
        networks[name] = network.eval()
    metrics = checkpoint.state.get("metrics", checkpoint.state.get("best_metrics", {}))
    return Trained(
        run_dir=run_dir,
        project=project,
        schema=schema,
        recipe=infer(project.training, schema),
        preparation=prepare.restore(run_dir / PREPARATION),
        networks=networks,
        source=text,
        classes=classes,
        epoch=int(checkpoint.state["epoch"]),
        step=int(checkpoint.state["step"]),
        metrics=metrics,
    )


def _checkpoint(run_dir: Path, which: str) -> Checkpoint:
    checkpoints = Checkpoints(run_dir / CHECKPOINTS)
    for _ in range(2):  # the training may replace one while it is read
        found = checkpoints.best() if which == "best" else checkpoints.newest()
        if found is not None:
            return found
    if checkpoints.refused:
        raise TrainError(f"{checkpoints.refused[0]} Train again.")
    raise TrainError(
        "This run has no weights on disk: it has not saved a checkpoint yet, or they were deleted. "
        "Train again, or wait for the first checkpoint."
    )


def _classes(run_dir: Path) -> dict[str, dict[str, Any]]:
    try:
        facts: dict[str, dict[str, Any]] = json.loads((run_dir / CLASSES).read_text())
    except (OSError, ValueError) as error:
        raise TrainError(f"This run's {CLASSES} is missing or damaged. Train again.") from error
    return facts
