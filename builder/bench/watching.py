"""The cost of watching: the same run with its Train page open in a browser, and with nobody looking."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from builder.bench.pairs import ROUNDS, Row, quantiles
from builder.bench.training import CASES, project_of
from builder.doctor import find_browser
from builder.errors import BuilderError, TrainError
from builder.projects import store as projects
from builder.runs import launch
from builder.runs import store as runs
from builder.ui.launch import free_port

HOST = "127.0.0.1"
LOWERED = 10
EPOCHS = {"tiny MLP": 500, "28x28 CNN": 10, "LSTM": 200}
"""Long enough for the page to be drawn many times."""
SECONDS_TO_START = 60.0
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run")
CALM = ("--disable-background-networking", "--disable-component-update", "--disable-sync")


def bench_live(*, rounds: int = ROUNDS) -> list[Row]:
    """One row a case: training seconds with the page open over those without, in paired rounds.

    The app runs as users start it; server and browser have lowered priority. Needs Chrome or Chromium and Playwright.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise BuilderError("This benchmark drives a browser: pip install playwright.") from error
    with (
        tempfile.TemporaryDirectory(prefix="layerloom-live-") as home,
        _workspace(home),
        _server() as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=[*FLAGS, *CALM])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        rows = [_row(name, epochs, page, address, rounds) for name, epochs in EPOCHS.items()]
        browser.close()
    return rows


def _row(name: str, epochs: int, page: Any, address: str, rounds: int) -> Row:
    case = next(case for case in CASES if case.name == name)
    stored = projects.create(project_of(case._replace(epochs=epochs)))
    ratios = []
    for number in range(rounds + 1):
        order = (True, False) if number % 2 else (False, True)
        taken = {watched: _seconds(stored.id, page, address, watched=watched) for watched in order}
        if number:  # the first pair warms everything up
            ratios.append(taken[True] / taken[False])
    median, (low, high) = quantiles(ratios)
    return Row(f"{name}, Train page open", "nobody watching", median, f"{low:.3f} to {high:.3f}")


def _seconds(project_id: str, page: Any, address: str, *, watched: bool) -> float:
    """Training seconds of one run, as the run itself counted them."""
    run = runs.create(projects.load(project_id), project_id=project_id)
    page.goto(f"{address}/train?project={project_id}&run={run.id}" if watched else "about:blank")
    _lower_browser()  # a page has a process of its own, which Chromium starts at the usual priority
    launch.launch(run)
    while not run.state().over:
        page.wait_for_timeout(200)
    state = run.state()
    if state.state != "finished" or not state.seconds:
        raise TrainError(f"The benchmark's run {state.state}: {state.reason}")
    return state.seconds


@contextmanager
def _workspace(home: str) -> Iterator[None]:
    before = os.environ.get("LAYERLOOM_HOME")
    os.environ["LAYERLOOM_HOME"] = home
    try:
        yield
    finally:
        os.environ.pop("LAYERLOOM_HOME")
        if before is not None:
            os.environ["LAYERLOOM_HOME"] = before


@contextmanager
def _server() -> Iterator[str]:
    """The app in a process of its own; its address once it answers."""
    port = free_port(HOST, 8600)
    command = [sys.executable, "-m", "builder.cli", "app", "--no-browser", "--port", str(port)]
    with Path(os.environ["LAYERLOOM_HOME"], "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        _wait_until_healthy(f"http://{HOST}:{port}", server)
        yield f"http://{HOST}:{port}"
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(15)
        server.kill()


def _wait_until_healthy(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise TrainError("The app did not start; run `layerloom app` to see why.")


def _lower_browser() -> None:
    """The browser yields to the training, as the server does by itself."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "chrom" in process.name().lower():
                process.nice(LOWERED)
