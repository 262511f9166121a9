"""The frame around every screen: bar, ids in the URL, Train, notices, and the way through app.py."""

import pytest
from streamlit.runtime.pages_manager import PagesManager

from builder.projects import store
from builder.runs import store as runs_store
from builder.runs.state import write_state
from builder.spec.codec import encode
from builder.spec.problems import Problem
from builder.ui.shell import menu, router, training, uploads


def test_every_screen_of_the_map_is_there_in_order():
    assert [screen.title for screen in router.SCREENS] == [
        "Start",
        "Data",
        "Build",
        "Train",
        "Results",
        "Use",
        "Export",
        "Runs",
    ]


def test_the_bar_shows_project_data_and_device(open_app, digits_project, on_screen):
    at = open_app("data", project=digits_project)
    labels = [popover.proto.popover.label for popover in at.get("popover")]
    assert "**digits**" in labels
    assert "Handwritten digits · 1,797" in labels
    assert any(label.startswith("CPU · ") for label in labels)
    assert "No problems" in labels
    assert "Saved" in on_screen(at)


def test_both_ids_stay_in_the_url_from_screen_to_screen(open_app, digits_project):
    at = open_app("data", project=digits_project)
    at.switch_page("pages/runs.py").run()
    assert at.query_params["project"] == digits_project


def test_a_link_to_a_project_that_is_gone_says_so(open_app, on_screen):
    at = open_app("start", project="gonegonegone")
    assert "This project is not in the workspace" in on_screen(at)
    assert "project" not in at.query_params


def test_a_link_to_a_run_that_is_gone_offers_the_project(open_app, digits_project, on_screen):
    at = open_app("runs", project=digits_project, run="000099-gone")
    assert "not here any more" in on_screen(
        open_app("start", project=digits_project, run="000099-gone")
    )
    assert at.query_params["project"] == digits_project
    assert "run" not in at.query_params


def test_without_a_project_a_screen_says_what_to_do(open_app, on_screen):
    at = open_app("data")
    assert "No project is open" in on_screen(at)
    assert any(button.label == "Go to Start" for button in at.button)


def test_train_is_never_disabled_and_opens_the_first_error(
    open_app, digits_project, said_sidecar, on_screen
):
    said_sidecar.problems = (
        Problem(
            code="x",
            severity="error",
            what="linear1 got too much.",
            network="network",
            node="linear1",
        ),
    )
    at = open_app("data", project=digits_project)
    train = at.button(key="bar_train")
    assert not train.disabled
    train.click().run()
    assert at.session_state["layerloom"].selected_layer == "linear1"
    assert "linear1 got too much" in on_screen(at)
    assert runs_store.list_runs() == []


def test_train_starts_a_run_and_a_second_press_the_same_one(open_app, digits_project, monkeypatch):
    launched = []
    monkeypatch.setattr(training.launch, "launch", lambda run, spare=None: launched.append(run.id))
    state = open_app("data", project=digits_project).session_state["layerloom"]
    first, second = training.start(state), training.start(state)
    assert first.id == second.id
    assert [run.id for run in runs_store.list_runs(digits_project)] == [first.id]
    assert set(launched) == {first.id}


def test_a_new_run_can_start_from_the_weights_of_an_earlier_one(
    open_app, digits_project, made_run, monkeypatch
):
    earlier = made_run(digits_project)
    monkeypatch.setattr(training.launch, "launch", lambda run, *, spare=None, resume=False: None)
    at = open_app("build", project=digits_project)
    at.selectbox(key="train_from").set_value(earlier.id).run()
    command = next(code.value for code in at.code if code.value.startswith("layerloom train"))
    assert f"--from {earlier.id}" in command
    at.button(key="train_from_it").click().run()
    assert not at.exception
    (newest, *_) = runs_store.list_runs(digits_project)
    assert newest.id != earlier.id
    assert newest.info.start_from == str(earlier.path)
    assert newest.info.parent == earlier.id


def test_without_a_run_there_is_nothing_to_start_from(open_app, digits_project, on_screen):
    at = open_app("build", project=digits_project)
    assert "Once a run of this project has weights" in on_screen(at)


def test_undo_and_redo_in_the_bar_cover_a_rename(open_app, digits_project):
    at = open_app("data", project=digits_project)
    assert at.button(key="bar_undo").disabled
    name = next(field for field in at.text_input if field.label == "Project name")
    name.set_value("renamed").run()
    assert store.load(digits_project).name == "renamed"
    at.button(key="bar_undo").click().run()
    assert store.load(digits_project).name == "digits"
    at.button(key="bar_redo").click().run()
    assert store.load(digits_project).name == "renamed"


def test_the_run_chip_uses_the_exact_words(open_app, digits_project):
    run = runs_store.create(store.load(digits_project), project_id=digits_project)
    write_state(
        run.path,
        {
            "state": "finished",
            "launched": True,
            "best": 0.972,
            "metric": "accuracy",
            "epoch": 10,
            "epochs": 10,
        },
    )
    at = open_app("data", project=digits_project)
    labels = [popover.proto.popover.label for popover in at.get("popover")]
    assert ":material/check_circle: Finished, 97\\.2 %" in labels


@pytest.mark.parametrize(
    ("problem", "screen"),
    [
        (Problem(code="a", severity="error", what="w", network="network", node="n"), "build"),
        (Problem(code="no_data", severity="error", what="w", field="data.source"), "data"),
        (Problem(code="settings", severity="error", what="w", field="training.epochs"), "train"),
    ],
)
def test_a_problem_opens_the_screen_that_mends_it(problem, screen):
    assert training.screen_of(problem) == screen


def test_a_page_outside_the_app_hands_over_to_it(monkeypatch):
    started_again = []
    monkeypatch.setattr(PagesManager, "uses_pages_directory", True)
    monkeypatch.setattr(router.st, "rerun", lambda: started_again.append(True))
    router.inside_app()
    assert started_again == [True]
    assert PagesManager.uses_pages_directory is False
    router.inside_app()
    assert started_again == [True]


def test_a_name_with_markup_is_shown_as_text(open_app, digits_project):
    store.rename(digits_project, "<b>bold</b> **x**")
    at = open_app("data", project=digits_project)
    label = at.get("popover")[0].proto.popover.label
    assert (
        label == "**\\<b\\>bold\\<\\/b\\> \\*\\*x\\*\\***".replace("\\/", "/") or "<b>" not in label
    )


def test_the_project_file_is_named_after_the_project():
    assert menu.file_stem("My Digits: 2nd try!") == "my-digits-2nd-try"
    assert menu.file_stem("数字") == "project"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\\..\\b.csv", "b.csv"),
        ("...", "upload"),
        ("x\n\0.csv", "x.csv"),
        ("a" * 300 + ".csv", "a" * 116 + ".csv"),
    ],
)
def test_the_name_of_an_upload_stays_in_its_folder(name, kept):
    assert uploads.safe_name(name) == kept


def test_an_exported_project_comes_back_equal(open_app, digits_project):
    project = store.load(digits_project)
    again = store.import_text(encode(project), "the file")
    assert store.load(again.id).networks == project.networks
