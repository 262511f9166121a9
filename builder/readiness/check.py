"""Everything that would stop or hurt a run: networks, data, recipe, settings, memory and device together."""

from collections.abc import Iterator

from builder.data.describe import describe
from builder.errors import BuilderError, TrainError
from builder.network.check import check
from builder.network.report import Report
from builder.readiness import memory
from builder.readiness.expect import expectations
from builder.readiness.parts import missing_networks
from builder.readiness.report import Memory, ProjectReport, SettingReport
from builder.spec.data import DataSchema, DataSpec
from builder.spec.edits import SetData, SetTraining
from builder.spec.problems import Fix, Problem
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from builder.train.device import choose
from builder.train.recipes.base import Recipe
from builder.train.recipes.catalogue import infer
from builder.train.settings import Resolved, resolve, training_samples

_RANK = {"error": 0, "warning": 1, "hint": 2}
FEW_SAMPLES = 50


def check_project(project: Project) -> ProjectReport:
    """The reports of all networks, and every problem that only shows when all parts are looked at together."""
    project, problems = _with_snapshot(project)
    wanted = expectations(project)
    reports = {name: check(project, name, wanted[name]) for name in wanted}
    for report in reports.values():
        problems += report.problems
    schema = project.data.snapshot
    if schema is None:
        return ProjectReport(reports=reports, problems=_sorted(problems))
    samples = training_samples(project.data, schema.samples)
    problems += _data_problems(project.data, samples)
    try:
        recipe = infer(project.training, schema)
        problems += _target_problems(recipe, schema)
        problems += _recipe_problems(recipe, schema, project.training)
        problems += _asking_problems(recipe, schema, project.training)
        missing = missing_networks(project, recipe, schema)
        if missing is not None:
            told = _sorted([*problems, missing])
            return ProjectReport(reports=reports, problems=told, training_samples=samples)
        resolved = resolve(project.training, schema, recipe, samples=samples)
    except TrainError as error:
        problems.append(Problem(code="settings", severity="error", what=str(error)))
        return ProjectReport(reports=reports, problems=_sorted(problems), training_samples=samples)
    problems += _settings_problems(resolved, project, samples)
    if not any(problem.severity == "error" for problem in problems):
        problems += recipe.drawing_problems(project, wanted)
    taken = _memory(reports, resolved, schema, samples)
    if not any(problem.severity == "error" for problem in problems):
        problems += _machine_problems(reports, taken, resolved)
    return ProjectReport(
        reports=reports,
        problems=_sorted(problems),
        settings=_settings(resolved),
        training_samples=samples,
        bytes_needed=taken.total if taken else 0,
        memory=taken,
    )


def _with_snapshot(project: Project) -> tuple[Project, list[Problem]]:
    """The project with its data looked at once, when that has not been done."""
    if project.data.source is None:
        if project.data.snapshot is not None:
            return project, []
        return project, [
            Problem(
                code="no_data",
                severity="error",
                what="There is no data to learn from. Pick a built-in set or drop a file on the Data page.",
                field="data.source",
            )
        ]
    if project.data.snapshot is not None:
        return project, []
    try:
        return project.model_copy(update={"data": describe(project.data)}), []
    except BuilderError as error:
        what = str(error)
        return project, [
            Problem(code="data_unreadable", severity="error", what=what, field="data.source")
        ]


def _data_problems(data: DataSpec, samples: int) -> Iterator[Problem]:
    if samples < 2:
        yield Problem(
            code="no_training_samples",
            severity="error",
            what=f"The split leaves {samples} samples for training. Make the test and validation shares smaller.",
            got=f"{samples}",
            expected="at least 2",
            field="data.split",
            fixes=(_split_fix(data),),
        )
    elif samples < FEW_SAMPLES:
        yield Problem(
            code="few_samples",
            severity="warning",
            what=f"Only {samples} samples are left for training; the network will mostly learn them by heart.",
            got=f"{samples}",
            field="data.split",
        )
    if data.split.validation == 0:
        yield Problem(
            code="no_validation",
            severity="warning",
            what="There is no validation split, so the curves cannot show whether it learns or memorises.",
            field="data.split",
            fixes=(_split_fix(data),),
        )


def _target_problems(recipe: Recipe, schema: DataSchema) -> Iterator[Problem]:
    target = schema.target
    present = [count for count in schema.class_counts if count] if schema.class_counts else None
    classes = len(present) if present is not None else len(target.classes)
    if recipe.needs_target and target.kind in ("classes", "mask") and classes < 2:
        noun = "pixels" if target.kind == "mask" else "samples"
        yield Problem(
            code="one_class",
            severity="error",
            what=f"All {noun} are of one class, so there is nothing to tell apart in {target.name}. "
            f"Add {noun} of another class, or choose another target.",
            got=f"{classes} class",
            expected="at least 2 classes",
            field="data.target",
        )


def _split_fix(data: DataSpec) -> Fix:
    usual = type(data.split)(seed=data.split.seed, how=data.split.how)
    changed = data.model_copy(update={"split": usual})
    return Fix(sentence="Use the usual split: 65 / 15 / 20 %", edits=(SetData(data=changed),))


def _recipe_problems(
    recipe: Recipe, schema: DataSchema, training: TrainingSpec
) -> Iterator[Problem]:
    reason = recipe.fits(schema)
    if reason is not None:
        yield Problem(
            code="recipe_does_not_fit",
            severity="error",
            what=reason,
            field="training.recipe",
            fixes=(
                _training_fix(
                    training,
                    "Take the task from the data",
                    recipe=None,
                    loss=None,
                    metric=None,
                ),
            ),
        )


def _asking_problems(
    recipe: Recipe, schema: DataSchema, training: TrainingSpec
) -> Iterator[Problem]:
    """Samples that can be asked for by class, of data whose samples have none."""
    if schema.target.labels or not recipe.can_ask(recipe.options(training)):
        return
    given = training.recipe_settings
    fewer = [{k: v for k, v in given.items() if k != name} for name in given]
    off = next(
        rest
        for rest in [*fewer, {}]
        if not recipe.can_ask(recipe.options(training.model_copy(update={"recipe_settings": rest})))
    )
    yield Problem(
        code="no_class_to_ask_for",
        severity="error",
        what="New samples are to be asked for by class, and the samples of these data have no class. Turn that off.",
        field="training.recipe_settings",
        fixes=(_training_fix(training, "Do not ask for classes", recipe_settings=off),),
    )


def _settings_problems(resolved: Resolved, project: Project, samples: int) -> Iterator[Problem]:
    training = project.training
    size = resolved.batch_size
    if size > samples:
        yield Problem(
            code="batch_too_large",
            severity="error",
            what=f"The batch size is {size:,}, and there are only {samples:,} training samples.",
            got=f"{size}",
            expected=f"at most {samples}",
            field="training.batch_size",
            fixes=(_training_fix(training, "Choose the batch size for me", batch_size=None),),
        )
    try:
        choose(training.device)
    except TrainError as error:
        yield Problem(
            code="device_missing",
            severity="error",
            what=str(error),
            field="training.device",
            fixes=(_training_fix(training, "Use the best device there is", device="auto"),),
        )
    if training.schedule.warmup_steps >= resolved.epochs * max(samples // size, 1):
        yield Problem(
            code="warm_up_too_long",
            severity="warning",
            what=f"The warm-up of {training.schedule.warmup_steps:,} steps is longer than the run.",
            field="training.schedule",
        )


def _memory(
    reports: dict[str, Report], resolved: Resolved, schema: DataSchema, samples: int
) -> Memory | None:
    """The parts of the memory; None where the device is not there, which is told as a problem."""
    try:
        device = choose(resolved.training.device)
    except TrainError:
        return None
    return memory.memory(reports.values(), resolved, schema, device, samples)


def _machine_problems(
    reports: dict[str, Report], taken: Memory | None, resolved: Resolved
) -> Iterator[Problem]:
    if taken is None or taken.total <= memory.COMFORTABLE * taken.free:
        return
    needed, free = taken.total, taken.free
    network, node, identifier = memory.heaviest(reports.values(), resolved.batch_size)
    too_much = needed > memory.POSSIBLE * free
    yield Problem(
        code="memory",
        severity="error" if too_much else "warning",
        what=f"The run needs about {memory.words(needed)}, and {memory.words(free)} are free; most of it is "
        f"{identifier}'s. Make that layer or the batch smaller.",
        got=memory.words(needed),
        expected=f"at most {memory.words(int(memory.POSSIBLE * free))}",
        network=network,
        node=node,
    )


def _training_fix(training: TrainingSpec, sentence: str, **changes: object) -> Fix:
    changed = training.model_copy(update=changes)
    return Fix(sentence=sentence, edits=(SetTraining(training=changed),))


def _settings(resolved: Resolved) -> dict[str, SettingReport]:
    return {
        name: SettingReport(value=setting.value, origin=setting.origin, reason=setting.reason)
        for name, setting in resolved.settings.items()
    }


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: _RANK[problem.severity]))
