"""The command line with bad files: exit code 1, one or two sentences without a traceback, nothing kept."""

import json
import subprocess
import sys
import zipfile

import pytest

from builder.cli.main import main
from builder.projects.templates import find
from builder.spec import codec

BAD_TABLES = {
    "empty.csv": b"",
    "header.csv": b"a,b\n",
    "short header.csv": b"a,b\n" + b"1,2,3\n" * 20,
    "quote.csv": b'a,b\n1,"x\n' + b"2,y\n" * 9,
    "binary.csv": bytes(range(256)) * 50,
    "excel.csv": b"PK\3\4 xlsx",
    "page.csv": b"<!DOCTYPE html><table>",
    "half.csv": b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"\x00\xd8",
    "wide.csv": b",".join([b"1"] * 10_000) + b"\n",
    "cell.csv": b"a,b\n" + b"1,2\n" * 9 + b"x" * 1_100_000 + b",1\n",
    "text.zip": b"no archive",
    "cut.zip": b"PK\3\4" + b"x" * 100,
    "nothing.zip": b"PK\5\6" + bytes(18),
    "\x1b[31mred\u202e.csv": b"",
}
BAD_PROJECTS = {
    "empty.loom.json": b"",
    "list.loom.json": b"[]",
    "deep.loom.json": b"[" * 100_000,
    "twice.loom.json": b'{"schema_version": 1, "schema_version": 1}',
    "nan.loom.json": b'{"schema_version": NaN}',
    "newer.loom.json": b'{"schema_version": 99}',
    "picture.loom.json": b"\x89PNG\r\n\x1a\n",
    "half.loom.json": b'{"schema_version": 1, "name": "\\ud800"}',
    "key.loom.json": b'{"schema_version": 1, "__proto__": {}}',
    "\x1b[31mred\u202e.loom.json": b"{}",
}


@pytest.fixture
def refused(capsys, is_sentence):
    """Runs a command that must fail; gives its one problem."""

    def running(*words):
        code = main([*map(str, words), "--json"])
        said = capsys.readouterr()
        (line,) = said.err.strip().splitlines()
        told = line.removeprefix("layerloom: ")
        assert code == 1 and line != told
        assert is_sentence(told), told
        assert told.isprintable()
        assert json.loads(said.out)["error"]
        return told

    return running


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_data_file_is_one_sentence(tmp_path, workspace, refused, name):
    path = tmp_path / name
    path.write_bytes(BAD_TABLES[name])
    refused("data", "inspect", path)
    assert not any(p.is_file() for p in workspace.rglob("*"))


@pytest.mark.parametrize(
    "name", ["short header.csv", "excel.csv", "cut.zip", "\x1b[31mred\u202e.csv"]
)
def test_a_bad_data_file_starts_no_run(tmp_path, workspace, refused, name):
    project = tmp_path / "good.loom.json"
    project.write_text(codec.encode(find("mlp-digits").project))
    (tmp_path / name).write_bytes(BAD_TABLES[name])
    refused("train", project, "--data", tmp_path / name)
    assert not any(p.is_file() for p in workspace.rglob("*"))


@pytest.mark.parametrize("command", ["check", "train", "code", "import"])
@pytest.mark.parametrize("name", BAD_PROJECTS)
def test_a_bad_project_file_is_one_sentence(tmp_path, workspace, refused, name, command):
    path = tmp_path / name
    path.write_bytes(BAD_PROJECTS[name])
    told = refused(command, path)
    assert "loom.json" in told
    assert not any(p.is_file() for p in workspace.rglob("*"))


@pytest.mark.parametrize(
    "words", [("check", "{}"), ("data", "inspect", "{}"), ("train", "{}"), ("import", "{}")]
)
def test_a_folder_or_a_name_beyond_every_limit_is_no_file(tmp_path, refused, words):
    for path in (tmp_path, tmp_path / ("x" * 300)):
        refused(*(word.format(path) for word in words))


@pytest.mark.parametrize("run", ["../../etc", "/etc", "\x1b[31m", "x" * 5000, "", "."])
def test_a_name_that_is_no_run_is_one_sentence(refused, run):
    for command in (("runs", "show"), ("stop",), ("evaluate",)):
        refused(*command, run)


@pytest.mark.parametrize(
    "setting",
    [
        "training.epochs=NaN", "training.epochs=1e999", "training.__class__=1", "networks.0.nodes.-1.name=x",
        "networks.99.name=x", "=1", "training.epochs", "training.epochs=" + "9" * 5000, "training.epochs=" + "[" * 9999,
        "name=\\ud800\ud800",
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_one_sentence(tmp_path, refused, setting):
    project = tmp_path / "good.loom.json"
    project.write_text(codec.encode(find("mlp-digits").project))
    refused("train", project, "--set", setting)


def test_names_of_the_terminal_s_own_language_are_shown_without_it(tmp_path, capsys):
    project = find("mlp-digits").project
    network = project.networks[0]
    nodes = tuple(
        n.model_copy(
            update={
                "name": "\x1b]0;title\x07\x1b[2J\u202e\r\n\x9b31m",
                "knobs": {"what\x1b"[:4]: 1},
            }
        )
        for n in network.nodes
    )
    changed = project.with_network(network.model_copy(update={"nodes": nodes}))
    path = tmp_path / "p.loom.json"
    path.write_text(codec.encode(changed))
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr()
    for line in (*said.err.split("\n"), *said.out.split("\n")):
        assert line.isprintable(), repr(line)


def test_classes_of_the_terminal_s_own_language_are_shown_without_it(tmp_path, capsys):
    path = tmp_path / "t.csv"
    rows = "".join(f"{i},\x1b[31mred\x9b\u202e\n{i},blue\n" for i in range(20))
    path.write_text(f"a,\x1b[2Jkind\n{rows}" + "\x1b[2Jx,y\n")
    assert main(["data", "inspect", str(path)]) == 0
    said = capsys.readouterr()
    assert all(line.isprintable() for line in (said.err + said.out).split("\n"))


def test_a_file_name_that_is_no_text_is_told_in_a_process_of_its_own(tmp_path, workspace):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.txt", b"")
    said = subprocess.run(
        [
            sys.executable,
            "-m",
            "builder.cli",
            "check",
            str(tmp_path).encode() + b"/\xff\xfe.json",
            "--json",
        ],
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin", "LAYERLOOM_HOME": str(workspace), "LANG": "C.UTF-8"},
    )
    assert said.returncode == 1 and b"Traceback" not in said.stderr
    assert json.loads(said.stdout)["error"]
