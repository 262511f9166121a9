"""The Train screen before, during and after a run."""

import shlex
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from builder.projects.history import Document
from builder.runs import store as runs
from builder.runs.store import ANSWERS
from builder.spec import codec
from builder.spec.edits import SetTraining
from builder.ui.screens.run_watch import samples
from builder.ui.shell import keys


def training(project_id: str):
    return Document(project_id).project.training


def test_before_the_first_run_it_says_so_and_shows_the_frames(open_app, on_screen, digits_project):
    at = open_app("train", project=digits_project)
    assert "Nothing has been trained yet" in on_screen(at)


def test_inferred_values_say_why(open_app, on_screen, digits_project):
    text = on_screen(open_app("train", project=digits_project))
    assert "inferred, because the target has 10 classes" in text
    assert "inferred, because there are 1,168 training samples" in text


def test_a_changed_setting_is_an_edit_and_has_a_way_back(open_app, digits_project):
    at = open_app("train", project=digits_project)
    at.number_input(key="train_batch_size").set_value(64).run()
    assert training(digits_project).batch_size == 64
    at.button(key="inferred_batch_size").click().run()
    assert training(digits_project).batch_size is None
    assert not at.exception


def test_the_best_weights_follow_the_watched_metric_until_told_otherwise(
    open_app, on_screen, digits_project
):
    at = open_app("train", project=digits_project)
    assert at.selectbox(key="train_keep_best_by").value == "accuracy"
    assert "inferred, the watched metric, Accuracy" in on_screen(at)
    at.selectbox(key="train_keep_best_by").set_value("loss").run()
    assert training(digits_project).keep_best_by == "loss"
    at.button(key="inferred_keep_best_by").click().run()
    assert training(digits_project).keep_best_by is None


def test_the_epochs_are_inferred_from_the_steps_until_told_otherwise(
    open_app, on_screen, digits_project
):
    at = open_app("train", project=digits_project)
    inferred = at.number_input(key="train_epochs").value
    assert inferred > 10
    assert "an epoch is 37 steps here" in on_screen(at)
    assert at.number_input(key="train_patience").value >= 10
    at.number_input(key="train_epochs").set_value(7).run()
    assert training(digits_project).epochs == 7
    assert at.number_input(key="train_patience").value == 0
    assert "because you chose the epochs" in on_screen(at)
    at.button(key="inferred_epochs").click().run()
    assert training(digits_project).epochs is None
    assert at.number_input(key="train_epochs").value == inferred


def test_never_stopping_early_is_a_choice_with_a_way_back(open_app, digits_project):
    at = open_app("train", project=digits_project)
    at.number_input(key="train_patience").set_value(0).run()
    assert training(digits_project).early_stopping.patience == 0
    at.button(key="inferred_patience").click().run()
    assert training(digits_project).early_stopping is None


def test_a_setting_changed_in_two_windows_offers_both_versions(open_app, on_screen, digits_project):
    at = open_app("train", project=digits_project)
    other = Document(digits_project)
    theirs = other.project.training.model_copy(update={"seed": 7})
    other.apply(SetTraining(training=theirs, words="Changed seed"))
    at.number_input(key="train_epochs").set_value(33).run()
    assert (training(digits_project).seed, training(digits_project).epochs == 33) == (7, False)
    assert "Changed seed" in on_screen(at)
    at.button(key="clash_mine").click().run()
    assert training(digits_project).epochs == 33
    assert "clash_mine" not in {button.key for button in at.button}


def test_taking_theirs_leaves_my_change_out(open_app, digits_project):
    at = open_app("train", project=digits_project)
    other = Document(digits_project)
    theirs = other.project.training.model_copy(update={"epochs": 21})
    other.apply(SetTraining(training=theirs, words="Changed epochs"))
    at.number_input(key="train_epochs").set_value(33).run()
    at.button(key="clash_theirs").click().run()
    assert training(digits_project).epochs == 21
    assert at.number_input(key="train_epochs").value == 21


@pytest.mark.parametrize(("typed", "value"), [("1e-2", 0.01), ("0,02", 0.02), ("0.03", 0.03)])
def test_the_learning_rate_is_read_however_it_is_written(open_app, digits_project, typed, value):
    at = open_app("train", project=digits_project)
    at.text_input(key="train_learning_rate").set_value(typed).run()
    assert training(digits_project).optimizer.learning_rate == value


@pytest.mark.parametrize("typed", ["fast", "-1", "0", "nan", "1e999"])
def test_a_learning_rate_that_cannot_be_keeps_the_last_good_one(
    open_app, on_screen, digits_project, typed
):
    at = open_app("train", project=digits_project)
    at.text_input(key="train_learning_rate").set_value("0.02").run()
    at.text_input(key="train_learning_rate").set_value(typed).run()
    assert not at.exception
    assert training(digits_project).optimizer.learning_rate == 0.02
    assert "Learning rate" in on_screen(at)


def test_another_optimizer_comes_with_its_own_rate(open_app, digits_project):
    at = open_app("train", project=digits_project)
    at.text_input(key="train_learning_rate").set_value("0.0002").run()
    at.selectbox(key="train_optimizer").set_value("sgd").run()
    chosen = training(digits_project).optimizer
    assert (chosen.kind, chosen.learning_rate) == ("sgd", None)


def test_a_finished_run_says_how_good_it_is_and_what_next(
    open_app, on_screen, digits_project, made_run
):
    made_run(digits_project)
    at = open_app("train", project=digits_project)
    assert "Best validation accuracy: 83.3 %. It took 2.0 s." in on_screen(at)
    assert at.button(key="head_results")
    assert at.button(key="head_use").label == "Draw one yourself"


def test_a_finished_run_has_what_measures_it_stand_ready(
    open_app, digits_project, made_run, said_sidecar
):
    open_app("train", project=digits_project)
    assert "slow process" not in said_sidecar.asked
    made_run(digits_project)
    open_app("train", project=digits_project)
    assert "slow process" in said_sidecar.asked


@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_a_run_that_ended_early_says_what_is_safe_and_can_be_resumed(
    open_app, on_screen, digits_project, state, made_run
):
    made_run(digits_project, state=state)
    at = open_app("train", project=digits_project)
    assert "Resume goes on from" in on_screen(at)
    assert at.button(key="head_hold")


def test_without_a_checkpoint_there_is_no_resume(open_app, on_screen, digits_project, made_run):
    made_run(digits_project, state="failed", weights=False)
    at = open_app("train", project=digits_project)
    assert "Nothing was saved yet" in on_screen(at)
    assert "head_hold" not in {button.key for button in at.button}


@pytest.mark.parametrize("tab", ["Progress", "Layers", "Details"])
def test_every_tab_of_a_run_is_drawn(open_app, digits_project, tab, made_run):
    made_run(digits_project)
    at = open_app("train", project=digits_project)
    at.button_group(key="train_tabs").set_value(tab).run()
    assert not at.exception


@pytest.mark.parametrize("tab", ["Progress", "Layers"])
def test_on_a_phone_the_layers_are_a_list(open_app, digits_project, made_run, monkeypatch, tab):
    monkeypatch.setattr(keys, "_likely_width", lambda: "phone")
    made_run(digits_project)
    at = open_app("train", project=digits_project)
    at.button_group(key="train_tabs").set_value(tab).run()
    assert not at.exception
    assert "**Layers**" in [each.value for each in at.markdown]
    assert "**Model map**" not in [each.value for each in at.markdown]


def test_the_layer_can_be_walked_back_and_forth(open_app, digits_project, made_run):
    run = made_run(digits_project)
    at = open_app("train", project=digits_project)
    names = [node.id for node in run.project.networks[0].nodes]

    def chosen() -> str:
        return next(box.value for box in at.selectbox if box.label == "Layer")

    place = names.index(chosen())
    at.button(key="layer_before").click().run()
    assert chosen() == names[place - 1]
    at.button(key="layer_after").click().run()
    at.button(key="layer_after").click().run()
    assert chosen() == names[place + 1]


def test_at_the_ends_the_walk_stops(open_app, digits_project, made_run):
    run = made_run(digits_project)
    at = open_app("train", project=digits_project)
    for _ in run.project.networks[0].nodes:
        if not at.button(key="layer_after").disabled:
            at.button(key="layer_after").click().run()
    assert at.button(key="layer_after").disabled
    assert next(box.value for box in at.selectbox if box.label == "Layer") == "output"


def test_the_command_trains_exactly_this_project(open_app, digits_project):
    at = open_app("train", project=digits_project)
    command = next(code.value for code in at.code if code.value.startswith("layerloom train "))
    _, _, file, _, home = shlex.split(command)
    assert codec.read(Path(file)) == Document(digits_project).project
    assert Path(file).is_relative_to(home)


def test_the_same_eight_samples_are_answered_live(open_app, digits_project, made_run):
    run = made_run(digits_project)
    logits = np.full((8, 10), -4.0, dtype=np.float32)
    logits[:, 7] = 4.0
    network = run.project.networks[0]
    output = next(network.of_kind("output"))
    np.savez(run.path / "views" / "latest.npz", **{f"{ANSWERS}{output.id}": logits})
    drawn = {}

    def noted(charts, *arguments, **keywords):
        drawn.update({chart.id: chart for chart in charts})

    with patch("builder.ui.screens.train_progress.live_plots", noted):
        open_app("train", project=digits_project)
    few = drawn["few"]
    assert few.note == "validation samples, step 30"
    assert few.table["answer"] == ["7"] * 8
    data = samples(run)
    rows = data.rows("validation")[:8]
    assert few.table["truth"] == [data.truth(row) for row in rows]
    assert len(few.layout["images"]) == 8


def test_the_run_in_the_url_is_the_one_shown(open_app, on_screen, digits_project, made_run):
    first = made_run(digits_project)
    made_run(digits_project, epochs=2)
    at = open_app("train", project=digits_project, run=first.id)
    assert "**Run 1**" in on_screen(at)


def test_a_drawing_changed_since_says_so(open_app, on_screen, digits_project, made_run):
    made_run(digits_project)
    document = Document(digits_project)
    network = document.project.networks[0]
    from builder.spec.edits import ChangeNode

    document.apply(ChangeNode(graph=network.name, node=network.nodes[1].id, bypassed=True))
    assert "The drawing has changed since this run: 1 layer." in on_screen(
        open_app("train", project=digits_project)
    )


def test_a_run_whose_snapshot_is_damaged_does_not_break_the_page(
    open_app, digits_project, made_run
):
    run = made_run(digits_project)
    (run.path / "project.loom.json").write_text("{")
    open_app("train", project=digits_project)
    assert runs.find(run.id).id == run.id


def test_the_task_is_chosen_by_a_click_and_says_whether_labels_are_used(
    open_app, on_screen, digits_project
):
    at = open_app("train", project=digits_project)
    assert "Learns from the target “label”" in on_screen(at)
    at.selectbox(key="train_recipe").set_value("autoencoder").run()
    assert training(digits_project).recipe == "autoencoder"
    assert "The target “label” is not used" in on_screen(at)
    at.text_input(key="train_option_noise").set_value("0,3").run()
    assert training(digits_project).recipe_settings == {"noise": 0.3}
    at.text_input(key="train_option_hidden").set_value("7").run()
    assert training(digits_project).recipe_settings == {"noise": 0.3}
    at.button(key="inferred_recipe").click().run()
    assert training(digits_project).recipe is None
    assert training(digits_project).recipe_settings == {}
    assert not at.exception
