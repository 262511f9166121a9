"""`pip install .` gives a working `layerloom` from any directory."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

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
    zipfile.ZipFile(wheel).extractall(site)
    environment = os.environ | {"PYTHONPATH": str(site), "LAYERLOOM_HOME": str(tmp_path / "home")}
    ask = (
        "import builder, builder.paths as p; from builder.projects.templates import templates;"
        "print(builder.__file__); print(p.ROOT); print(len(templates()))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert Path(answer[0]).is_relative_to(site)
    assert Path(answer[1]) == site / "builder" / "_app"
    assert int(answer[2]) >= 6
