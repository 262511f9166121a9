"""Presses at the first moment a button can be pressed: none is lost, because no button moves under the pointer."""

import json
import re
import time

import pytest
from playwright.sync_api import expect

from builder.data.describe import describe
from builder.projects import store
from builder.readiness.blank import blank_project
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.training import TrainingSpec

HELD = 0.08
"""Seconds that a person holds a button down."""
FIRST = """name => new Promise(found => {
  const look = () => {
    const button = [...document.querySelectorAll('.st-key-run_head button')].find(
      one => one.offsetParent && !one.disabled && one.innerText.includes(name));
    if (!button) return false;
    const box = button.getBoundingClientRect();
    watcher.disconnect();
    found([box.x + box.width / 2, box.y + box.height / 2]);
    return true;
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document.body, {childList: true, subtree: true, attributes: true, characterData: true});
  look();
})"""
"""Resolves to the middle of the button as soon as it is there and can be pressed."""


BUSY = """button => {
  const until = performance.now() + 2500;
  while (performance.now() < until);  // the timers of the live parts of the page fall due meanwhile
  [...document.querySelectorAll(button)].find(one => one.offsetParent).click();
}"""
"""Presses a button on a page that has been too busy to answer for a while."""


def press(page, name: str) -> None:
    """Holds the button down where it was when it first could be pressed."""
    page.mouse.move(*page.evaluate(FIRST, name))
    page.mouse.down()
    time.sleep(HELD)  # not a wait for anything: how long a press lasts
    page.mouse.up()


@pytest.fixture
def run(app, open_page, monkeypatch):
    """The Train page of a long run, and how to read the run's state."""
    monkeypatch.setenv("LAYERLOOM_HOME", str(app.home))
    spec = describe(DataSpec(source=BuiltinSource(name="digits")))
    project = blank_project(spec, "presses")
    project = project.model_copy(update={"training": TrainingSpec(epochs=100_000)})
    page = open_page(f"/train?project={store.create(project).id}")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**run=*")
    folder = app.home / "runs" / re.search(r"run=([\w-]+)", page.url).group(1)

    def state() -> dict:
        return json.loads((folder / "state.json").read_text())

    yield page, state
    press(page, "Stop")
    until(page, state, lambda now: now["state"] == "stopped")  # the next run needs the device


def training(page) -> None:
    head = page.locator(".st-key-run_head")
    head.get_by_text(re.compile("Training, epoch")).first.wait_for()


def until(page, state, wanted) -> None:
    """Waits for the run itself, not for the page."""
    deadline = time.monotonic() + 90
    while not wanted(state()):
        assert time.monotonic() < deadline, f"the press was lost: {state()['state']}"
        page.wait_for_timeout(50)


def test_resume_pressed_at_the_first_moment_of_a_pause_is_never_lost(run) -> None:
    page, state = run
    for _ in range(10):
        training(page)
        press(page, "Pause")
        until(page, state, lambda now: now["state"] in ("pausing", "paused"))
        press(page, "Resume")
        until(page, state, lambda now: now["state"] == "running")


def test_the_key_k_pauses_and_goes_on_but_not_while_typing(run) -> None:
    page, state = run
    training(page)
    page.keyboard.press("k")
    until(page, state, lambda now: now["state"] == "paused")
    page.locator(".st-key-run_head").get_by_role("button", name="Resume").wait_for()
    page.get_by_role("button", name="presses").click()
    name = page.get_by_label("Project name")
    name.press("k")
    expect(name).to_have_value(re.compile("^k?pressesk?$"))
    expect(name).not_to_have_value("presses")
    assert state()["state"] == "paused"
    page.keyboard.press("Escape")
    page.locator(".st-key-run_head").get_by_text("Run 1").first.click()
    page.keyboard.press("k")
    until(page, state, lambda now: now["state"] == "running")


def test_brackets_walk_through_the_layers(run) -> None:
    page, _ = run
    training(page)
    picker = page.locator(".st-key-map_card").get_by_role("combobox", name=re.compile("Layer$"))
    expect(picker).to_have_value("linear1")
    expect(page.get_by_role("button", name="Next layer")).to_be_enabled()
    page.keyboard.press("]")
    expect(picker).to_have_value("output")
    page.keyboard.press("[")
    expect(picker).to_have_value("linear1")


def test_a_press_while_the_page_draws_charts_counts_once(run) -> None:
    page, _ = run
    training(page)
    picker = page.locator(".st-key-map_card").get_by_role("combobox", name=re.compile("Layer$"))
    expect(picker).to_have_value("linear1")
    expect(page.get_by_role("button", name="Next layer")).to_be_enabled()
    page.keyboard.press("]")
    expect(picker).to_have_value("output")
    page.evaluate(BUSY, ".st-key-layer_before button")
    expect(picker).to_have_value("linear1")
    page.wait_for_timeout(3000)  # a second delivery would come with the next beat of the page
    expect(picker).to_have_value("linear1")


def test_resume_pressed_at_the_first_moment_after_a_stop_is_never_lost(run) -> None:
    page, state = run
    for attempt in range(1, 4):
        training(page)
        press(page, "Stop")
        press(page, "Resume")
        until(
            page, state, lambda now, was=attempt: now["attempt"] > was and now["state"] == "running"
        )
