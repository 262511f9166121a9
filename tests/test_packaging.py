"""`pip install .` gives a working `layerloom` from any directory."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import builder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*build, "-w", str(folder), str(ROOT)], check=True, cwd=folder)
    return next(folder.glob("layerloom-*.whl"))


def test_the_wheel_holds_the_app_and_nothing_generic_at_the_top(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops <= {"builder", *(top for top in tops if top.endswith(".dist-info"))}
    for wanted in (
        "app.py",
        "pages/start.py",
        ".streamlit/config.toml",
        "assets/templates/index.json",
    ):
        assert f"builder/_app/{wanted}" in names
    assert not [name for name in names if "node_modules" in name]


def test_the_installed_command_finds_its_files_from_another_directory(
    wheel: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "-q"]
    subprocess.run([*install, "--target", str(site), str(wheel)], check=True, cwd=tmp_path)
    environment = os.environ | {"PYTHONPATH": str(site), "LAYERLOOM_HOME": str(tmp_path / "home")}

    def answer(*command: str) -> str:
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout

    ask = "import builder, builder.paths as p; print(builder.__file__); print(p.ROOT)"
    package, root = (Path(line) for line in answer(sys.executable, "-c", ask).splitlines())
    assert package.is_relative_to(site)
    assert root == site / "builder" / "_app"
    command = str(site / "bin" / "layerloom")
    assert builder.__version__ in answer(command, "--version")
    assert len(json.loads(answer(command, "templates", "--json"))["templates"]) >= 6
