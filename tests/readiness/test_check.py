"""Everything that would stop a run is told before it starts (FAULTS 39, 40, 63)."""

import itertools

import pytest

from builder.data.describe import describe
from builder.errors import TrainError
from builder.readiness import memory
from builder.readiness.check import check_project
from builder.readiness.compile import refuse_errors
from builder.readiness.expect import expectations
from builder.readiness.report import ProjectReport
from builder.spec.data import BuiltinSource, DataSpec, SplitSpec
from builder.spec.edits import apply_all
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import OptimizerSpec, ScheduleSpec, TrainingSpec


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))


def project(data="iris", *middle, split=None, **training):
    layers = middle or (("linear1", "linear", {"out_features": Expr(expr="classes")}),)
    nodes = (
        Node(id="input", kind="input", name="input"),
        *(Node(id=i, kind=kind, name=i, knobs=knobs) for i, kind, knobs in layers),
        Node(id="output", kind="output", name="output"),
    )
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in itertools.pairwise(nodes))
    spec = DataSpec(source=BuiltinSource(name=data), split=split or SplitSpec())
    return Project(
        networks=(Network(nodes=nodes, wires=wires),),
        data=describe(spec),
        training=TrainingSpec(**training),
    )


def codes(report, severity="error"):
    return {problem.code for problem in report.problems if problem.severity == severity}


def test_a_sound_project_has_no_problem_and_says_what_it_inferred():
    report = check_project(project())
    assert report.errors() == ()
    assert report.settings["loss"].value == "cross_entropy"
    assert report.settings["loss"].origin == "inferred"
    assert report.settings["batch_size"].reason
    assert report.reports["network"].parameters == 4 * 3 + 3


def test_what_a_person_chose_is_marked_as_theirs():
    report = check_project(project(batch_size=8))
    assert report.settings["batch_size"].value == 8
    assert report.settings["batch_size"].origin == "yours"


def test_a_project_without_data_says_where_to_get_some():
    report = check_project(Project())
    assert "no_data" in codes(report)


def test_the_output_follows_from_recipe_and_data():
    wanted = expectations(project())["network"]
    assert wanted.outputs[0].shape == (3,)
    assert wanted.variables["classes"] == 3
    assert wanted.inputs[0].type.shape == (4,)


def test_a_wrong_output_width_is_an_error_on_the_drawing():
    wrong = project("iris", ("linear1", "linear", {"out_features": 7}))
    report = check_project(wrong)
    assert report.errors()
    assert "7" in " ".join(f"{p.what} {p.got}" for p in report.errors())


def test_a_recipe_that_does_not_fit_is_mended_by_its_fix():
    wrong = project(recipe="regression")
    report = check_project(wrong)
    assert "recipe_does_not_fit" in codes(report)
    fix = next(p for p in report.problems if p.code == "recipe_does_not_fit").fixes[0]
    assert check_project(apply_all(fix.edits, wrong)).errors() == ()


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ({"optimizer": OptimizerSpec(learning_rate=90.0)}, "learning rate"),
        ({"optimizer": OptimizerSpec(kind="sgd", learning_rate=1.0, weight_decay=5.0)}, "decay"),
        ({"optimizer": OptimizerSpec(kind="nadam")}, "optimizer"),
        ({"schedule": ScheduleSpec(kind="zigzag")}, "schedule"),
        ({"loss": "mse"}, "loss"),
        ({"metric": "r2"}, "measure"),
        ({"optimizer": OptimizerSpec(settings={"beta1": 2.0})}, "beta1"),
        ({"recipe_settings": {"label_smoothing": 3.0}}, "label_smoothing"),
        ({"recipe": "clairvoyance"}, "recipe"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(training, words):
    report = check_project(project(**training))
    assert any(words in problem.what for problem in report.errors()), report.problems


def test_a_batch_larger_than_the_training_split_is_an_error_with_a_fix():
    wrong = project(batch_size=4000)
    report = check_project(wrong)
    fix = next(p for p in report.problems if p.code == "batch_too_large").fixes[0]
    assert check_project(apply_all(fix.edits, wrong)).errors() == ()


def test_batch_norm_with_batches_of_one_is_an_error():
    layers = (
        ("linear1", "linear", {"out_features": 8}),
        ("norm1", "batch_norm1d", {}),
        ("linear2", "linear", {"out_features": Expr(expr="classes")}),
    )
    report = check_project(project("iris", *layers, batch_size=1))
    problem = next(p for p in report.problems if p.code == "batch_of_one")
    assert problem.node == "norm1"


def test_a_split_without_validation_is_a_warning():
    report = check_project(project(split=SplitSpec(validation=0.0)))
    assert "no_validation" in codes(report, "warning")
    assert report.errors() == ()


def test_one_class_is_an_error():
    sound = project()
    snapshot = sound.data.snapshot.model_copy(update={"class_counts": (150, 0, 0)})
    data = sound.data.model_copy(update={"snapshot": snapshot})
    assert "one_class" in codes(check_project(sound.model_copy(update={"data": data})))


def test_masks_of_one_class_are_an_error():
    sound = project("shapes-with-masks")
    assert "one_class" not in codes(check_project(sound))
    target = sound.data.snapshot.target.model_copy(update={"classes": ("background",)})
    snapshot = sound.data.snapshot.model_copy(update={"target": target})
    data = sound.data.model_copy(update={"snapshot": snapshot})
    report = check_project(sound.model_copy(update={"data": data}))
    assert "All pixels are of one class" in next(
        p.what for p in report.problems if p.code == "one_class"
    )


def test_a_network_that_does_not_fit_into_memory_names_its_layer(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda device: 1_000_000)
    layers = (
        ("wide", "linear", {"out_features": 90_000}),
        ("linear2", "linear", {"out_features": Expr(expr="classes")}),
    )
    report = check_project(project("iris", *layers))
    problem = next(p for p in report.errors() if p.code == "memory")
    assert problem.node == "wide"


def test_a_missing_device_is_an_error_with_a_way_out(monkeypatch):
    wrong = project(device="cuda:7")
    fix = next(p for p in check_project(wrong).problems if p.code == "device_missing").fixes[0]
    assert check_project(apply_all(fix.edits, wrong)).errors() == ()


def test_the_report_travels_as_json():
    report = check_project(project())
    assert ProjectReport.model_validate_json(report.model_dump_json()) == report


def test_a_run_is_refused_in_one_sentence():
    with pytest.raises(TrainError, match="batch size"):
        refuse_errors(project(batch_size=4000))
