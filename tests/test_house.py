"""The house rules that no other tool checks."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = [
    path
    for path in (ROOT / "builder").rglob("*.py")
    if "frontend" not in path.parts and "_app" not in path.parts
]
PAGES = sorted((ROOT / "pages").glob("*.py"))


def tracked_text_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = [name for name in listed.stdout.split("\0") if name]
    if listed.returncode or not names:
        pytest.skip("not a git checkout")
    suffixes = {".py", ".md", ".toml", ".json", ".ts", ".tsx", ".css", ".txt", ".mjs", ""}
    return [
        ROOT / name for name in names if Path(name).suffix in suffixes and (ROOT / name).is_file()
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_is_a_router_line(page: Path) -> None:
    lines = page.read_text().splitlines()
    assert len(lines) <= 40
    imported = [
        node.module or ""
        for node in ast.walk(ast.parse(page.read_text()))
        if isinstance(node, ast.ImportFrom)
    ]
    assert imported
    assert all(module.startswith("builder.ui") for module in imported)


def test_the_eight_screens_have_a_page_each() -> None:
    names = {"start", "data", "build", "train", "results", "use", "export", "runs"}
    assert {page.stem for page in PAGES} == names


def test_app_is_only_a_router() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) <= 60


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"unsafe_allow_html\s*=\s*True", "user text could become HTML"),
        (r"\bpickle\b\.(load|loads|dump|dumps)\(", "pickle runs code"),
        (r"\.extractall\(", "archives are read entry by entry"),
    ],
)
def test_dangerous_calls_appear_nowhere(pattern: str, why: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in PYTHON
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(pattern, line) and not line.strip().startswith(("#", '"', "`"))
    ]
    assert not found, why


def test_text_becomes_code_in_two_files_only() -> None:
    """shapes.py runs a layer's own line; compile.py runs source that passed the allow-list."""
    users = {
        str(path.relative_to(ROOT))
        for path in PYTHON
        if re.search(r"(?<![\w.`])(eval|exec)\(", path.read_text())
    }
    assert users == {"builder/network/shapes.py", "builder/network/compile.py"}


def test_session_state_is_touched_in_one_place() -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in PYTHON
        if re.search(r"\bst\.session_state\b|from streamlit import session_state", path.read_text())
    }
    assert users <= {"builder/ui/state.py"}


def test_one_file_knows_agraph() -> None:
    users = {str(p.relative_to(ROOT)) for p in PYTHON if "import streamlit_agraph" in p.read_text()}
    assert users <= {"builder/ui/model_map.py"}


def test_no_machine_path_and_no_registry_host_is_committed() -> None:
    words = re.compile(
        r"/work/main|/work/shared|/root/|/home/(?!me/)[a-z]+/|registry\.npmjs|files\.pythonhosted|pypi\.org"
    )
    found = [
        str(path.relative_to(ROOT))
        for path in tracked_text_files()
        if path != Path(__file__) and words.search(path.read_text(errors="replace"))
    ]
    assert not found


def test_every_package_and_module_says_what_it_is_in_one_sentence() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if not (ast.get_docstring(ast.parse(path.read_text())) or "").strip()
    ]
    assert not silent
