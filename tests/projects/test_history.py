"""An open project: saved at once, undone exactly, shared by windows, safe from crashes."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from builder.errors import SpecError, StorageError
from builder.projects import atomic, folder, history, store
from builder.projects.history import ConflictError, Document
from builder.runs.launch import worker_environment
from builder.spec.codec import encode
from builder.spec.edits import AddNode, MoveNodes, RemoveNodes, RenameProject, SetKnobs
from builder.spec.network import Node
from builder.spec.project import Project

GRAPH = Project().networks[0].name


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))


@pytest.fixture
def document():
    return Document(store.create(Project(name="Digits")).id)


def add(node_id):
    return AddNode(graph=GRAPH, node=Node(id=node_id, kind="linear", name="linear"))


def knob(value, node="a"):
    return SetKnobs(graph=GRAPH, node=node, knobs={"out_features": value})


def ids(project):
    return [node.id for node in project.networks[0].nodes]


def text_on_disk(document):
    return (document.folder / folder.DOCUMENT).read_text()


def test_every_edit_is_on_disk_when_apply_returns(document):
    document.apply(add("a"))
    assert text_on_disk(document) == encode(document.project)
    assert ids(store.load(document.id)) == ["a"]


def test_undo_and_redo_give_every_earlier_text_back_byte_for_byte(document, monkeypatch):
    monkeypatch.setattr(history, "TOGETHER_SECONDS", 0.0)
    texts = [text_on_disk(document)]
    edits = [
        add("a"),
        knob(3),
        add("b"),
        knob(4),
        SetKnobs(graph=GRAPH, node="a", unset=("out_features",)),
    ]
    edits += [RemoveNodes(graph=GRAPH, nodes=("a",)), RenameProject(name="Fashion")]
    for edit in edits:
        document.apply(edit)
        texts.append(text_on_disk(document))
    for expected in reversed(texts[:-1]):
        assert document.undo() is not None
        assert text_on_disk(document) == expected
    assert document.undo() is None
    for expected in texts[1:]:
        assert document.redo() is not None
        assert text_on_disk(document) == expected
    assert document.redo() is None


def test_history_and_place_in_it_survive_a_reload(document):
    for name in "abc":
        document.apply(add(name))
    document.undo()
    again = Document(document.id)
    assert again.project == document.project
    assert (again.undo_label, again.redo_label) == ("Added linear", "Added linear")
    assert again.redo() == "Added linear"
    assert ids(again.project) == ["a", "b", "c"]
    assert [entry.undone for entry in again.entries()] == [False, False, False]


def test_a_new_edit_after_undo_drops_redo(document):
    document.apply(add("a"))
    document.undo()
    document.apply(add("b"))
    assert not document.can_redo
    assert ids(document.project) == ["b"]
    assert ids(Document(document.id).project) == ["b"]


def test_quick_changes_of_one_setting_undo_as_one(document):
    document.apply(add("a"))
    for value in (1, 2, 3):
        document.apply(knob(value))
    document.apply(SetKnobs(graph=GRAPH, node="a", knobs={"bias": False}))
    assert [entry.label for entry in document.entries()] == [
        "Added linear",
        "Changed out features of linear",
        "Changed bias of linear",
    ]
    document.undo()
    document.undo()
    assert document.project.networks[0].nodes[0].knobs == {}
    document.redo()
    assert document.project.networks[0].nodes[0].knobs == {"out_features": 3}


def test_slow_moves_are_steps_of_their_own(document, monkeypatch):
    monkeypatch.setattr(history, "TOGETHER_SECONDS", 0.0)
    document.apply(add("a"))
    for x in (1.0, 2.0):
        document.apply(MoveNodes(graph=GRAPH, positions={"a": (x, 0.0)}))
    document.undo()
    assert document.project.networks[0].nodes[0].x == 1.0


def test_an_edit_that_changes_nothing_is_no_step(document):
    document.apply(add("a"))
    document.apply(RenameProject(name="Digits"))
    assert len(document.entries()) == 1


def test_the_second_of_two_windows_is_told_and_nothing_is_lost(document):
    other = Document(document.id)
    seen = other.revision
    document.apply(add("a"))
    with pytest.raises(ConflictError) as told:
        other.apply(add("b"), base_revision=seen)
    assert told.value.since == ("Added linear",)
    assert ids(told.value.theirs) == ["a"]
    assert "added linear" in str(told.value)
    other.apply(add("b"), base_revision=told.value.revision)
    assert document.refresh()
    assert ids(document.project) == ["a", "b"]
    assert not document.refresh()


def test_undo_in_one_window_is_seen_and_told_in_the_other(document):
    document.apply(add("a"))
    other = Document(document.id)
    seen = other.revision
    document.undo()
    with pytest.raises(ConflictError):
        other.undo(base_revision=seen)
    assert ids(other.project) == []


def test_edits_of_many_threads_and_windows_all_arrive(document):
    def work(name):
        mine = Document(document.id)
        for number in range(10):
            mine.apply(add(f"{name}{number}"))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    document.refresh()
    assert len(ids(document.project)) == 40
    for _ in range(40):
        document.undo()
    assert ids(document.project) == []


def test_any_step_of_the_history_can_be_gone_to(document):
    for name in "abcd":
        document.apply(add(name))
    document.go_to(document.entries()[1].revision)
    assert ids(document.project) == ["a", "b"]
    document.go_to(0)
    assert ids(document.project) == []
    document.go_to(document.entries()[3].revision)
    assert ids(document.project) == ["a", "b", "c", "d"]
    with pytest.raises(SpecError):
        document.go_to(99)


def test_a_whole_project_can_be_put_in_place_and_taken_back(document):
    document.replace(Project(name="Other"), "Restored an older version")
    assert document.undo() == "Restored an older version"
    assert document.project.name == "Digits"


def test_a_torn_last_line_is_forgotten_and_the_next_edit_is_whole(document):
    document.apply(add("a"))
    journal = document.folder / folder.HISTORY
    with journal.open("ab") as file:
        file.write(b'{"rev": 2, "do": "edit", "label": "torn')
    again = Document(document.id)
    again.apply(add("b"))
    assert all(json.loads(line) for line in journal.read_text().splitlines())
    assert [again.undo(), again.undo(), again.undo()] == ["Added linear", "Added linear", None]


def test_a_crash_between_history_and_file_is_mended_on_opening(document):
    before = text_on_disk(document)
    document.apply(add("a"))
    atomic.write_text(document.folder / folder.DOCUMENT, before)
    again = Document(document.id)
    assert ids(again.project) == ["a"]
    assert text_on_disk(again) == encode(again.project)


def test_a_destroyed_project_file_comes_back_from_its_history(document):
    document.apply(add("a"))
    (document.folder / folder.DOCUMENT).write_text("{ not json")
    assert ids(Document(document.id).project) == ["a"]


def test_a_change_by_another_program_is_a_step_of_its_own(document):
    document.apply(add("a"))
    edited = document.project.model_copy(update={"name": "By hand"})
    (document.folder / folder.DOCUMENT).write_text(encode(edited))
    again = Document(document.id)
    assert again.project.name == "By hand"
    assert again.undo() == "Changed outside LayerLoom"
    assert again.project == document.project


def test_a_damaged_history_never_stops_a_project_from_opening(document):
    for name in "abc":
        document.apply(add(name))
    journal = document.folder / folder.HISTORY
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"garbage\n" + b"".join(lines[2:]))
    again = Document(document.id)
    assert ids(again.project) == ["a", "b", "c"]
    again.undo()
    assert ids(again.project) == ["a", "b"]
    again.apply(add("d"))
    assert ids(Document(document.id).project) == ["a", "b", "d"]


def test_no_failure_at_any_step_of_a_save_loses_anything(document, monkeypatch):
    document.apply(add("a"))
    for nth in range(1, 12):
        before = document.project
        with monkeypatch.context() as patch:
            calls = {"left": nth}

            def failing(real, calls=calls):
                def call(*arguments):
                    calls["left"] -= 1
                    if calls["left"] == 0:
                        raise OSError(errno.ENOSPC, "No space left on device")
                    return real(*arguments)

                return call

            for name in ("write", "fsync", "fchmod", "replace"):
                patch.setattr(atomic.os, name, failing(getattr(os, name)))
            try:
                document.apply(add(f"n{nth}"))
            except StorageError as error:
                assert "disk is full" in str(error)
        again = Document(document.id)
        assert again.project in (before, document.project)
        document = again
        document.apply(add(f"m{nth}"))
        assert Document(document.id).project == document.project


def test_killing_the_writer_at_any_moment_leaves_a_project_that_opens_with_whole_steps(document):
    code = (
        "import sys; from builder.projects.history import Document; from builder.spec.edits import AddNode\n"
        "from builder.spec.network import Node\n"
        f"d = Document({document.id!r}); print('go', flush=True); n = len(d.project.networks[0].nodes)\n"
        "while True:\n"
        f"  d.apply(AddNode(graph={GRAPH!r}, node=Node(id=f'n{{n}}', kind='linear', name='linear'))); n += 1\n"
    )
    for delay in (0.0, 0.011, 0.023, 0.037, 0.05):
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, env=worker_environment()
        )
        assert process.stdout.readline() == b"go\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        opened = Document(document.id)
        count = len(ids(opened.project))
        assert ids(opened.project) == [f"n{i}" for i in range(count)]
    assert count > 0
    for _ in range(count):
        opened.undo()
    assert ids(opened.project) == []
