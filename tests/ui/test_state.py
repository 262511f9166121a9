"""What a session remembers, and what survives it."""

import threading

import pytest

from builder.errors import BuilderError, SpecError
from builder.projects import store
from builder.readiness.blank import blank_project
from builder.readiness.report import ProjectReport
from builder.spec.edits import RemoveNodes, RenameProject, SetTraining
from builder.spec.project import Project
from builder.ui.reports import Reports
from builder.ui.state import State


@pytest.fixture
def opened() -> State:
    state = State()
    state.open(store.create(blank_project(name="one")).id)
    return state


def test_without_a_project_there_is_none_to_look_at():
    with pytest.raises(SpecError, match="No project is open"):
        _ = State().project
    assert State().runs() == []
    assert State().run is None


def test_a_project_that_is_not_here_cannot_be_opened():
    with pytest.raises(BuilderError):
        State().open("nothere00000")


def test_an_edit_is_saved_and_undone_and_redone(opened):
    assert opened.apply(RenameProject(name="two"))
    assert store.load(opened.project_id).name == "two"
    assert opened.undo() == "Renamed the project to two"
    assert store.load(opened.project_id).name == "one"
    opened.redo()
    assert opened.project.name == "two"


def test_an_edit_that_does_not_fit_becomes_a_notice(opened):
    before = opened.revision
    assert not opened.apply(RemoveNodes(graph="gone", nodes=("x",)))
    assert opened.revision == before
    assert opened.notice is not None
    assert opened.notice.is_error
    assert "gone" in opened.notice.text


@pytest.fixture
def clashing(opened) -> State:
    """A window whose change of the epochs came after another window's change of the seed."""
    other = State()
    other.open(opened.project_id)
    training = other.project.training.model_copy(update={"seed": 7})
    other.apply(SetTraining(training=training, words="Changed seed"))
    mine = opened.project.training.model_copy(update={"epochs": 99})
    assert not opened.apply(SetTraining(training=mine, words="Changed epochs"))
    return opened


def test_a_change_made_on_an_older_version_waits_and_names_both_sides(clashing):
    assert store.load(clashing.project_id).training.seed == 7
    assert store.load(clashing.project_id).training.epochs != 99
    assert (clashing.clash.mine, clashing.clash.theirs) == ("Changed epochs", "Changed seed")


def test_keeping_mine_saves_it_and_undo_brings_theirs_back(clashing):
    assert clashing.clash.keep_mine()
    assert store.load(clashing.project_id).training.epochs == 99
    assert clashing.undo() == "Changed epochs"
    assert store.load(clashing.project_id).training.seed == 7


def test_a_fix_of_several_edits_clashes_too_instead_of_overwriting(opened):
    other = State()
    other.open(opened.project_id)
    other.apply(RenameProject(name="theirs"))
    assert not opened.apply_together((RenameProject(name="a"), RenameProject(name="mine")), "Fixed")
    assert store.load(opened.project_id).name == "theirs"
    assert opened.clash.keep_mine()
    assert store.load(opened.project_id).name == "mine"


def test_undo_never_takes_back_what_this_window_has_not_shown(opened):
    opened.apply(RenameProject(name="two"))
    other = State()
    other.open(opened.project_id)
    other.apply(RenameProject(name="theirs"))
    assert opened.undo() is None
    assert store.load(opened.project_id).name == "theirs"
    assert "theirs" in opened.notice.text
    assert opened.undo() == "Renamed the project to theirs"


def test_what_another_window_did_is_seen_when_the_project_is_opened_again(opened):
    other = State()
    other.open(opened.project_id)
    other.apply(RenameProject(name="theirs"))
    opened.open(opened.project_id)
    assert opened.project.name == "theirs"
    assert opened.notice.text == "Changed elsewhere meanwhile: Renamed the project to theirs."


def test_folds_are_kept_per_project_and_over_sessions(opened):
    opened.remember("more_settings", True)
    fresh = State()
    fresh.open(opened.project_id)
    assert fresh.recall("more_settings") is True
    fresh.open(store.create(blank_project(name="other")).id)
    assert fresh.recall("more_settings") is None


def test_a_damaged_memory_file_is_no_memory(opened, workspace):
    (workspace / "views").mkdir(exist_ok=True)
    (workspace / "views" / f"{opened.project_id}.json").write_text("{broken")
    fresh = State()
    fresh.open(opened.project_id)
    assert fresh.recall("anything", 3) == 3


def test_opening_another_project_forgets_layer_and_run(opened):
    opened.selected_layer, opened.run_id = "linear1", "000001-x"
    opened.open(store.create(blank_project(name="other")).id)
    assert (opened.selected_layer, opened.run_id) == ("", "")


def test_a_slow_check_never_holds_a_page_up():
    go_on = threading.Event()

    def slow(project_id: str, project: Project) -> ProjectReport:
        go_on.wait(10)
        return ProjectReport(training_samples=7)

    reports = Reports(slow)
    project = blank_project()
    assert reports.get("p", project, wait=0.01) is None
    assert reports.pending("p", project)
    go_on.set()
    report = reports.get("p", project, wait=5)
    assert report is not None
    assert report.training_samples == 7
    assert not reports.pending("p", project)


def test_while_a_new_check_is_on_its_way_the_last_one_is_shown():
    gates = {"a": threading.Event(), "b": threading.Event()}
    gates["a"].set()

    def ask(project_id: str, project: Project) -> ProjectReport:
        gates[project.name].wait(10)
        return ProjectReport(training_samples=len(project.name))

    reports = Reports(ask)
    first = reports.get("p", blank_project(name="a"), wait=5)
    assert reports.get("p", blank_project(name="b"), wait=0.01) is first
    assert reports.pending("p", blank_project(name="b"))
    gates["b"].set()
    reports.get("p", blank_project(name="b"), wait=5)


def test_the_same_drawing_is_checked_once():
    asked = []

    def ask(project_id: str, project: Project) -> ProjectReport:
        asked.append(project_id)
        return ProjectReport()

    reports = Reports(ask)
    for _ in range(3):
        reports.get("p", blank_project(), wait=5)
    assert asked == ["p"]


def test_a_check_that_was_overtaken_is_asked_again():
    answers = iter([None, ProjectReport(training_samples=1)])
    reports = Reports(lambda project_id, project: next(answers))
    project = blank_project()
    assert reports.get("p", project, wait=5) is None
    again = reports.get("p", project, wait=5)
    assert again is not None


def test_a_check_that_fails_tells_why_and_is_not_repeated_at_once():
    asked = []

    def ask(project_id: str, project: Project) -> ProjectReport:
        asked.append(1)
        raise BuilderError("The check ended without a word.")

    reports = Reports(ask)
    project = blank_project()
    assert reports.get("p", project, wait=5) is None
    assert reports.error("p", project) == "The check ended without a word."
    assert len(asked) == 1
