"""Pictures of every screen for docs/screenshots: real runs in a fresh workspace, light and dark, wide and narrow.

`python -m tests.take_screenshots [FOLDER]`; look at every picture before it is committed.
"""

import importlib.util
import io
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from builder.data.ingest.ingest import ingest
from builder.projects import store as projects
from builder.projects.templates import find
from builder.readiness.blank import smallest_network
from builder.runs import launch
from builder.runs import store as runs
from builder.spec.project import Project

E2E = Path(__file__).parent / "e2e"
FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
SCREENS = ("start", "data", "build", "train", "results", "use", "export", "runs")
HEIGHTS = {1440: 900, 390: 844}
COLOURS = (256, 128, 64, 32)
MOST_BYTES = 200_000
PATIENCE = 120_000


def module(name: str) -> ModuleType:
    """A file of the browser tests, for what it knows to do."""
    found = importlib.util.spec_from_file_location(name, E2E / f"{name}.py")
    assert found and found.loader
    made = importlib.util.module_from_spec(found)
    sys.modules[name] = made
    found.loader.exec_module(made)
    return made


def trained(project: Project, project_id: str, epochs: int | None = None) -> str:
    """Trains in a worker and waits for its end; the run's id."""
    if epochs is not None:
        settings = project.training.model_copy(update={"epochs": epochs})
        project = project.model_copy(update={"training": settings})
    run = runs.create(project, project_id=project_id)
    launch.launch(run)
    while not run.state().over:
        time.sleep(0.3)
    assert run.state().state == "finished", run.state().reason
    return run.id


def make_state(folder: Path) -> str:
    """Projects and runs a person could have; the address of the one that is shown."""
    file = folder / "Harvest 2025.csv"
    file.write_bytes(module("test_upload").table())
    data = ingest(file).spec
    harvest = Project(name="Harvest", networks=(smallest_network(data),), data=data)
    trained(harvest, projects.create(harvest).id, epochs=150)
    digits = find("cnn-digits").project
    shown = projects.create(digits).id
    trained(digits, shown, epochs=3)
    return f"project={shown}&run={trained(digits, shown)}"


SHOWS = {
    "start": "Templates",
    "data": "Preparation",
    "build": "parameters",
    "train": "Is it learning, is it memorising?",
    "results": "Class by class",
    "use": "The five likeliest",
    "export": "Same answers",
    "runs": "Select a run to open",
}
"""Words that a screen has when it shows what it is for."""


def shoot(browser: Browser, address: str, ids: str, name: str, dark: bool, width: int) -> bytes:
    """One screen as a PNG of at most MOST_BYTES."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{address}/{'' if name == 'start' else name}?{ids}")
    page.wait_for_selector(".st-key-bar", state="attached", timeout=PATIENCE)
    expect(page.get_by_role("main")).to_contain_text(SHOWS[name])
    if name == "build" and width > 640:
        page.get_by_role("group", name="conv1, ").click()
        expect(page.locator(".st-key-build_side")).to_contain_text("Filters")
    page.wait_for_function(
        """() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
            && [...document.images].every((image) => image.complete
                || image.getBoundingClientRect().top > innerHeight)"""
    )
    expect(page.locator(".st-key-shell_back")).to_be_hidden()  # the style has come
    page.mouse.move(width - 4, HEIGHTS[width] - 4)
    page.wait_for_timeout(1500)  # charts and maps draw themselves after the script
    raw = page.screenshot()
    context.close()
    return small(raw)


def small(png: bytes) -> bytes:
    """The picture with as many colours as its size allows."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in COLOURS:
        target = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
        if target.tell() <= MOST_BYTES:
            break
    return target.getvalue()


def main() -> int:
    """Takes all pictures; 1 when a screen did not become ready."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    conftest = module("conftest")
    expect.set_options(timeout=PATIENCE)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        home = Path(temporary) / "workspace"
        os.environ["LAYERLOOM_HOME"] = str(home)
        ids = make_state(Path(temporary))
        port = conftest.free_port()
        app = conftest.App(f"http://127.0.0.1:{port}", home, port, Path(temporary) / "app.log")
        app.start()
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, conftest.NAMES)), None),
            args=conftest.ARGUMENTS,
        )
        try:
            for name in SCREENS:
                for width in HEIGHTS:
                    for dark in (False, True):
                        file = folder / f"{name}-{'dark' if dark else 'light'}-{width}.png"
                        file.write_bytes(shoot(browser, app.address, ids, name, dark, width))
                        print(file.name, file.stat().st_size, flush=True)
        finally:
            browser.close()
            app.stop()
            conftest.stop_workers(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
