"""Named versions: saved whole, renamed, deleted with a way back, and never in the way of the project."""

from datetime import UTC, datetime, timedelta

import pytest

from builder.errors import SpecError, StorageError
from builder.projects import atomic, store, versions
from builder.projects.history import Document
from builder.spec.codec import encode
from builder.spec.edits import AddNode, RenameProject
from builder.spec.network import Node
from builder.spec.project import Project


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))


@pytest.fixture
def document():
    return Document(store.create(Project(name="Digits")).id)


def save(document, name, **more):
    return versions.save(document.id, document.project, name, revision=document.revision, **more)


def names(document):
    return [version.name for version in versions.versions(document.id)]


def test_a_version_gives_back_the_project_as_it_was_saved_byte_for_byte(document):
    before = encode(document.project)
    version = save(document, "before dropout", note="97.2 %")
    document.apply(AddNode(graph="network", node=Node(id="a", kind="dropout", name="d")))
    assert encode(versions.open_version(document.id, version.id)) == before
    found = versions.find(document.id, version.id)
    assert (found.name, found.note, found.revision) == ("before dropout", "97.2 %", 0)


def test_putting_a_version_back_is_one_undoable_edit(document):
    version = save(document, "empty")
    document.apply(RenameProject(name="Fashion"))
    document.replace(versions.open_version(document.id, version.id), "Went back to “empty”")
    assert document.project.name == "Digits"
    assert document.undo() == "Went back to “empty”"
    assert document.project.name == "Fashion"


def test_versions_are_listed_last_saved_first_and_survive_a_reload(document):
    for name in ("one", "two", "three"):
        save(document, name)
    assert names(document) == ["three", "two", "one"]
    assert names(Document(document.id)) == ["three", "two", "one"]


def test_a_name_is_needed_and_not_given_twice(document):
    save(document, "one")
    for taken in ("one", "  one  "):
        with pytest.raises(SpecError, match="already"):
            save(document, taken)
    with pytest.raises(SpecError, match="needs a name"):
        save(document, "   ")
    assert versions.unused_name(document.id, "one") == "one 2"


def test_name_and_note_can_be_changed_but_not_to_a_taken_name(document):
    first, second = save(document, "one"), save(document, "two")
    versions.describe(document.id, first.id, name="first", note="the beginning")
    assert versions.find(document.id, first.id).note == "the beginning"
    with pytest.raises(SpecError, match="already"):
        versions.describe(document.id, second.id, name="first", note="")
    versions.describe(document.id, second.id, name="two", note="same name, new note")
    assert names(document) == ["two", "first"]


def test_a_deleted_version_comes_back_under_a_free_name(document):
    version = save(document, "one")
    versions.delete(document.id, version.id)
    assert names(document) == []
    with pytest.raises(SpecError, match="not here any more"):
        versions.open_version(document.id, version.id)
    save(document, "one")
    assert [one.name for one in versions.deleted(document.id)] == ["one"]
    assert versions.restore(document.id, version.id).name == "one 2"
    assert set(names(document)) == {"one", "one 2"}


def test_thirty_days_after_its_deletion_a_version_is_gone_for_good(document):
    kept, gone = save(document, "kept"), save(document, "gone")
    versions.delete(document.id, gone.id)
    soon, late = (datetime.now(UTC) + timedelta(days=days) for days in (29, 31))
    assert versions.empty_old(document.folder, now=soon) == 0
    assert versions.empty_old(document.folder, now=late) == 1
    with pytest.raises(SpecError, match="no longer kept"):
        versions.restore(document.id, gone.id)
    assert [version.id for version in versions.versions(document.id)] == [kept.id]


def test_a_damaged_card_hides_no_other_version_and_a_damaged_document_says_so(document):
    good, bad = save(document, "good"), save(document, "bad")
    folder = document.folder / versions.FOLDER
    (folder / f"{bad.id}.json").write_text("{ not json")
    (folder / "stranger.json").write_text('{"id": "../escape"}')
    assert names(document) == ["good"]
    (folder / f"{good.id}.loom.json").write_text("[]")
    with pytest.raises(SpecError, match="not a LayerLoom project"):
        versions.open_version(document.id, good.id)


def test_a_version_that_could_not_be_written_is_not_there(document, monkeypatch):
    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "replace", refuse)
    with pytest.raises(StorageError, match="disk is full"):
        save(document, "one")
    monkeypatch.undo()


def test_versions_go_with_their_project_into_the_trash_and_come_back(document):
    save(document, "one")
    store.delete(document.id)
    store.restore(document.id)
    assert names(document) == ["one"]
