"""What GAN and diffusion ask of the drawn networks is told on the node, with what mends it."""

import pytest

from builder.data.describe import describe
from builder.projects.templates import find
from builder.readiness.check import check_project
from builder.readiness.expect import expectations
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.edits import RemoveNodes, SetKnobs, apply_all
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))


def begun(recipe, **settings):
    """The small networks that the fix for missing ones draws."""
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    training = TrainingSpec(recipe=recipe, recipe_settings=settings)
    nodes = (
        Node(id="input", kind="input", name="input"),
        Node(id="output", kind="output", name="output"),
    )
    network = Network(nodes=nodes, wires=(Wire(source="input", target="output"),))
    project = Project(networks=(network,), data=data, training=training)
    (problem,) = [p for p in check_project(project).problems if p.code == "missing_network"]
    return apply_all(problem.fixes[0].edits, project)


@pytest.mark.parametrize("settings", [{}, {"by_class": True, "noise_features": 5}])
def test_a_gan_begins_with_both_networks_in_one_click(settings):
    project = begun("gan", **settings)
    assert [network.name for network in project.networks] == ["generator", "discriminator"]
    report = check_project(project)
    assert [p.what for p in report.problems if p.severity != "hint"] == []
    wanted = expectations(project)
    assert wanted["generator"].feed("noise").type.shape == (settings.get("noise_features", 64),)
    assert wanted["generator"].outputs[0].shape == (1, 8, 8)
    assert wanted["discriminator"].outputs[0].shape == (1,)


def test_a_generator_of_the_wrong_size_is_told_where_it_goes_wrong():
    project = begun("gan")
    edit = SetKnobs(graph="generator", node="reshape1", knobs={"shape": (4, 4, 4)})
    report = check_project(edit.apply(project))
    (wrong,) = [p for p in report.errors() if p.network == "generator"]
    assert "1×8×8 because the data's pictures are 1×8×8" in wrong.what
    assert wrong.node


def test_a_discriminator_that_says_two_numbers_is_told_with_a_fix():
    project = begun("gan")
    edit = SetKnobs(graph="discriminator", node="linear2", knobs={"out_features": 2})
    changed = edit.apply(project)
    (wrong,) = [p for p in check_project(changed).errors() if p.network == "discriminator"]
    assert wrong.node == "linear2"
    mended = [apply_all(fix.edits, changed) for fix in wrong.fixes]
    assert any(not check_project(one).errors() for one in mended)


def test_a_stated_noise_that_is_not_the_tasks_is_told_and_mended():
    project = begun("gan", noise_features=16)
    edit = SetKnobs(graph="generator", node="input1", knobs={"shape": (32,)})
    changed = edit.apply(project)
    (wrong,) = [p for p in check_project(changed).errors() if p.code == "input_shape"]
    assert "noise says 32 values, and the task gives 16 values because Noise is 16" in wrong.what
    assert not check_project(apply_all(wrong.fixes[0].edits, changed)).errors()


def test_a_denoiser_without_time_and_with_a_class_nobody_gives_is_told():
    project = find("diffusion-digits").project
    assert check_project(project).errors() == ()
    deaf = RemoveNodes(graph="network", nodes=("label",), heal=False).apply(project)
    told = [p for p in check_project(deaf).problems if p.code == "unused_field"]
    assert "The task gives label (10 values), and no Input takes it" in told[0].what
    off = project.training.model_copy(update={"recipe_settings": {}})
    errors = check_project(project.model_copy(update={"training": off})).errors()
    assert any(p.node == "label" and p.code == "unknown_role" for p in errors)


@pytest.mark.parametrize("name", ["shapes-with-masks", "digits"])
def test_classes_can_only_be_asked_for_where_samples_have_one(name):
    data = describe(DataSpec(source=BuiltinSource(name=name), limit=60))
    project = begun("gan", by_class=True).model_copy(update={"data": data})
    found = [p for p in check_project(project).problems if p.code == "no_class_to_ask_for"]
    assert len(found) == (name == "shapes-with-masks")
    for problem in found:
        after = apply_all(problem.fixes[0].edits, project)
        assert "by_class" not in after.training.recipe_settings
        codes = [p.code for p in check_project(after).problems]
        assert "no_class_to_ask_for" not in codes
