"""A history of ten thousand steps: what is looked at and undone costs what it costs in a short one."""

import json

import pytest

from builder.errors import SpecError
from builder.projects import folder, history, store
from builder.projects.history import Document
from builder.spec.codec import digest, encode
from builder.spec.edits import RenameProject
from builder.spec.project import Project
from builder.ui.shell import history as drawer
from builder.ui.state import State


class Counted(list):
    """A list that counts how many of its items were read."""

    reads = 0

    def __getitem__(self, place):
        found = super().__getitem__(place)
        self.reads += len(found) if isinstance(place, slice) else 1
        return found

    def __iter__(self):
        for item in super().__iter__():
            self.reads += 1
            yield item


@pytest.fixture(scope="module")
def long_and_short(tmp_path_factory):
    """Two open projects, one with 10,000 steps and one with 100."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        states = []
        for count in (10_000, 100):
            state = State()
            state.document = renamed(store.create(Project(name="Digits")).id, count)
            state.project_id = state.document.id
            states.append(state)
        yield states


def renamed(project_id, count):
    """The project after so many renamings, its history written at once."""
    document = Document(project_id)
    old, path = document.project, document.folder / folder.HISTORY
    lines = []
    for number in range(count):
        new = old.model_copy(update={"name": f"Name {number}"})
        patch = [{"at": ["name"], "old": old.name, "new": new.name}]
        lines.append(
            {
                "rev": number + 1,
                "at": f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}+00:00",
                "do": "edit",
                "label": RenameProject(name=new.name).label(old),
                "patch": patch,
                "digest": digest(new) if number > count - 3 else "",
            }
        )
        old = new
    with path.open("a") as file:
        file.writelines(f"{json.dumps(line)}\n" for line in lines)
    (document.folder / folder.DOCUMENT).write_text(encode(old))
    return Document(project_id)


def reads(state, act) -> int:
    """How many steps of the history an act reads."""
    journal = state.document._journal
    journal.steps, journal.ends = Counted(journal.steps), Counted(journal.ends)
    act()
    return journal.steps.reads + journal.ends.reads


def page(state, number=0):
    places = drawer.found(state, "")
    return drawer.rows(state, places[number * drawer.ROWS : (number + 1) * drawer.ROWS])


@pytest.mark.parametrize(
    ("what", "act"),
    [
        ("a page of the drawer", lambda state: page(state)),
        ("its last page", lambda state: page(state, (drawer.num_rows(state) - 1) // drawer.ROWS)),
        ("the page with the present", lambda state: drawer._page(state, searching=False)),
        ("an undo and a redo", lambda state: (state.document.undo(), state.document.redo())),
        ("what another window missed", lambda state: clash(state.document)),
        (
            "a look at the step before",
            lambda state: state.document.at(state.document.entries(-2, -1)[0].revision),
        ),
    ],
)
def test_a_long_history_is_read_no_more_than_a_short_one(long_and_short, what, act):
    long, short = (reads(state, lambda s=state: act(s)) for state in long_and_short)
    assert 0 < long <= short + 30, what  # a search by halves reads seven more, each time
    assert long < 150, what


def clash(document):
    with pytest.raises(history.ConflictError):
        document.undo(base_revision=document.revision - 2)


def test_the_list_is_whole_from_both_ends(long_and_short):
    long, _ = long_and_short
    assert drawer.num_rows(long) == 10_001
    assert [row.label for row in page(long)][:2] == [
        "Renamed the project to Name 9999",
        "Renamed the project to Name 9998",
    ]
    last = page(long, 10_000 // drawer.ROWS)
    assert [row.label for row in last[-2:]] == ["Renamed the project to Name 0", "Created"]
    assert page(long)[0].now and not any(row.undone for row in page(long))


def test_steps_are_found_by_their_words_the_newest_first(long_and_short):
    long, _ = long_and_short
    found = drawer.rows(long, drawer.found(long, "name 123"))
    assert [row.label.rsplit(" ", 1)[1] for row in found][:3] == ["1239", "1238", "1237"]
    assert len(found) == 11
    assert [row.label for row in drawer.rows(long, drawer.found(long, "CREATED"))] == ["Created"]
    assert not drawer.found(long, "nothing like it")


def test_a_step_that_is_gone_is_refused(long_and_short):
    _, short = long_and_short
    for revision in (-1, 10**8):
        assert short.document.label_of(revision) is None
        with pytest.raises(SpecError, match="no longer part of the history"):
            short.document.at(revision)
