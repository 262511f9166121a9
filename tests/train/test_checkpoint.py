"""A checkpoint is whole or does not exist, and a damaged one is never used (FAULTS 3, 4, 26, 28, 87)."""

import collections
import json
import os
import shutil

import pytest
import torch

from builder.errors import StorageError, TrainError
from builder.train import faults
from builder.train.checkpoint import Checkpoints, read

Usage = collections.namedtuple("Usage", "total used free")


def save(checkpoints, step, kind="last", **state):
    tensors = {"model": {"network/weight": torch.full((4,), float(step))}}
    return checkpoints.save(kind, step, tensors, {"step": step, **state})


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path, writes=True)


def test_what_was_saved_comes_back(checkpoints):
    save(checkpoints, 5)
    newest = checkpoints.newest()
    assert newest.state["step"] == 5
    assert newest.tensors["model"]["network/weight"].tolist() == [5.0] * 4


def test_the_last_two_and_the_best_they_speak_of_are_kept(checkpoints, tmp_path):
    for step in (1, 2, 3, 4):
        best = save(checkpoints, step, "best") if step in (1, 3) else None
        save(checkpoints, step, best_name=best or "best-000000001")
    names = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert names == ["best-000000001", "best-000000003", "last-000000003", "last-000000004"]


@pytest.mark.parametrize("file", ["model.safetensors", "state.json", "MANIFEST.json"])
@pytest.mark.parametrize("damage", ["flip", "tear", "remove"])
def test_damage_is_refused_and_the_older_one_is_used(checkpoints, tmp_path, file, damage):
    save(checkpoints, 1)
    path = tmp_path / save(checkpoints, 2) / file
    raw = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    else:
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw if damage == "flip" else raw[: len(raw) // 2])
    if file == "MANIFEST.json" and damage == "flip":
        path.write_bytes(raw.replace(b"sha256", b"sha255"))
    assert checkpoints.newest().state["step"] == 1
    assert "damaged" in checkpoints.refused[0]


@pytest.mark.parametrize(
    "place",
    ["checkpoint.file_written", "checkpoint.before_manifest", "checkpoint.manifest_written"],
)
def test_a_death_before_the_rename_leaves_the_older_one(checkpoints, tmp_path, place):
    save(checkpoints, 1)
    child = os.fork()
    if child == 0:
        with faults.armed(place, lambda: os._exit(9)):
            save(checkpoints, 2)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert list(tmp_path.glob(".tmp-*"))
    again = Checkpoints(tmp_path, writes=True)
    assert again.newest().state["step"] == 1
    assert not list(tmp_path.glob(".tmp-*"))


@pytest.mark.parametrize("place", ["checkpoint.renamed", "checkpoint.pointed"])
def test_a_death_after_the_rename_keeps_the_new_one(checkpoints, tmp_path, place):
    save(checkpoints, 1)
    child = os.fork()
    if child == 0:
        with faults.armed(place, lambda: os._exit(9)):
            save(checkpoints, 2)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert Checkpoints(tmp_path, writes=True).newest().state["step"] == 2


def test_a_full_disk_is_told_before_anything_is_written(checkpoints, tmp_path, monkeypatch):
    save(checkpoints, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 1000))
    with pytest.raises(StorageError, match=r"disk is full.*needs .* MB .*free"):
        save(checkpoints, 2)
    assert not list(tmp_path.glob(".tmp-*"))
    assert checkpoints.newest().state["step"] == 1


@pytest.mark.parametrize("call", ["fsync", "replace", "write"])
def test_any_refusal_of_the_disk_leaves_the_older_one(checkpoints, tmp_path, monkeypatch, call):
    save(checkpoints, 1)
    real = getattr(os, call)
    for number in range(1, 40):
        calls = iter(range(1, 1000))

        def failing(*arguments, calls=calls, number=number, **keywords):
            if next(calls) == number:
                raise OSError(28, "No space left on device")
            return real(*arguments, **keywords)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, failing)
            try:
                save(checkpoints, 1 + number)
                succeeded = True
            except StorageError as error:
                succeeded = False
                assert "disk is full" in str(error)
        newest = Checkpoints(tmp_path).newest()
        assert newest is not None
        assert newest.tensors["model"]["network/weight"][0] == newest.state["step"]
        if succeeded and next(calls) <= number:
            break
    else:
        pytest.fail("the sweep never reached a save that succeeds")


def test_a_damaged_one_is_set_aside_so_that_new_ones_are_newer(checkpoints, tmp_path):
    save(checkpoints, 1)
    (tmp_path / save(checkpoints, 9) / "state.json").write_text("{}")
    assert checkpoints.newest(set_aside=True).state["step"] == 1
    for step in (2, 3, 4):
        save(checkpoints, step)
    assert Checkpoints(tmp_path).newest().state["step"] == 4


def test_a_reader_never_sweeps_what_the_writer_is_writing(tmp_path):
    (tmp_path / ".tmp-last-000000001").mkdir()
    Checkpoints(tmp_path).newest()
    assert (tmp_path / ".tmp-last-000000001").is_dir()


def test_reading_a_folder_without_manifest_says_so(tmp_path):
    with pytest.raises(TrainError, match="manifest"):
        read(tmp_path)


def test_the_manifest_names_every_file(checkpoints, tmp_path):
    folder = tmp_path / save(checkpoints, 1)
    named = json.loads((folder / "MANIFEST.json").read_text())["files"]
    assert {*named, "MANIFEST.json"} == {path.name for path in folder.iterdir()}
