"""The list of projects: nothing is lost, everything comes back, bad files are told."""

import json

import pytest

from builder.errors import SpecError, StorageError
from builder.projects import store
from builder.projects.history import Document
from builder.spec.codec import encode
from builder.spec.project import Project


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))


def names():
    return [stored.name for stored in store.list_projects()]


def test_the_last_opened_project_comes_first():
    first, second = store.create(Project(name="one")), store.create(Project(name="two"))
    assert names() == ["two", "one"]
    store.opened(first.id)
    assert names() == ["one", "two"]
    assert store.info(first.id).opened > store.info(second.id).opened


def test_a_rename_can_be_undone():
    stored = store.create(Project(name="one"))
    assert store.rename(stored.id, "uno").name == "uno"
    assert Document(stored.id).undo() == "Renamed the project to uno"
    assert store.load(stored.id).name == "one"


def test_a_duplicate_is_equal_but_for_name_and_lives_alone():
    stored = store.create(Project(name="one", note="n"))
    copy = store.duplicate(stored.id)
    assert copy.name == "one copy"
    assert store.load(copy.id).note == "n"
    store.rename(copy.id, "changed")
    assert store.load(stored.id).name == "one"


def test_a_deleted_project_comes_back_with_its_history():
    stored = store.create(Project(name="one"))
    store.rename(stored.id, "uno")
    store.delete(stored.id)
    assert names() == []
    assert [entry.name for entry in store.trashed()] == ["uno"]
    with pytest.raises(SpecError, match="not in the workspace"):
        store.load(stored.id)
    assert store.restore(stored.id).name == "uno"
    assert Document(stored.id).can_undo
    with pytest.raises(StorageError, match="no longer in the trash"):
        store.restore(stored.id)


def test_the_trash_is_emptied_after_thirty_days_and_not_before():
    old, new = store.create(Project(name="old")), store.create(Project(name="new"))
    store.delete(old.id)
    store.delete(new.id)
    mark = next(entry for entry in store.trashed() if entry.id == old.id).folder / "deleted.json"
    mark.write_text(json.dumps({"name": "old", "deleted": "2020-01-01T00:00:00+00:00"}))
    store.tidy()
    assert [entry.name for entry in store.trashed()] == ["new"]


def test_an_unreadable_project_stays_in_the_list_with_its_reason():
    stored = store.create(Project(name="one"))
    (stored.folder / "project.loom.json").write_text('{"schema_version": 99}')
    assert "newer LayerLoom" in store.list_projects()[0].problem
    store.delete(stored.id)
    assert names() == []


def test_an_import_makes_a_project_or_says_what_is_wrong():
    assert store.import_text(encode(Project(name="from a file"))).name == "from a file"
    with pytest.raises(SpecError, match=r"digits\.loom\.json is not valid JSON"):
        store.import_text("{", "digits.loom.json")
    assert names() == ["from a file"]


def test_a_picture_is_shown_until_the_drawing_changes():
    stored = store.create(Project(name="one"))
    assert store.thumbnail(stored.id) is None
    store.set_thumbnail(stored.id, "<svg/>")
    assert store.thumbnail(stored.id) == "<svg/>"
    store.rename(stored.id, "two")
    assert store.thumbnail(stored.id) is None


@pytest.mark.parametrize("bad", ["", "../runs", "a/b", "x" * 300, "nothere", "a\0b"])
def test_an_id_that_is_not_ours_leads_nowhere(bad):
    with pytest.raises(SpecError, match="not in the workspace"):
        store.load(bad)
