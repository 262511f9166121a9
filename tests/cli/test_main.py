"""The command line's contract: one JSON object on stdout, problems on stderr, exit codes."""

import json
from importlib.metadata import entry_points

import pytest

from builder.cli.main import main
from builder.projects import library


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answer(capsys, *words: str):
    """Exit code, the JSON object, and what stood on stderr."""
    code = main([*words, "--json"])
    said = capsys.readouterr()
    assert len(said.out.strip().splitlines()) <= 1
    return code, json.loads(said.out) if said.out.strip() else None, said.err


def test_templates_have_the_promised_keys(capsys) -> None:
    code, data, _ = answer(capsys, "templates")
    assert code == 0
    promised = {
        "mlp-digits",
        "cnn-digits",
        "cnn-fashion",
        "mlp-breast-cancer",
        "mlp-diabetes",
        "lstm-digits",
    }
    assert promised <= {template["id"] for template in data["templates"]}
    keys = {"id", "title", "recipe", "dataset", "metric", "expected", "minutes"}
    assert all(keys <= set(template) for template in data["templates"])


def test_layers_lists_kind_family_and_summary(capsys) -> None:
    code, data, _ = answer(capsys, "layers")
    assert code == 0
    assert len(data["layers"]) >= 40
    assert set(data["layers"][0]) == {"kind", "family", "summary"}


def test_layers_lists_the_blocks_of_the_library_too(capsys) -> None:
    shipped = library.shipped_blocks()
    library.save(shipped[0].file.titled("My own block"))
    own = library.own_blocks()[0]
    code, data, _ = answer(capsys, "layers")
    assert code == 0
    assert set(data["blocks"][0]) == {"id", "title", "source", "summary"}
    told = {block["title"]: block for block in data["blocks"]}
    assert all(told[block.title]["source"] == "comes along" for block in shipped)
    assert told["My own block"]["source"] == "yours"
    assert told["My own block"]["summary"] == own.file.summary
    assert main(["layers"]) == 0
    assert own.id in capsys.readouterr().out


def test_a_new_project_checks_without_problems(capsys) -> None:
    assert answer(capsys, "new", "mlp-digits", "-o", "f.loom.json")[0] == 0
    code, data, _ = answer(capsys, "check", "f.loom.json")
    assert code == 0
    assert data["parameters"] > 0
    assert not [p for p in data["problems"] if p["severity"] == "error"]
    documented = {"id", "kind", "output", "parameters", "flops"}
    assert set(data["nodes"][0]) == documented | {"bytes", "sees"}
    assert data["memory"]["fits"] and data["memory"]["total"] > 0 and data["disk_bytes"] > 0


def test_a_broken_project_exits_1_with_a_sentence_and_a_fix(capsys, home) -> None:
    answer(capsys, "new", "cnn-digits", "-o", "f.loom.json")
    project = json.loads((home / "f.loom.json").read_text())
    network = project["networks"][0]
    flatten = next(node["id"] for node in network["nodes"] if node["kind"] == "flatten")
    before = next(w for w in network["wires"] if w["target"] == flatten)
    after = next(w for w in network["wires"] if w["source"] == flatten)
    network["nodes"] = [node for node in network["nodes"] if node["id"] != flatten]
    network["wires"] = [w for w in network["wires"] if w not in (before, after)]
    network["wires"].append({**after, "source": before["source"]})
    (home / "f.loom.json").write_text(json.dumps(project))
    code, data, error = answer(capsys, "check", "f.loom.json")
    assert code == 1
    assert any("latten" in fix for problem in data["problems"] for fix in problem["fixes"])
    assert error.startswith("layerloom: ")
    assert "Traceback" not in error


def test_code_prints_source_that_is_python(capsys) -> None:
    answer(capsys, "new", "cnn-digits", "-o", "f.loom.json")
    code, data, _ = answer(capsys, "code", "f.loom.json")
    assert code == 0
    compile(data["source"], "model.py", "exec")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("new", "no-such-template"), "there are"),
        (("check", "missing.loom.json"), "cannot be read"),
        (("evaluate", "no-such-run"), "no-such-run"),
        (("export", "no-such-run", "--format", "onnx"), "no-such-run"),
        (("stop", "no-such-run"), "no-such-run"),
        (("data", "inspect", "missing.csv"), "missing.csv"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_1(capsys, words, part) -> None:
    code, data, error = answer(capsys, *words)
    assert code == 1
    assert part in error
    assert part in data["error"]
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "words", [("train",), ("export", "x"), ("no-such-command",), ("bench", "x")]
)
def test_wrong_usage_exits_2(capsys, words) -> None:
    assert main(list(words)) == 2


def test_projects_runs_and_queue_of_an_empty_workspace_are_empty(capsys) -> None:
    assert answer(capsys, "projects")[1] == {"projects": []}
    assert answer(capsys, "runs")[1] == {"runs": []}
    assert answer(capsys, "queue")[1] == {"queue": []}


def test_an_imported_project_is_in_the_workspace(capsys) -> None:
    answer(capsys, "new", "mlp-digits", "-o", "f.loom.json")
    code, data, _ = answer(capsys, "import", "f.loom.json")
    assert code == 0
    listed = answer(capsys, "projects")[1]["projects"]
    assert [project["id"] for project in listed] == [data["project"]]


def test_a_data_file_is_inspected(capsys, home) -> None:
    (home / "a.csv").write_text("size;kind\n" + "1,5;a\n2,5;b\n" * 20 + "3,5;\n")
    code, data, _ = answer(capsys, "data", "inspect", "a.csv")
    assert code == 0
    assert data["kind"] == "table"
    assert data["rows"] == 41 - len(data["skipped"])
    assert {"name": "size", "type": "number", "missing": 0} in data["columns"]
    assert set(data) == {"kind", "rows", "columns", "target", "task", "skipped", "warnings"}


@pytest.mark.slow
def test_train_stop_runs_and_predict_follow_one_run(capsys) -> None:
    answer(capsys, "new", "mlp-digits", "-o", "f.loom.json")
    code, data, _ = answer(
        capsys, "train", "f.loom.json", "--set", "training.epochs=2", "--seed", "1"
    )
    assert code == 0
    assert data["state"] == "finished"
    assert set(data) == {"run", "run_dir", "state", "seconds", "metrics", "baseline"}
    assert data["metrics"]["test"]["accuracy"] > 0.5
    run = data["run"]
    assert answer(capsys, "stop", run)[1]["state"] == "finished"
    assert answer(capsys, "runs", "show", run)[1]["state"] == "finished"
    code, evaluated, _ = answer(capsys, "evaluate", run, "--split", "validation")
    assert code == 0
    assert evaluated["metrics"]["validation"] == data["metrics"]["validation"]


@pytest.mark.slow
def test_a_project_with_errors_does_not_train(capsys) -> None:
    answer(capsys, "new", "mlp-digits", "-o", "f.loom.json")
    code, data, error = answer(capsys, "train", "f.loom.json", "--set", "training.batch_size=0")
    assert code == 1
    assert "batch_size" in error
    assert "run" not in data


@pytest.mark.slow
def test_a_chosen_split_holds_for_a_file_too(capsys, home) -> None:
    rows = "".join(f"{n},{n % 7},{'a' if n % 2 else 'b'}\n" for n in range(100))
    (home / "d.csv").write_text("n,x,kind\n" + rows)
    answer(capsys, "new", "mlp-breast-cancer", "-o", "f.loom.json")
    code, data, _ = answer(
        capsys,
        *("train", "f.loom.json", "--data", "d.csv", "--target", "kind", "--no-test"),
        *("--set", "data.split.how=in order", "--set", "training.epochs=1"),
    )
    assert code == 0
    kept = json.loads((home / data["run_dir"] / "project.loom.json").read_text())
    assert kept["data"]["split"]["how"] == "in order"
    assert kept["data"]["target"] == "kind"


def test_the_installed_command_starts_this_program() -> None:
    (command,) = entry_points(group="console_scripts", name="layerloom")
    assert command.load() is main
