"""Thousands of random acts on a project: never a damaged document, never a lost step, never a silent clash."""

import json
import random
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.errors import SpecError
from builder.paths import room
from builder.projects import atomic, folder, history, store
from builder.projects.history import ConflictError, Document
from builder.projects.patch import backward, diff, forward
from builder.spec.codec import decode, encode
from builder.spec.project import Project

seeds = st.integers(0, 2**32)


@pytest.fixture(scope="module", autouse=True)
def workspace(tmp_path_factory):
    """A workspace for the module, on a disk that need not be waited for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(atomic.os, "fsync", lambda descriptor: None)
        patch.setattr(history, "TOGETHER_SECONDS", 0.0)
        yield


@pytest.fixture(autouse=True)
def empty():
    yield
    shutil.rmtree(room("projects"))


def text_on_disk(document: Document) -> str:
    return (document.folder / folder.DOCUMENT).read_text()


def new() -> Document:
    return Document(store.create(Project(name="Digits")).id)


def edited(document: Document, made, count: int) -> list[str]:
    """Applies edits by chance; the text after each step that took, the first one before all."""
    texts = [text_on_disk(document)]
    for _ in range(count):
        before = document.step
        try:
            document.apply(made.edit(document.project))
        except SpecError:
            assert text_on_disk(document) == texts[-1]
            continue
        if document.step != before:
            texts.append(text_on_disk(document))
    return texts


@settings(max_examples=2000, deadline=None)
@given(seed=seeds, count=st.integers(1, 25))
def test_any_sequence_of_edits_leaves_a_document_that_reads_back_the_same(
    random_edits, seed, count
):
    made, project = random_edits(seed), Project()
    for _ in range(count):
        before = project
        try:
            project = made.edit(project).apply(project)
        except SpecError:
            continue
        old, new = (json.loads(encode(one)) for one in (before, project))
        patch = json.loads(json.dumps(diff(old, new)))
        assert json.dumps(forward(old, patch)) == json.dumps(new)
        assert json.dumps(backward(new, patch)) == json.dumps(old)
    assert encode(decode(encode(project))) == encode(project)


@settings(max_examples=100, deadline=None)
@given(seed=seeds, count=st.integers(1, 20))
def test_undo_and_redo_give_every_text_back_byte_for_byte_after_a_reload(random_edits, seed, count):
    document = new()
    texts = edited(document, random_edits(seed), count)
    document = Document(document.id)
    for expected in reversed(texts[:-1]):
        assert document.undo() is not None
        assert text_on_disk(document) == expected
    assert document.undo() is None
    for expected in texts[1:]:
        assert document.redo() is not None
        assert text_on_disk(document) == expected
    assert document.redo() is None


@settings(max_examples=100, deadline=None)
@given(seed=seeds, count=st.integers(1, 20), jumps=st.lists(st.floats(0, 1), max_size=6))
def test_jumping_to_any_point_equals_the_steps_there_and_is_one_act(
    random_edits, seed, count, jumps
):
    document = new()
    texts = edited(document, random_edits(seed), count)
    steps = [0, *(entry.revision for entry in document.entries())]
    for share in jumps:
        place = round(share * (len(steps) - 1))
        revision, stood = document.revision, document.step
        assert encode(document.at(steps[place])) == texts[place]
        document.go_to(steps[place])
        assert text_on_disk(document) == texts[place] == encode(Document(document.id).project)
        assert document.revision == revision + (stood != steps[place])
        assert [entry.undone for entry in document.entries()] == [
            s > steps[place] for s in steps[1:]
        ]
    document.go_to(steps[-1])
    assert text_on_disk(document) == texts[-1]


@settings(max_examples=100, deadline=None)
@given(
    seed=seeds,
    acts=st.lists(st.sampled_from(["edit", "undo", "redo", "jump", "reload"]), max_size=30),
)
def test_two_windows_never_overwrite_each_other_unseen(random_edits, seed, acts):
    first = new()
    windows, dice, made = [first, Document(first.id)], random.Random(seed), random_edits(seed)
    looks = [window.revision for window in windows]
    for act in acts:
        which = dice.randrange(2)
        window = windows[which]
        stale = looks[which] != max(one.revision for one in windows)
        before = text_on_disk(window)
        try:
            if act == "edit":
                window.apply(made.edit(window.project), base_revision=looks[which])
            elif act == "undo":
                window.undo(base_revision=looks[which])
            elif act == "redo":
                window.redo(base_revision=looks[which])
            elif act == "jump":
                steps = [0, *(entry.revision for entry in window.entries())]
                window.go_to(dice.choice(steps), base_revision=looks[which])
            else:
                window.refresh()
            assert act == "reload" or not stale
        except ConflictError as error:
            assert stale
            assert text_on_disk(window) == before
            assert encode(error.theirs) == before
        except SpecError:
            assert not stale
            assert text_on_disk(window) == before
        looks[which] = window.revision
        assert encode(window.project) == text_on_disk(window)
