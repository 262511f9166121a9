"""Column, class and project names of the rudest kind leave every export whole: it runs and gives the app's answers."""

import ast
import csv
import json
import subprocess
import sys
import zipfile

import pytest

from builder.cli import main as cli
from builder.evaluate.predict import predict
from builder.export import formats, write
from builder.runs.store import find
from builder.spec import codec
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

PROJECT = 'x"""\n```\n    rm -rf ~\n# <img src=x onerror=alert(1)> [a](javascript:b) {0} {{7*7}} {network!r} %s \u202e'
COLUMNS = (
    'a"b',
    "c'd\\",
    "{network} {{x}} %(y)s",
    'e"""\nimport os',
    "__class__",
    "größe 😀",
    "n" * 10_000,
    "",
)
CLASSES = ("yes\"'", '{classes!r}\n"""', "no\\", "l" * 90, "naïve 日本 \u202e", "`x` <b>#")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A network trained on a table whose words are all hostile."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home {of} hostile 'names'")
        patch.setenv("LAYERLOOM_HOME", str(home))
        with (home / "table.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow([*COLUMNS, "answer {x}"])
            for place in range(180):
                numbers = [f"{(place * (k + 3)) % 17 / 7:.3f}" for k in range(len(COLUMNS) - 1)]
                rows.writerow([*numbers, CLASSES[place % 5], CLASSES[place % len(CLASSES)]])
        kinds = (("input", {}), ("linear", {"out_features": Expr(expr="classes")}), ("output", {}))
        nodes = tuple(
            Node(id=f"n{i}", kind=kind, name=PROJECT, knobs=knobs)
            for i, (kind, knobs) in enumerate(kinds)
        )
        wires = (Wire(source="n0", target="n1"), Wire(source="n1", target="n2"))
        project = Project(
            name=PROJECT,
            networks=(Network(nodes=nodes, wires=wires),),
            training=TrainingSpec(epochs=1),
        )
        (home / "p.loom.json").write_text(codec.encode(project))
        words = [
            "train",
            str(home / "p.loom.json"),
            "--data",
            str(home / "table.csv"),
            "--target",
            "answer {x}",
        ]
        code = cli.main([*words, "--no-test", "--json", "--run-dir", str(home / "run")])
        assert code == 0, (home / "run" / "state.json").read_text()
        yield find(str(home / "run"))


@pytest.fixture(autouse=True)
def workspace(run, monkeypatch):
    """The workspace of the run, in every test of this file."""
    monkeypatch.setenv("LAYERLOOM_HOME", str(run.path.parent))


@pytest.fixture(scope="module")
def bundle(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("a {bundle}")
    done = write.export(run, "bundle", folder / "b.zip")
    assert done.verified.is_same
    with zipfile.ZipFile(done.path) as files:
        files.extractall(folder)
    return folder


@pytest.mark.parametrize("kind", [f.kind for f in formats.formats() if f.kind != "bundle"])
def test_every_format_gives_the_apps_answers(run, tmp_path, kind):
    assert write.export(run, kind, tmp_path / "model.bin").verified.is_same


def test_the_bundle_answers_rows_like_the_app(run, bundle):
    row = json.dumps({name: index for index, name in enumerate(run_columns(run))})
    said = subprocess.run(
        [sys.executable, "predict.py", row], cwd=bundle, capture_output=True, text=True, check=True
    )
    (theirs,) = json.loads(said.stdout)["predictions"]
    (mine,) = predict(run, [row])
    assert theirs["class"] == mine["class"] and set(theirs["probabilities"]) == set(
        mine["probabilities"]
    )
    assert theirs["probability"] == pytest.approx(mine["probability"], abs=1e-6)


def run_columns(run):
    """The columns of the run's data as they are asked for."""
    return [*(n for n in run.project.data.snapshot.columns if " = " not in n), "column 8"]


def test_the_programs_of_the_bundle_hold_names_as_literals_only(bundle):
    tree = ast.parse((bundle / "pipeline.py").read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert all(name.isascii() for name in names) and "os" not in names
    literals = [
        n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]
    assert any("日本" in text for text in literals)


def test_the_readme_is_a_few_lines_that_cannot_be_taken_for_commands(bundle):
    text = (bundle / "README.md").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert [line for line in lines if line.startswith("    ")] == [
        "    pip install -r requirements.txt",
        "    python predict.py FILE",
    ]
    assert "```" not in text and "<img" not in text and "](" not in text and "\u202e" not in text
    assert len(text) < 4000 and sum(line.startswith("#") for line in lines) == 1
