"""Runs on disk: numbered, found, listed, deleted and restored; the directories are the truth."""

import json
import threading
from datetime import UTC, datetime

import pytest

from builder.errors import TrainError
from builder.runs import liveness, store
from builder.runs.state import write_state
from builder.spec.project import Project


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))


def ended(run, state="finished"):
    write_state(run.path, {"state": state})


def test_a_run_keeps_the_project_as_it_was_and_its_facts():
    project = Project(name="Digits")
    run = store.create(project, project_id="p1", seed=5, device="cpu", parent="x")
    assert run.project.name == "Digits"
    assert (run.project.training.seed, run.project.training.device) == (5, "cpu")
    info = run.info
    assert (info.name, info.number, info.project_id, info.seed, info.parent) == (
        "Run 1",
        1,
        "p1",
        5,
        "x",
    )
    assert info.versions["torch"]
    assert abs((datetime.now(UTC) - info.created).total_seconds()) < 3600
    assert run.state().state == "queued"
    assert not run.state().live


def test_numbers_count_within_a_project_and_are_not_used_twice():
    one, two = (store.create(Project(), project_id="p") for _ in range(2))
    other = store.create(Project(), project_id="q")
    assert [run.name for run in (one, two, other)] == ["Run 1", "Run 2", "Run 1"]
    ended(two)
    store.delete(two)
    assert store.create(Project(), project_id="p").name == "Run 3"
    assert [run.number for run in store.list_runs("p")] == [3, 1]


def test_lost_numbering_is_counted_again_from_the_directories():
    runs = [store.create(Project(), project_id="p") for _ in range(3)]
    numbers = runs[0].path.parent / "numbers.json"
    numbers.write_text("garbage")
    new = store.create(Project(), project_id="p")
    assert (new.number, new.id > runs[-1].id) == (4, True)
    numbers.unlink()
    assert store.rebuild_index() == 4
    assert store.create(Project(), project_id="p").number == 5


def test_the_same_wish_gives_one_run_until_it_is_over():
    first = store.create(Project(), key="wish")
    assert store.create(Project(), key="wish") == first
    ended(first)
    second = store.create(Project(), key="wish")
    assert second != first
    assert store.create(Project(), key="other") not in (first, second)


def test_two_tabs_that_press_train_together_get_one_run():
    found, gate = [], threading.Barrier(8)

    def press():
        gate.wait()
        found.append(store.create(Project(), key="wish").id)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(store.list_runs()) == 1


def test_a_run_is_found_by_id_and_by_directory_also_outside_the_workspace(tmp_path):
    inside = store.create(Project())
    outside = store.create(Project(), run_dir=tmp_path / "my run")
    assert outside.path == tmp_path / "my run"
    for run in (inside, outside):
        assert store.find(run.id) == run
        assert store.find(run.path) == run
    assert store.list_runs() == [outside, inside]
    with pytest.raises(TrainError, match="not empty"):
        store.create(Project(), run_dir=tmp_path / "my run")


@pytest.mark.parametrize("bad", ["", "nothing", "../x", "/", "a" * 500, "numbers"])
def test_an_unknown_run_is_told(bad):
    store.create(Project())
    with pytest.raises(TrainError, match="There is no run"):
        store.find(bad)


def test_a_deleted_run_comes_back_and_a_living_one_is_not_deleted():
    run = store.create(Project())
    ended(run)
    store.delete(run)
    assert store.list_runs() == []
    assert [entry.name for entry in store.trashed()] == ["Run 1"]
    assert store.restore(run.id) == run
    write_state(run.path, {"state": "running"})
    liveness.take(run.path / liveness.WORKER_LOCK)
    try:
        with pytest.raises(TrainError, match="still at work"):
            store.delete(run)
    finally:
        liveness.let_go(run.path / liveness.WORKER_LOCK)


def test_an_unreadable_or_newer_run_stays_listed_with_its_reason():
    damaged, newer = store.create(Project()), store.create(Project())
    (damaged.path / "run.json").write_text("{")
    facts = json.loads((newer.path / "run.json").read_text())
    (newer.path / "run.json").write_text(json.dumps({**facts, "format": 99}))
    states = {run.path: run.state() for run in store.list_runs()}
    assert "damaged" in states[damaged.path].reason
    assert "newer LayerLoom" in states[newer.path].reason
    assert {state.state for state in states.values()} == {"failed"}


def test_a_name_can_be_given_and_taken_back():
    run = store.create(Project())
    run.rename("the good one")
    assert store.find(run.id).name == "the good one"
    run.rename("  ")
    assert run.name == "Run 1"


def test_a_live_state_without_a_process_reads_as_interrupted():
    run = store.create(Project())
    write_state(run.path, {"state": "running", "step": 7, "saved_step": 5})
    state = run.state()
    assert (state.state, state.live, state.step) == ("interrupted", False, 7)
    assert "step 5" in state.reason


def test_unknown_words_in_a_state_file_are_passed_over():
    run = store.create(Project())
    write_state(run.path, {"state": "finished", "a_later_key": 1})
    assert run.state().state == "finished"
    (run.path / "state.json").write_text("not json")
    assert run.state().state == "interrupted"


def test_the_log_is_read_from_its_end():
    run = store.create(Project())
    assert run.log_tail() == ""
    (run.path / "log.txt").write_text("\n".join(f"line {i}" for i in range(100_000)))
    assert run.log_tail(2) == "line 99998\nline 99999"


def test_an_id_from_a_url_opens_no_path(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))
    elsewhere = store.create(Project(), run_dir=tmp_path / "elsewhere")
    assert store.find(str(elsewhere.path)).path == elsewhere.path
    for wanted in (str(elsewhere.path), "../elsewhere", "..", "", "a/b"):
        with pytest.raises(TrainError, match="no run"):
            store.by_id(wanted)
