"""axe-core finds nothing serious on any screen, light and dark, wide and narrow; none is scrolled sideways."""

import os
import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from builder.projects import store as projects
from builder.runs import launch
from builder.runs import store as runs
from builder.spec.training import TrainingSpec
from tests.e2e.canvas_steps import digits

AXE = Path(__file__).parents[2] / "builder/ui/canvas/frontend/node_modules/axe-core/axe.min.js"
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
LONG = 120_000
"""Milliseconds a whole screen may take to compute itself."""
PANELS = ("Layer", "Problems", "Variables", "Cost", "Code")
LOOKS = 4
SERIOUS = ("serious", "critical")
FOUND = """async ([levels, allowed]) => {
  const done = await axe.run(document, {resultTypes: ['violations'], rules: {'color-contrast': {enabled: true}}});
  return done.violations.filter((rule) => levels.includes(rule.impact)).flatMap((rule) => rule.nodes
    .map((node) => `${rule.impact} ${rule.id}: ${node.target.join(' ')} -- ${node.html.slice(0, 160)}`
      + ` -- ${(node.failureSummary || '').split('\\n').slice(1, 2).join(' ').trim()}`)
    .filter((line) => !allowed.some((each) => line.includes(each))));
}"""
UNNAMED = """() => [...document.querySelectorAll('main button, main input:not([type=file])')]
  .filter((one) => one.checkVisibility() && !one.innerText?.trim() && !one.ariaLabel
    && !one.getAttribute('aria-labelledby') && !one.title && !(one.labels?.length))
  .map((one) => one.outerHTML.slice(0, 120))"""
NOT_OURS: dict[str, str] = {}
"""Parts of a finding that are Streamlit's own and no style can mend, each with the reason."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, which `npm ci` in the canvas' frontend brings."""
    if not AXE.exists():
        why = f"axe-core is not there: run `npm ci` in {AXE.parents[2].name}."
        if os.environ.get("CI") == "true" and shutil.which("npm"):
            pytest.fail(why)
        pytest.skip(why)
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ids(app, axe) -> str:
    """A project with a finished run, as the query of an address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(app.home))
        project = digits().model_copy(update={"training": TrainingSpec(epochs=2)})
        project_id = projects.create(project).id
        run = runs.create(project, project_id=project_id)
        launch.launch(run)
        deadline = time.monotonic() + 240
        while not run.state().over and time.monotonic() < deadline:
            time.sleep(0.3)
        assert run.state().state == "finished", run.state().reason
        return f"project={project_id}&run={run.id}"


def serious(page, axe: str, ready) -> list[str]:
    """What axe finds on the page at rest, in its frames and components as well.

    Streamlit fades what is computed anew; only what is found in each of a few looks counts.
    """
    found = _look(page, axe, ready)
    for _ in range(LOOKS - 1):
        if not found:
            break
        again = _look(page, axe, ready)
        found = [line for line in found if line in again]
    return found


def _look(page, axe: str, ready) -> list[str]:
    page.wait_for_timeout(700)  # what flashes or glides has come to rest
    ready(page)
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    page.wait_for_timeout(300)
    for frame in page.frames:
        if not frame.evaluate("() => Boolean(window.axe)"):
            frame.evaluate(axe)
    return page.evaluate(FOUND, [list(SERIOUS), list(NOT_OURS)])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", SHOWS)
def test_a_screen_has_nothing_serious(share_page, ready, sideways_scroll, ids, axe, name, dark):
    page = share_page(f"/{'' if name == 'start' else name}?{ids}", dark=dark, patience=LONG)
    expect(page.get_by_role("main")).to_contain_text(SHOWS[name], timeout=LONG)
    expect(page.locator("html")).to_have_attribute("data-ll-theme", "dark" if dark else "light")
    assert page.title().strip()
    found = serious(page, axe, ready)
    assert sideways_scroll(page) <= 0
    page.set_viewport_size({"width": 390, "height": 844})
    found += [f"390: {line}" for line in serious(page, axe, ready)]
    found += [f"390: no name: {line}" for line in page.evaluate(UNNAMED)]
    assert sideways_scroll(page) <= 0
    page.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_workbench_has_nothing_serious_in_any_panel(share_page, ready, ids, axe, dark):
    page = share_page(f"/build?{ids}", dark=dark, patience=LONG)
    page.get_by_role("radio", name="Canvas").click()  # the view chosen last is kept
    page.wait_for_selector(".wire-shape")
    page.locator('.react-flow__node[data-id="conv1"]').click()
    found = []
    for panel in PANELS:
        page.get_by_role("radio", name=panel, exact=True).click()
        page.wait_for_timeout(1500)
        found += [f"{panel}: {line}" for line in serious(page, axe, ready)]
    for keys, part in (("/", ".quick-add"), ("Shift+F10", ".menu"), ("w", ".picker")):
        page.locator('.react-flow__node[data-id="relu1"]').click()
        page.keyboard.press(keys)
        page.wait_for_selector(part)
        found += [f"{part}: {line}" for line in serious(page, axe, ready)]
        page.keyboard.press("Escape")
    page.get_by_role("radio", name="Stack").click()
    page.wait_for_selector("[class*=st-key-stackline_]")
    found += [f"stack: {line}" for line in serious(page, axe, ready)]
    page.get_by_role("button", name="History").first.click()
    page.wait_for_selector(".st-key-history")
    found += [f"history: {line}" for line in serious(page, axe, ready)]
    page.close()
    assert not found, "\n".join(found)
