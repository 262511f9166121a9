"""Every address that our own components add to the server (facts 96, 98): what it gives out, and nothing beyond it."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from builder.paths import PACKAGE
from builder.ui.launch import free_port

ROUTES = {
    "builder.ui.canvas.component.assets": "the program of the canvas: the same for everybody, no user's data",
    "builder.ui.live_plots.component.live_plots_script": "the program of the live charts: the same for everybody",
    "builder.ui.live_plots.component.plotlyjs": "Plotly's program as its package has it: public software",
    "streamlit_agraph.agraph": "the program of the small graph: public software",
}
"""Public by decision, each with the reason. A folder that is served may hold programs and styles only."""
PROGRAMS = {".js", ".css", ".json", ".html", ".map", ".txt", ".png", ".ico", ".svg"}
IMPORT_EVERYTHING = """
import importlib, pkgutil
import builder.ui as ui
from streamlit.components.v1 import component_registry
component_registry.get_script_run_ctx = lambda: True  # else importing outside of a page declares nothing
for module in pkgutil.walk_packages(ui.__path__, "builder.ui."):
    importlib.import_module(module.name)
"""
DECLARED = """
import json
from types import SimpleNamespace
from streamlit.components.lib.local_component_registry import LocalComponentRegistry
from streamlit.components.v1 import component_registry
registry = LocalComponentRegistry()
component_registry.get_instance = lambda: SimpleNamespace(component_registry=registry)
{everything}
print(json.dumps({{c.name: c.abspath for c in registry.get_components()}}))
"""
SERVER = """
from streamlit.runtime import Runtime
made = Runtime.__init__
def init(self, *words, **named):
    made(self, *words, **named)
    exec({everything!r})
Runtime.__init__ = init
from builder.ui.launch import run_app
raise SystemExit(run_app("127.0.0.1", {port}, no_browser=True))
"""
OUTSIDE = (
    "../component.py", "%2e%2e/component.py", "..%2fcomponent.py", "%2e%2e%2fcomponent.py", "..\\component.py",
    "..%5ccomponent.py", "....//component.py", "./../component.py", "%252e%252e/component.py", "a/../../component.py",
    "../../../../../../../../etc/passwd", "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "/etc/passwd", "//etc/passwd",
    "%2fetc%2fpasswd", "file:///etc/passwd", "//host/share", "%00", "canvas.js%00.py", "%c0%ae%c0%ae/component.py", "",
)  # fmt: skip


@pytest.fixture(scope="module")
def declared():
    """Name and folder of every static route, as importing all of the user interface declares them."""
    said = subprocess.run(
        [sys.executable, "-c", DECLARED.format(everything=IMPORT_EVERYTHING)],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    return json.loads(said.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running server whose pages have been asked for once, so that every component is declared."""
    home = tmp_path_factory.mktemp("home")
    port = free_port("127.0.0.1", 8700)
    code = SERVER.format(everything=IMPORT_EVERYTHING, port=port)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"LAYERLOOM_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2),
        ):
            break
        time.sleep(0.2)
    yield port
    process.terminate()
    process.wait(20)


def asked(port, path):
    """Status line and body; written by hand, so that no client tidies the path."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b""
        while piece := line.recv(1 << 16):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def test_every_route_is_public_for_a_reason_and_no_route_is_forgotten(declared):
    assert set(declared) == set(ROUTES)
    assert all(len(reason) > 20 for reason in ROUTES.values())


def test_no_other_module_declares_a_component_or_a_handler():
    """A new route must come through here: these words in our code are the only ways to make one."""
    ways = re.compile(r"declare_component|add_handlers|tornado|starlette|st\.App\b|APIRoute")
    found = {
        str(p.relative_to(PACKAGE))
        for p in PACKAGE.rglob("*.py")
        if ways.search(p.read_text(encoding="utf-8"))
    }
    assert found == {"ui/canvas/component.py", "ui/live_plots/component.py"}


def test_a_served_folder_holds_programs_only(declared):
    for name, folder in declared.items():
        files = [p for p in Path(folder).rglob("*") if p.is_file()]
        assert files, name
        if name != "builder.ui.live_plots.component.plotlyjs":
            assert {p.suffix for p in files} <= PROGRAMS | {""}, (name, files)
        assert not any(p.is_symlink() for p in Path(folder).rglob("*")), name
        assert not any(
            "loom.json" in p.name or p.suffix in (".py", ".safetensors") for p in files
        ), name


def test_every_route_gives_out_its_programs(server, declared):
    """So that the refusals below are refusals, and not a server that knows no route at all."""
    for name, folder in declared.items():
        file = next(p for p in sorted(Path(folder).rglob("*.js")))
        status, body = asked(server, f"/component/{name}/{file.relative_to(folder)}")
        assert status == 200 and file.read_bytes()[:200] in body


def test_nothing_beside_a_served_folder_is_ever_read(server, declared):
    refused = 0
    for name in declared:
        for path in OUTSIDE:
            status, body = asked(server, f"/component/{name}/{path}")
            assert (
                b"root:" not in body
                and b"import streamlit" not in body
                and b"def " not in body[:4000]
            )
            assert status >= 400 or b"<title>" in body, (name, path, status)
            refused += 1
    assert refused == len(ROUTES) * len(OUTSIDE)


def test_a_component_that_was_never_declared_gives_nothing(server):
    for name in ("builder", "builder.ui", "..", "os", "%2e%2e", "builder.ui.canvas.component"):
        status, body = asked(server, f"/component/{name}/canvas.js")
        assert status >= 400 or b"<title>" in body
