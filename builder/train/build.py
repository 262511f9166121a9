"""Builds the job of a project: data, split, preparation, source, networks, learner, probes."""

import copy
import hashlib
import json
import platform
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from builder.data import prepare
from builder.data.batches import Tensors, tensors, training_tensors
from builder.data.describe import snapshot
from builder.data.prepare import Preparation
from builder.data.raw import Raw
from builder.data.split import split
from builder.data.store import data_hash, open_raw
from builder.errors import TrainError
from builder.network.compile import build, parameter_nodes
from builder.network.mixing import mixing_problem
from builder.network.source import Source, generate
from builder.projects.atomic import write_json, write_text
from builder.spec.data import DataSchema
from builder.spec.project import Project
from builder.train import device as devices
from builder.train import saving, speed
from builder.train.checkpoint import Checkpoints
from builder.train.control import Control, Switches
from builder.train.device import Device
from builder.train.display import Display
from builder.train.feed import feed
from builder.train.inherit import inherit
from builder.train.job import Job
from builder.train.learner import Learner, LearnerContext
from builder.train.probes import Probes, Watched, undisturbed
from builder.train.recipes.base import Recipe
from builder.train.recipes.catalogue import infer
from builder.train.settings import Resolved, resolve

PREPARATION = "preparation"
CHECKPOINTS = "checkpoints"
MODEL, IDENTIFIERS, CLASSES = "model.py", "identifiers.json", "classes.json"


@dataclass(frozen=True)
class Prepared:
    """The data of a job, on its device."""

    schema: DataSchema
    preparation: Preparation
    train: Tensors
    validation: Tensors | None


@dataclass(frozen=True)
class _Plan:
    project: Project
    recipe: Recipe
    resolved: Resolved
    data: Prepared
    device: Device
    source: Source

    @property
    def unscale(self) -> Callable[[torch.Tensor], torch.Tensor] | None:
        """Turns answers into the target's own unit; None for classes."""
        numbers = self.data.schema.target.kind == "numbers" and self.recipe.needs_target
        return self.data.preparation.target.inverse if numbers else None

    def learner(self, networks: Mapping[str, nn.Module]) -> Learner:
        """A fresh learner for these networks, by name."""
        roles = self.recipe.networks_of(self.project)
        names = {role: network.name for role, network in roles.items()}
        return self.recipe.learner(
            LearnerContext(
                networks={role: networks[name] for role, name in names.items()},
                names=names,
                resolved=self.resolved,
                schema=self.data.schema,
                fused=self.device.fused,
                feeds={role: self.source.inputs[name] for role, name in names.items()},
                gives={role: self.source.outputs[name] for role, name in names.items()},
                unscale=self.unscale,
                target=self.data.preparation.target,
            )
        )


def build_job(
    project: Project,
    raw: Raw | None = None,
    *,
    folder: Path | None = None,
    control: Control | None = None,
    watch: bool = True,
    start_from: Path | None = None,
) -> Job:
    """The job of a project, ready for `loop.train`.

    Args:
        project: what to train.
        raw: its data; opened from `project.data` when None.
        folder: the run's directory; model.py, identifiers.json, preparation/ and checkpoints/ are written
            there, and a run that has a checkpoint goes on from it. None keeps everything in memory.
        control: how people reach the loop.
        watch: whether layers are measured.
        start_from: directory of an earlier run whose best weights suiting layers begin with.

    Raises:
        BuilderError: the project cannot be trained, in one sentence.
    """
    device = devices.choose(project.training.device)
    devices.prepare(device, deterministic=project.training.deterministic)
    raw = raw if raw is not None else open_raw(project.data)
    _refuse_changed_data(project)
    data = _data(project, raw, folder, device)
    recipe = infer(project.training, data.schema)
    reason = recipe.fits(data.schema)
    if reason is not None:
        raise TrainError(reason)
    resolved = resolve(project.training, data.schema, recipe, samples=len(data.train))
    expected = recipe.expectations(project, data.schema)
    source = generate(project, expected)
    with tempfile.TemporaryDirectory(prefix="layerloom-") as scratch:
        home = folder or Path(scratch)
        _write_source(home, source)
        networks = build(source, home / MODEL, project.training.seed)
        inherited = inherit(project, source, networks, start_from) if start_from else None
        for network in networks.values():
            network.to(device.torch)
        watched = (
            watch_networks(project, expected, source, networks, Path(scratch)) if watch else None
        )
    plan = _Plan(project, recipe, resolved, data, device, source)
    learner = plan.learner(networks)
    _refuse_mixing(learner, source, data.train)
    torch.manual_seed(project.training.seed)
    job = Job(
        learner=learner,
        train=data.train,
        validation=data.validation,
        resolved=resolved,
        device=device,
        control=control or Switches(),
        checkpoints=Checkpoints(folder / CHECKPOINTS, writes=True) if folder else None,
        facts=_facts(project, source, device),
    )
    if inherited is not None and start_from is not None:
        job.notes.append(inherited.words(_run_name(start_from)))
    if not _resume(job):
        _choose_pace(job, plan, networks)
    if watched is not None:
        job.watch = Probes(watched, job.measured(), unscale=plan.unscale, fed=learner.fed)
        job.display = Display(learner, job.measured(), pictures=data.preparation.pictures)
    return job


def _data(project: Project, raw: Raw, folder: Path | None, device: Device) -> Prepared:
    parts = split(raw, project.data.split)
    kept = folder / PREPARATION if folder else None
    if kept is not None and (kept / prepare.STATE_FILE).is_file():
        preparation = prepare.restore(kept)
    else:
        preparation = prepare.fit(project.data, raw, parts.train)
        if kept is not None:
            preparation.save(kept)
    validation = parts.validation
    return Prepared(
        schema=project.data.snapshot or snapshot(project.data, raw),
        preparation=preparation,
        train=training_tensors(preparation, raw, parts.train, device.torch),
        validation=tensors(preparation, raw, validation, device.torch) if len(validation) else None,
    )


def _refuse_changed_data(project: Project) -> None:
    seen = project.data.snapshot
    if (
        seen is not None
        and project.data.source is not None
        and data_hash(project.data) != seen.hash
    ):
        raise TrainError(
            "The data have changed since this was set up, so the run would not be what it says. "
            "Open the Data page once, then start a new run."
        )


def _write_source(home: Path, source: Source) -> None:
    home.mkdir(parents=True, exist_ok=True)
    path = home / MODEL
    if not path.is_file() or path.read_text() != source.text:
        write_text(path, source.text)
        write_json(home / IDENTIFIERS, source.identifiers)
        write_json(home / CLASSES, _classes(source))


def _classes(source: Source) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "class": class_name,
            "inputs": list(source.inputs[name]),
            "outputs": list(source.outputs[name]),
        }
        for name, class_name in source.classes.items()
    }


def _refuse_mixing(learner: Learner, source: Source, train: Tensors) -> None:
    if len(train) < 2:
        return
    with ExitStack() as stack:
        for network in learner.networks.values():
            stack.enter_context(undisturbed(network))
        given = learner.fed(train.cut(0, 2).inputs)
    for name, network in learner.networks.items():
        problem = mixing_problem(network, [given[name][field] for field in source.inputs[name]])
        if problem:
            raise TrainError(problem)


def watch_networks(
    project: Project,
    expected: dict[str, Any],
    source: Source,
    networks: Mapping[str, nn.Module],
    scratch: Path,
) -> dict[str, Watched]:
    """Every network beside a twin on the same weights that keeps what each node gives; its file goes to `scratch`."""
    tapped = generate(project, expected, taps=True)
    (scratch / "taps").mkdir()
    path = scratch / "taps" / MODEL
    path.write_text(tapped.text)
    twins = build(tapped, path, project.training.seed)
    return {
        name: Watched(
            network=network,
            twin=twins[name],
            nodes={identifier: node for node, identifier in source.identifiers[name].items()},
            weight_nodes=parameter_nodes(name, source, network),
            feeds=source.inputs[name],
            answer=_first_output(project, name),
        )
        for name, network in networks.items()
    }


def _run_name(folder: Path) -> str:
    """What people call the run in a directory."""
    try:
        return str(json.loads((folder / "run.json").read_bytes())["name"])
    except (OSError, ValueError, KeyError):
        return folder.name


def _first_output(project: Project, name: str) -> str:
    network = project.network(name)
    output = next(network.of_kind("output"), None) if network is not None else None
    return output.id if output is not None else ""


def _resume(job: Job) -> bool:
    """Puts the job where its newest whole checkpoint was written; False when there is none."""
    if job.checkpoints is None:
        return False
    checkpoint = job.checkpoints.newest(set_aside=True)
    job.notes += job.checkpoints.refused
    if checkpoint is None:
        return False
    saving.restore(job, checkpoint)
    before = checkpoint.state.get("facts", {})
    changed = [
        f"{name} was {before[name]}, now {value}"
        for name, value in job.facts.items()
        if name in ("torch", "device", "cores") and before.get(name, value) != value
    ]
    if changed:
        job.notes.append(f"Resumed, but not bit-exact: {'; '.join(changed)}.")
    return True


def _choose_pace(job: Job, plan: _Plan, networks: Mapping[str, nn.Module]) -> None:
    """Finds the quickest threads and layout on copies of everything, and records them; nothing else changes."""
    training = plan.project.training
    if job.device.torch.type != "cpu" or training.deterministic:
        job.progress.threads = devices.cores()
        torch.set_num_threads(job.progress.threads)
        return
    size = job.resolved.batch_size
    inputs, target = next(feed(job.train, size, seed=training.seed, epoch=0))

    def trial_at(pace: speed.Pace) -> Callable[[], None]:
        copies = {name: copy.deepcopy(network).train() for name, network in networks.items()}
        speed.lay_out(copies, pace.layout)
        learner = plan.learner(copies)

        def trial() -> None:
            learner.step(inputs, target)

        return trial

    before = torch.default_generator.get_state()
    pace, why = speed.best_pace(
        speed.possible_paces(networks),
        trial_at,
        key=f"{job.facts['source']} {size} {plan.recipe.kind} {training.optimizer.kind}",
    )
    torch.default_generator.set_state(before)
    torch.set_num_threads(pace.threads)
    speed.lay_out(networks, pace.layout)
    job.progress.threads, job.progress.layout = pace.threads, pace.layout
    job.progress.choices = {"pace": pace.words(), "pace_because": why}


def _facts(project: Project, source: Source, device: Device) -> dict[str, Any]:
    return {
        "seed": project.training.seed,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "cores": devices.cores(),
        "device": device.words,
        "source": hashlib.sha256(source.text.encode()).hexdigest(),
        "data": project.data.snapshot.hash if project.data.snapshot else "",
    }
