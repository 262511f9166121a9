"""`layerloom diff`: two project files or runs, in words and as JSON."""

import json

import pytest

from builder.cli.main import main
from builder.projects.templates import find
from builder.runs import store
from builder.spec.codec import encode
from builder.spec.edits import RemoveNodes, SetKnobs, SetTraining


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def both(home):
    before = find("cnn-digits").project
    after = SetKnobs(graph="network", node="conv1", knobs={"out_channels": 8}).apply(before)
    after = RemoveNodes(graph="network", nodes=("relu1",)).apply(after)
    training = after.training.model_copy(update={"epochs": 3})
    after = SetTraining(training=training).apply(after)
    (home / "a.loom.json").write_text(encode(before))
    (home / "b.loom.json").write_text(encode(after))
    return before, after


def answer(capsys, *words):
    code = main([*words, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out), said.err


def test_layers_shapes_parameters_and_training_are_told(both, capsys):
    code, data, _ = answer(capsys, "diff", "a.loom.json", "b.loom.json")
    assert code == 0
    assert not data["same"]
    assert {(la["node"], la["how"]) for la in data["layers"]} == {
        ("conv1", "changed"),
        ("relu1", "removed"),
    }
    shape = next(one for one in data["shapes"] if one["node"] == "conv1")
    assert (shape["old"], shape["new"]) == ("32×8×8", "8×8×8")
    assert data["parameters"]["after"] < data["parameters"]["before"]
    assert [one["new"] for one in data["training"]] == ["3"]


def test_the_words_are_one_sentence_each(both, capsys):
    assert main(["diff", "a.loom.json", "b.loom.json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "conv1: filters 32 → 8." in lines
    assert "relu1 (ReLU) was removed." in lines
    assert "Output of conv1: 32×8×8 → 8×8×8." in lines
    assert lines[-1].endswith(")")
    assert " → " in lines[-1]


def test_a_run_is_compared_by_its_snapshot(both, capsys):
    run = store.create(both[0])
    code, data, _ = answer(capsys, "diff", run.id, "a.loom.json")
    assert (code, data["same"], data["layers"]) == (0, True, [])
    assert main(["diff", run.id, "a.loom.json"]) == 0
    assert capsys.readouterr().out.strip() == "No difference."


def test_what_is_neither_a_file_nor_a_run_is_said_in_one_sentence(both, capsys):
    code, _, error = answer(capsys, "diff", "a.loom.json", "nothing-here")
    assert code == 1
    assert "neither a project file nor a run" in error
    assert "Traceback" not in error
