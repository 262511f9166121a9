"""The eight pages: thin, drawn without error, and without torch in the web process."""

import ast
import json
import os
import subprocess
import sys

import pytest

from builder.paths import ROOT
from builder.ui.shell.router import SCREENS

NAMES = [screen.name for screen in SCREENS]
PAGES = sorted((ROOT / "pages").glob("*.py"))


def test_there_is_one_page_for_each_screen():
    assert sorted(page.stem for page in PAGES) == sorted(NAMES)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "app.py"], ids=lambda page: page.stem)
def test_a_page_is_thin_and_knows_only_the_ui(page):
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    imports = [
        node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)
    ]
    assert all(module.startswith("builder.ui.") for module in imports)
    assert "session_state" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_page_without_a_project_says_what_to_do(name, open_app):
    open_app(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_a_blank_project_is_drawn(name, open_app, digits_project):
    at = open_app(name, project=digits_project)
    assert at.query_params["project"] == digits_project


def test_only_state_touches_the_session():
    for path in (ROOT / "builder" / "ui").rglob("*.py"):
        if path.name != "state.py" and "frontend" not in path.parts:
            assert "session_state" not in path.read_text(encoding="utf-8"), path


def test_no_page_imports_torch(tmp_path):
    """Every page is drawn in a fresh process; the check itself happens in the sidecar's own process."""
    code = f"""
import json, sys
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test

class Inside(PagesManager):
    def __init__(self, *args, **kwargs):
        PagesManager.uses_pages_directory = False
        super().__init__(*args, **kwargs)

app_test.PagesManager = Inside
from builder.data.describe import describe
from builder.projects import store
from builder.readiness.blank import blank_project
from builder.spec.data import BuiltinSource, DataSpec
from builder.ui import state
class Nobody:
    def latest(self, *a, **k): return {{}}
    def request(self, *a, **k): return {{}}
    def spare(self): return None
    def warm(self): return None
    def expect_slow(self): return None
state._sidecar = lambda: Nobody()
project = store.create(blank_project(describe(DataSpec(source=BuiltinSource(name="digits"))), "digits")).id
at = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=60)
at.query_params["project"] = project
at.run()
faults = {{}}
for name in {NAMES!r}:
    at.switch_page(f"pages/{{name}}.py").run()
    faults[name] = [e.value for e in at.exception]
print(json.dumps({{"faults": faults, "torch": "torch" in sys.modules}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"LAYERLOOM_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert said == {"faults": {name: [] for name in NAMES}, "torch": False}
