"""The history drawer: edits in words, jumps as one act, versions saved, renamed, deleted and brought back."""

import pytest

from builder.projects import versions
from builder.projects.history import Document
from builder.spec.edits import RenameProject, SetTraining
from builder.ui.shell import history


@pytest.fixture
def drawer(open_app, digits_project):
    """The Build screen with the drawer open over a project with three edits of different parts."""

    def opened(tab: str = "Edits"):
        document = Document(digits_project)
        document.apply(RenameProject(name="Mine"))
        training = document.project.training.model_copy(update={"epochs": 40})
        document.apply(SetTraining(training=training, words="Changed epochs to 40"))
        document.apply(RenameProject(name="Ours"))
        at = open_app("build", project=digits_project)
        at.button(key="build_history").click().run()
        assert not at.exception, at.exception
        if tab != "Edits":
            at.button_group(key="history_tab").set_value(tab).run()
        return at

    return opened


def labels(at) -> list[str]:
    return [
        b.label.replace("\\", "") for b in at.button if (b.key or "").startswith("history_step_")
    ]


def test_every_edit_of_every_part_is_listed_newest_first_and_the_present_one_is_marked(drawer):
    assert labels(drawer()) == [
        "Renamed the project to Ours · here now",
        "Changed epochs to 40",
        "Renamed the project to Mine",
        "Created",
    ]


def test_a_click_jumps_there_in_one_act_and_redo_stays_possible(drawer, digits_project):
    at = drawer()
    before = Document(digits_project).revision
    at.button(key="history_step_1").click().run()
    document = Document(digits_project)
    assert document.project.name == "Mine"
    assert document.project.training.epochs != 40
    assert document.revision == before + 1
    assert labels(at)[0] == "Renamed the project to Ours · undone"
    assert labels(at)[2] == "Renamed the project to Mine · here now"
    at.button(key="history_step_3").click().run()
    assert Document(digits_project).project.name == "Ours"
    assert Document(digits_project).project.training.epochs == 40


def test_a_long_history_is_shown_in_pages_from_where_the_project_stands(open_app, digits_project):
    document = Document(digits_project)
    for number in range(40):
        document.apply(RenameProject(name=f"Name {number}"))
    document.go_to(document.entries()[9].revision)
    at = open_app("build", project=digits_project)
    at.button(key="build_history").click().run()
    assert len(labels(at)) <= history.ROWS
    assert any("here now" in label for label in labels(at))
    at.button(key="history_page_newest").click().run()
    assert labels(at)[0] == "Renamed the project to Name 39 · undone"
    at.text_input(key="history_find").set_value("name 17").run()
    assert labels(at) == ["Renamed the project to Name 17 · undone"]
    at.text_input(key="history_find").set_value("nothing like it").run()
    assert labels(at) == []


def test_a_version_is_saved_and_marked_on_its_step(drawer, digits_project):
    at = drawer("Versions")
    at.text_input(key="version_name").set_value("before dropout")
    at.text_input(key="version_note").set_value("97 %")
    at.button(key="version_save").click().run()
    saved = versions.versions(digits_project)
    assert [(v.name, v.note, v.revision) for v in saved] == [("before dropout", "97 %", 3)]
    assert at.text_input(key="version_name").value == ""
    at.button_group(key="history_tab").set_value("Edits").run()
    assert any("before dropout" in caption.value for caption in at.caption)


def test_a_version_without_a_name_or_with_a_taken_one_is_refused_in_a_sentence(
    drawer, digits_project
):
    at = drawer("Versions")
    at.button(key="version_save").click().run()
    assert "needs a name" in at.error[0].value
    for _ in range(2):
        at.text_input(key="version_name").set_value("one")
        at.button(key="version_save").click().run()
    assert "already" in at.error[0].value.replace("\\", "")
    assert len(versions.versions(digits_project)) == 1


def test_going_back_to_a_version_is_one_edit_that_undo_takes_back(drawer, digits_project):
    at = drawer("Versions")
    document = Document(digits_project)
    version = versions.save(digits_project, document.project, "forty", revision=document.step)
    training = document.project.training.model_copy(update={"epochs": 5})
    document.apply(SetTraining(training=training))
    at.run()
    at.button(key=f"version_open_{version.id}").click().run()
    document.refresh()
    assert document.project.training.epochs == 40
    assert document.undo() == "Went back to forty"
    assert document.project.training.epochs == 5


def test_a_deleted_version_comes_back_by_undo(drawer, digits_project):
    at = drawer("Versions")
    document = Document(digits_project)
    version = versions.save(digits_project, document.project, "one")
    at.run()
    at.button(key=f"version_delete_{version.id}").click().run()
    assert versions.versions(digits_project) == []
    at.button(key="version_undo").click().run()
    assert [v.name for v in versions.versions(digits_project)] == ["one"]


def test_a_version_can_be_renamed_in_its_place(drawer, digits_project):
    at = drawer("Versions")
    version = versions.save(digits_project, Document(digits_project).project, "one")
    at.run()
    at.text_input(key=f"version_rename_{version.id}").set_value("first try").run()
    assert versions.find(digits_project, version.id).name == "first try"


def test_runs_are_versions_too(drawer, made_run, digits_project, on_screen):
    at = drawer("Versions")
    run = made_run(digits_project)
    training = run.project.training.model_copy(update={"epochs": 5})
    Document(digits_project).apply(SetTraining(training=training))
    at.run()
    assert "Run 1" in on_screen(at)
    at.button(key=f"version_open_{run.id}").click().run()
    document = Document(digits_project)
    assert document.undo_label == "Went back to Run 1"
    assert document.project.training == run.project.training
