"""The settings of the next run: what was inferred, why, and the way back to it; every change is an edit."""

from typing import Any

import streamlit as st

from builder.errors import BuilderError
from builder.runs.store import Run
from builder.spec.edits import SetTraining
from builder.spec.training import EarlyStopping, OptimizerSpec, ScheduleSpec, TrainingSpec
from builder.train.optimizers import all_optimizers
from builder.train.recipes import catalogue as recipes
from builder.train.recipes.options import described
from builder.train.schedules import all_schedules
from builder.train.settings import Resolved, Setting, resolve, training_samples
from builder.ui import rehearsals, words
from builder.ui.screens.run_watch import project_of
from builder.ui.screens.train_inputs import Change, choice, fraction, switch, whole
from builder.ui.screens.train_recipe import loss_settings, own_settings, task_choice
from builder.ui.shell.router import go
from builder.ui.state import State, current, widget


def show_settings(state: State) -> None:
    """Draws the settings; without data, the way to it."""
    st.markdown("#### Settings")
    schema = state.project.data.snapshot
    if schema is None:
        st.markdown("The settings follow from the data, and there is none yet.")
        if st.button("Choose data", icon=":material/database:", key="settings_data"):
            go("data", project=state.project_id)
        return
    training = state.project.training
    try:
        recipe = recipes.infer(training, schema)
        samples = training_samples(state.project.data, schema.samples)
        fixed = resolve(training, schema, recipe, samples=samples)
    except BuilderError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        st.button("Back to inferred settings", key="settings_reset", on_click=_reset)
        return
    task_choice(schema, fixed)
    own_settings(training, fixed)
    whole(
        "Epochs",
        "epochs",
        fixed.epochs,
        _with("epochs"),
        least=1,
        help=_EPOCHS,
        setting=fixed.settings["epochs"],
    )
    whole(
        "Batch size",
        "batch_size",
        fixed.batch_size,
        _with("batch_size"),
        least=1,
        help=_BATCH,
        setting=fixed.settings["batch_size"],
    )
    fraction(
        "Learning rate",
        "learning_rate",
        fixed.settings["learning_rate"].value,
        _optimizer_with("learning_rate"),
        help=_RATE,
        setting=fixed.settings["learning_rate"],
    )
    kinds = {kind.kind: kind.title for kind in all_optimizers()}
    choice(
        "Optimizer", "optimizer", training.optimizer.kind, kinds, _set_optimizer, help=_OPTIMIZER
    )
    _more(state, training, fixed)
    _forecast(state, fixed, samples)


def show_fixed(run: Run) -> None:
    """The settings a live run was started with."""
    st.markdown("#### This run")
    project = project_of(run)
    if project is None:
        return
    schema = project.data.snapshot
    rows: list[tuple[str, str]] = []
    if schema is not None:
        try:
            samples = training_samples(project.data, schema.samples)
            recipe = recipes.infer(project.training, schema)
            fixed = resolve(project.training, schema, recipe, samples=samples)
            epochs = run.state().epochs or fixed.epochs
            rows = [
                ("Task", fixed.recipe.title),
                ("Epochs", words.count(epochs)),
                ("Batch size", words.count(fixed.batch_size)),
            ]
            rows.append(("Learning rate", f"{fixed.settings['learning_rate'].value:g}"))
            driver = next(iter(fixed.drivers.values()))
            rows.append(("Optimizer", driver.optimizer.title))
            rows.append(("Loss", fixed.loss.title))
            rows += [
                (info.title, str(getattr(fixed.options, info.name)))
                for info in described(type(fixed.options))
            ]
            rows.append(("Watched metric", fixed.metric.title))
            rows.append(("Best weights by", fixed.keep_best_by.title))
            rows.append(("Schedule", fixed.schedule.title))
            if fixed.early_stopping is not None:
                patience = fixed.early_stopping.patience
                rows.append(("Stops early after", words.plural(patience, "epoch")))
            rows.append(("Seed", str(run.info.seed)))
        except BuilderError:
            pass
    with st.container(key="this_run", border=True, gap="xsmall"):
        for name, value in rows:
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.markdown(f":gray[{name}]", width="content")
                st.markdown(words.plain(value), width="content")
    st.caption("Settings can be changed again when this run is over.")


def _more(state: State, training: TrainingSpec, fixed: Resolved) -> None:
    fold = st.expander(
        "More settings",
        key="train_more",
        expanded=bool(state.recall("train_more")),
        on_change=_folded,
    )
    with fold:
        losses = {loss.kind: loss.title for loss in fixed.recipe.losses}
        choice(
            "Loss", "loss", fixed.loss.kind, losses, _with("loss"), setting=fixed.settings["loss"]
        )
        loss_settings(training, fixed)
        metrics = {metric.kind: metric.title for metric in fixed.recipe.metrics} | {"loss": "Loss"}
        metric = fixed.settings["metric"]
        choice(
            "Watched metric", "metric", fixed.metric.kind, metrics, _with("metric"), setting=metric
        )
        _best_by(fixed, metrics)
        decay = fixed.settings["weight_decay"]
        fraction(
            "Weight decay",
            "weight_decay",
            decay.value,
            _optimizer_with("weight_decay"),
            help=_DECAY,
            setting=decay,
        )
        schedules = {kind.kind: kind.title for kind in all_schedules()}
        choice(
            "Schedule", "schedule", training.schedule.kind, schedules, _set_schedule, help=_SCHEDULE
        )
        whole(
            "Warm-up steps",
            "warmup",
            training.schedule.warmup_steps,
            _set_warmup,
            least=0,
            help=_WARMUP,
        )
        patience = fixed.settings["patience"]
        whole(
            "Stop early after (epochs)",
            "patience",
            patience.value,
            _set_patience,
            least=0,
            most=10_000,
            help=_PATIENCE,
            setting=patience,
        )
        fraction("Clip gradients at", "clip", training.clip_norm or 0.0, _set_clip, help=_CLIP)
        whole("Seed", "seed", training.seed, _with("seed"), least=0, most=2**31 - 1, help=_SEED)
        devices = {"auto": "Fastest found", "cpu": "CPU", "cuda": "CUDA", "mps": "Apple GPU"}
        choice("Device", "device", training.device, devices, _with("device"))
        switch(
            "Same result every time",
            "deterministic",
            training.deterministic,
            _with("deterministic"),
        )
        st.button(
            "Back to all inferred", key="settings_reset", on_click=_reset, icon=":material/undo:"
        )


def _best_by(fixed: Resolved, metrics: dict[str, str]) -> None:
    """Which figure picks the best weights and stops early: the watched metric, unless chosen otherwise."""
    yours = fixed.training.keep_best_by
    setting = (
        Setting(yours, "yours")
        if yours is not None
        else Setting(fixed.metric.kind, "inferred", f"the watched metric, {fixed.metric.title}")
    )
    choice(
        "Best weights by",
        "keep_best_by",
        fixed.keep_best_by.kind,
        metrics,
        _with("keep_best_by"),
        help=_BEST,
        setting=setting,
    )


def _forecast(state: State, fixed: Resolved, samples: int) -> None:
    """How long it will take and whether it fits, and a way to find out where that is not known."""
    report = state.report(wait=0.0)
    told = rehearsals.known(state)
    took = (
        words.plain(rehearsals.said(told, fixed.epochs))
        if told is not None
        else _promise(state, fixed, samples)
    )
    memory = report.memory if report else None
    fits = ""
    if memory is not None:
        fits = (
            f"; {'fits' if memory.fits else 'does not fit'} in memory ({words.size(memory.total)})"
        )
    st.caption(f":material/schedule: {took}{fits}")
    if told is None and report is not None and not report.errors():
        rehearsals.button(state, "train_time")


def _promise(state: State, fixed: Resolved, samples: int) -> str:
    """How long it will take: as measured by an earlier run, else that it is not known."""
    for run in state.runs():
        told = run.state()
        if told.state == "finished" and told.epoch and told.seconds:
            seconds = told.seconds / told.epoch * fixed.epochs
            return f"about {words.duration(seconds)}, as measured by {words.plain(run.name)}"
    steps = -(-samples // max(1, fixed.batch_size)) * fixed.epochs
    return f"{words.plural(steps, 'step')}; the time left shows after the first few"


def _reset() -> None:
    old = current().project.training
    fresh = TrainingSpec(seed=old.seed, networks=old.networks)
    current().apply(SetTraining(training=fresh, words="Went back to inferred settings"))


def _folded() -> None:
    fold = widget("train_more")
    current().remember("train_more", bool(fold))


def _with(field: str) -> Change:
    return lambda training, value: training.model_copy(update={field: value})


def _optimizer_with(field: str) -> Change:
    def change(training: TrainingSpec, value: Any) -> TrainingSpec:
        return training.model_copy(
            update={"optimizer": training.optimizer.model_copy(update={field: value})}
        )

    return change


def _set_optimizer(training: TrainingSpec, kind: Any) -> TrainingSpec:
    """Another optimizer with its own usual rates: what suited the old one would not suit it."""
    return training.model_copy(update={"optimizer": OptimizerSpec(kind=kind)})


def _set_schedule(training: TrainingSpec, kind: Any) -> TrainingSpec:
    schedule = ScheduleSpec(kind=kind, warmup_steps=training.schedule.warmup_steps)
    return training.model_copy(update={"schedule": schedule})


def _set_warmup(training: TrainingSpec, steps: Any) -> TrainingSpec:
    schedule = training.schedule.model_copy(update={"warmup_steps": steps})
    return training.model_copy(update={"schedule": schedule})


def _set_patience(training: TrainingSpec, epochs: Any) -> TrainingSpec:
    least = training.early_stopping.minimum_gain if training.early_stopping else 0.0
    stopping = None if epochs is None else EarlyStopping(patience=epochs, minimum_gain=least)
    return training.model_copy(update={"early_stopping": stopping})


def _set_clip(training: TrainingSpec, norm: Any) -> TrainingSpec:
    return training.model_copy(update={"clip_norm": norm or None})


_EPOCHS = "How often it sees all training samples. More when the loss still falls at the end. Too many can memorise."
_BATCH = "Samples in one step. Larger is smoother and faster a sample; smaller steps more often and generalises well."
_RATE = "Size of each step. Lower it when the loss jumps or rises, raise it when it barely falls. 1e-3 is usual."
_OPTIMIZER = "How gradients become steps. AdamW suits nearly everything; SGD shows plain gradient descent at work."
_BEST = "Picks the epoch that is kept, and when to stop early. Loss is finer where the metric moves in steps."
_DECAY = "Pulls weights toward zero a little each step. Use it against memorising. More makes simpler, weaker networks."
_SCHEDULE = "How the learning rate moves over the run. Falling schedules end calmer; constant shows its own effect."
_WARMUP = "Steps in which the learning rate rises from zero. Helps deep networks and transformers start. 0 is none."
_PATIENCE = "Ends the run when validation has not improved for so many epochs. Saves time. 0 never stops early."
_CLIP = "Longest gradient allowed in one step. Use it when the loss jumps, with recurrent layers above all. 0 is none."
_SEED = "Start of all chance: weights, order, dropout. The same seed gives the same run on the same machine."
