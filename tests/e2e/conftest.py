"""Browser tests: the real app on a free port with a workspace of its own, and a page that fails on any error."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.tabs import Tabs

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DESKTOP = {"width": 1440, "height": 900}
AWAY = (
    "when disconnected from server",
    "ERR_CONNECTION_REFUSED",
    "ERR_EMPTY_RESPONSE",
    "No response received when attempting to reach /_stcore",
    "Streamlit server is not responding",
)
"""What Streamlit's own code writes to the console while the server is away."""
PATIENCE = 60_000
"""Milliseconds an expectation waits: two cores are shared with the training itself."""
RERUNS = int(os.environ.get("RERUNS", "2"))
"""So often a failed browser test is tried again; the summary counts it. Browser, server and run share two cores.

`RERUNS=0 make e2e` shows every race.
"""
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=RERUNS))


def pytest_terminal_summary(terminalreporter):
    """What went wrong in a browser test that passed at a later try: a race worth mending."""
    tried = terminalreporter.stats.get("rerun", [])
    if tried:
        terminalreporter.section("tried again")
    for report in tried:
        terminalreporter.write_line(report.nodeid)
        for line in report.longreprtext.splitlines():
            if "Aria snapshot" in line:  # all of the page, hundreds of lines
                break
            if line.startswith(("E ", ">", "tests/")):
                terminalreporter.write_line(f"    {line[:200]}")


@dataclass
class App:
    """A running app: its address, its workspace, and how to stop and start it."""

    address: str
    home: Path
    port: int
    log: Path
    process: subprocess.Popen | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Starts the server as `layerloom` does, and waits until it answers."""
        code = (
            "import sys; from builder.ui.launch import run_app; "
            f"sys.exit(run_app('127.0.0.1', {self.port}, no_browser=True))"
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                env=os.environ | {"LAYERLOOM_HOME": str(self.home)} | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2) as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.1)
        pytest.fail(f"The app did not start:\n{self.output()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stops the server; runs go on."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)

    def output(self) -> str:
        """What the server printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stop_workers(home: Path) -> None:
    """Ends whatever still trains in a test's workspace, by the lock of its run."""
    from builder.runs import liveness

    for lock in home.glob("runs/*/worker.lock"):
        owner = liveness.owner(lock)
        if owner:
            with contextlib.suppress(ProcessLookupError):
                os.kill(owner, signal.SIGKILL)


@pytest.fixture(scope="session")
def browser_path() -> str | None:
    """The installed Chromium or Chrome; None when Playwright's own is to be used."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser(browser_path):
    """A headless browser; missing, it fails under CI=true and skips elsewhere."""
    from playwright.sync_api import Error, expect, sync_playwright

    expect.set_options(timeout=PATIENCE)

    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=browser_path, args=ARGUMENTS)
        except Error as error:
            why = (
                "No browser for the browser tests. Install Chromium (as root: apt-get install chromium) "
                f"or run `python -m playwright install chromium`. {str(error).splitlines()[0]}"
            )
            if os.environ.get("CI") == "true":
                pytest.fail(why)
            pytest.skip(why)
        yield started
        started.close()


@pytest.fixture(scope="session")
def port() -> int:
    """The port of every app, so that a browser knows its files from the last one."""
    return free_port()


@pytest.fixture(scope="module")
def app(tmp_path_factory, port) -> Iterator[App]:
    """The app with an empty workspace, shared by the tests of a module."""
    home = tmp_path_factory.mktemp("home")
    running = App(
        f"http://127.0.0.1:{port}", home, port, tmp_path_factory.mktemp("log") / "app.log"
    )
    running.start()
    yield running
    running.stop()
    stop_workers(home)


@pytest.fixture(autouse=True)
def device_free_again(app):
    """Ends what a test left training, so that the next one has the device."""
    yield
    stop_workers(app.home)


def is_ours(message: str, address: str) -> bool:
    """Whether a console error is ours, not Streamlit's probing on deep links or while the server is away."""
    probed = "404" in message and "Failed to load resource" in message
    return not probed and not any(words in message for words in AWAY)


class Opener:
    """Opens pages of the app in lent tabs and notes what goes wrong in them."""

    def __init__(self, tabs: Tabs, app: App) -> None:
        self.faults: list[str] = []
        self._tabs, self._app, self._lent = tabs, app, []

    def open(self, path: str, viewport: dict[str, int], *, patience: int = PATIENCE, **how):
        """A tab at this path of the app; `how` goes to `Tabs.take`."""
        page = self._tabs.take(viewport, **how)
        listeners = {
            "pageerror": lambda error: self.faults.append(f"page error: {error}"),
            "console": self._hear,
            "request": self._see,
        }
        self._lent.append((page, listeners))
        for event, listener in listeners.items():
            page.on(event, listener)
        page.set_default_timeout(patience)
        page.goto(self._app.address + path)
        return page

    def _hear(self, message) -> None:
        if message.type == "error" and is_ours(message.text, self._app.address):
            self.faults.append(f"console: {message.text}")

    def _see(self, request) -> None:
        ours = (self._app.address, self._app.address.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith((*ours, "about:")):
            self.faults.append(f"request to another machine: {request.url}")

    def close(self) -> None:
        """Gives the tabs back; fails on any fault."""
        for page, _ in self._lent:
            exceptions = None if page.is_closed() else page.locator('[data-testid="stException"]')
            if exceptions is not None and exceptions.count():
                self.faults.append(f"Python exception on the page: {exceptions.first.inner_text()}")
        for page, listeners in self._lent:
            self._tabs.give_back(page, listeners)
        assert not self.faults, "\n".join([*self.faults, self._app.output()[-4000:]])


@pytest.fixture(scope="session")
def tabs(browser):
    """Tabs for all tests, one after another."""
    lent = Tabs(browser)
    yield lent
    lent.close()


@pytest.fixture
def open_page(tabs, app):
    """Opens a page of the app: `open_page("/data", width=390, dark=True)`; errors in it fail the test at its end."""
    opener = Opener(tabs, app)

    def opened(path: str = "/", *, width: int = 1440, dark: bool = False, settle: bool = True):
        phone = width <= 400
        size = {**(PHONE if phone else DESKTOP), "width": width}
        page = opener.open(path, size, touch=phone, color_scheme="dark" if dark else "light")
        if settle:
            settled(page)
        return page

    opened.faults = opener.faults
    yield opened
    opener.close()


def settled(page) -> None:
    """Waits until the bar is drawn and the script has ended."""
    page.wait_for_selector(".st-key-bar")
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    )


@pytest.fixture(scope="session")
def ready():
    """`ready(page)` waits until the bar is drawn and the script has ended."""
    return settled


@pytest.fixture(scope="session")
def sideways_scroll():
    """`sideways_scroll(page)`: by how many pixels the page is wider than the window."""
    return lambda page: page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


@pytest.fixture(scope="module")
def share_page(tabs, app):
    """Opens pages for all tests of a module: `share_page("/build", width=1440, dark=False)`; errors fail the last.

    `patience` is how many milliseconds anything on it may take.
    What else is said of the window (`forced_colors="active"`, `reduced_motion="no-preference"`) goes to Playwright.
    """
    opener = Opener(tabs, app)

    def opened(
        path: str, *, width: int = 1440, height: int = 900, dark: bool = False, **how: Any
    ) -> Any:
        scheme = "dark" if dark else "light"
        looks = {"color_scheme": scheme, "reduced_motion": "reduce", **how}
        page = opener.open(path, {"width": width, "height": height}, **looks)
        settled(page)
        return page

    yield opened
    opener.close()
