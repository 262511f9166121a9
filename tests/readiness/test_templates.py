"""Every template trains as it is and keeps its promise."""

import pytest

from builder.data.store import data_hash
from builder.evaluate.run import evaluate
from builder.projects.templates import find, templates
from builder.readiness.check import check_project
from builder.readiness.compile import prepare_job
from builder.spec.codec import encode
from builder.train.loop import train
from builder.train.recipes.catalogue import find as find_recipe

MEANT = {("lenet-fashion", "fading_stack")}
"""LeNet-5 keeps the tanh of 1998, and the warning teaches why ReLU took its place."""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_a_template_has_no_problem_and_says_what_it_is(template):
    report = check_project(template.project)
    told = [p for p in report.problems if p.severity != "hint"]
    assert [p.what for p in told if (template.id, p.code) not in MEANT] == []
    assert report.settings["recipe"].value == template.recipe
    figures = {metric.kind for metric in find_recipe(template.recipe).results}
    assert template.metric in {report.settings["metric"].value, *figures}
    assert template.project.data.source.name == template.dataset


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_the_data_of_a_template_are_those_it_was_made_for(template):
    assert data_hash(template.project.data) == template.project.data.snapshot.hash


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp-digits", "mlp-breast-cancer", "mlp-diabetes"])
def test_a_quick_template_keeps_its_promise(name, tmp_path):
    template = find(name)
    (tmp_path / "project.loom.json").write_text(encode(template.project))
    for _ in train(prepare_job(tmp_path)):
        pass
    results = evaluate(tmp_path, "test")
    assert results.metrics[template.metric] >= template.expected
    assert results.metrics[template.metric] >= results.baseline["metrics"][template.metric] - 0.02


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autoencoder-digits", "denoising-digits", "vae-digits"])
def test_a_template_without_labels_keeps_its_promise(name, tmp_path):
    template = find(name)
    (tmp_path / "project.loom.json").write_text(encode(template.project))
    for _ in train(prepare_job(tmp_path)):
        pass
    results = evaluate(tmp_path, "test")
    recipe = find_recipe(template.recipe)
    better = {one.kind: one.better for one in (*recipe.metrics, *recipe.results)}
    sign = 1 if better[template.metric] == "higher" else -1
    value = results.metrics[template.metric]
    assert sign * value >= sign * template.expected
    assert sign * value > sign * results.baseline["metrics"][template.metric]


def shorter(name, folder, epochs):
    """The validation figures of a template after so many epochs."""
    project = find(name).project
    training = project.training.model_copy(update={"epochs": epochs})
    (folder / "project.loom.json").write_text(
        encode(project.model_copy(update={"training": training}))
    )
    for _ in train(prepare_job(folder)):
        pass
    return evaluate(folder, "validation")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autoencoder-digits", "denoising-digits"])
def test_an_autoencoder_template_beats_components_of_equal_width_in_seconds(name, tmp_path):
    results = shorter(name, tmp_path, 40)
    metric = find(name).metric
    assert results.metrics[metric] < results.baseline["metrics"][metric]


@pytest.mark.slow
def test_the_u_net_beats_components_on_noise_in_seconds(tmp_path):
    results = shorter("unet-denoising-digits", tmp_path, 8)
    assert results.metrics["denoised_mse"] < 0.5 * results.baseline["metrics"]["denoised_mse"]


@pytest.mark.slow
def test_the_vae_template_makes_samples_of_all_classes_in_seconds(tmp_path):
    results = shorter("vae-digits", tmp_path, 30)
    assert results.made.judge_accuracy >= 0.96
    assert results.metrics["sure_share"] >= 0.5
    assert results.metrics["sure_share"] > results.baseline["metrics"]["sure_share"]
    assert results.metrics["classes_present"] == 10


@pytest.mark.slow
def test_the_seq2seq_template_writes_dates_in_seconds(tmp_path):
    results = shorter("seq2seq-dates", tmp_path, 8)
    assert results.metrics["exact_match"] >= 0.6
    assert results.metrics["exact_match"] > results.baseline["metrics"]["exact_match"] + 0.5


@pytest.mark.slow
def test_the_u_net_template_finds_the_areas_of_all_classes_in_seconds(tmp_path):
    results = shorter("unet-shapes", tmp_path, 5)
    assert results.metrics["mean_iou"] >= 0.6
    assert results.metrics["mean_iou"] > results.baseline["metrics"]["mean_iou"] + 0.3
    assert min(results.masks.iou) >= 0.3


@pytest.mark.nightly
def test_the_gpt_template_knows_more_than_counts_of_three_letters_after_one_epoch(tmp_path):
    results = shorter("gpt-novel", tmp_path, 1)
    opponent = results.baseline["metrics"]["nats_per_token"]
    assert results.metrics["nats_per_token"] < opponent - 0.1
