"""Watching a run in a real browser: charts move, zoom stays, the map selects; a new server changes nothing."""

import json
import os
import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from builder.data.describe import describe
from builder.projects import store
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

LAYERS = (
    ("input", "input", {}),
    ("conv2d", "conv1", {"out_channels": 8, "kernel_size": 3}),
    ("relu", "relu1", {}),
    ("flatten", "flatten", {}),
    ("linear", "linear1", {"out_features": 10}),
    ("output", "output", {}),
)


def project(epochs: int) -> Project:
    nodes = tuple(Node(id=f"n{i}", kind=k, name=n, knobs=v) for i, (k, n, v) in enumerate(LAYERS))
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in pairwise(nodes))
    return Project(
        name="Watched",
        networks=(Network(nodes=nodes, wires=wires),),
        data=describe(DataSpec(source=BuiltinSource(name="digits"))),
        training=TrainingSpec(epochs=epochs),
    )


@pytest.fixture
def made(app, monkeypatch):
    """Puts a project into the app's workspace and gives its id."""
    monkeypatch.setenv("LAYERLOOM_HOME", str(app.home))
    return lambda epochs: store.create(project(epochs)).id


CURVE = ".st-key-progress_curves .lp-plot"
"""The first live chart; before the first point, others show what to expect."""


def shown_points(page) -> int:
    """Length of the packed loss values on the page; grows while charts move."""
    return page.evaluate(
        "plot => document.querySelector(plot)?.data?.flatMap(t => [t.x?.bdata?.length ?? t.x?.length ?? 0])"
        ".reduce((a, b) => a + b, 0) ?? 0",
        CURVE,
    )


def x_range(page) -> list[float]:
    return page.evaluate("plot => [...document.querySelector(plot)._fullLayout.xaxis.range]", CURVE)


def wait_for_points(page, more_than: int = 0) -> None:
    page.wait_for_function(
        "([plot, least]) => (document.querySelector(plot)?.data ?? [])"
        ".reduce((a, t) => a + (t.x?.bdata?.length ?? 0), 0) > least",
        arg=[CURVE, more_than],
    )


def start(page) -> None:
    page.get_by_role("button", name="Train", exact=True).click()
    page.locator(".st-key-run_head").wait_for()
    wait_for_points(page)


def zoom(page) -> None:
    plot = page.locator(CURVE).first  # what is inside is drawn anew again and again
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.35 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    page.mouse.up()
    page.locator(".lp-follow:visible").first.wait_for()


def click_layer(page, place: int) -> None:
    """Clicks a box of the map: the chain is centred, its rows equally far apart."""
    frame = page.locator("iframe[title*=agraph]").first
    frame.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)  # the map inside fits itself to its frame
    inner = next(f for f in page.frames if "agraph" in f.url)
    inner.wait_for_selector("canvas")
    box = frame.bounding_box()
    middle = box["y"] + box["height"] / 2
    rows = len(LAYERS)
    pitch = min(48.0, box["height"] / (rows + 0.5))
    page.mouse.click(box["x"] + box["width"] / 2, middle + (place - (rows - 1) / 2) * pitch)


CELL = """([row, column]) => {
  const plot = document.querySelector('.lp-plot'), box = plot.getBoundingClientRect();
  const {xaxis, yaxis} = plot._fullLayout;
  return [box.x + xaxis._offset + xaxis.d2p(xaxis._categories[column]),
          box.y + yaxis._offset + yaxis.d2p(yaxis._categories[row])];
}"""
"""Where a cell of the confusion matrix is in the window."""


def test_a_run_is_watched_stopped_and_resumed(app, made, open_page) -> None:
    page = open_page(f"/train?project={made(4000)}")
    page.get_by_text("Nothing has been trained yet").wait_for()
    start(page)

    zoom(page)
    zoomed, points = x_range(page), shown_points(page)
    wait_for_points(page, points)  # new numbers came
    assert x_range(page) == zoomed
    page.locator(".lp-follow:visible").first.click()
    page.wait_for_function(
        "([plot, before]) => document.querySelector(plot)._fullLayout.xaxis.range[1] !== before",
        arg=[CURVE, zoomed[1]],
    )

    click_layer(page, 1)
    page.get_by_text("What does conv1 see?").scroll_into_view_if_needed()  # drawn when it is seen
    assert page.locator(".lp-picture img").first.get_attribute("src").startswith("data:image/png")

    page.mouse.wheel(0, -5000)
    page.locator(".st-key-run_head").get_by_role("button", name="Stop").click()
    page.locator(".st-key-run_head").get_by_text("Nothing is lost").wait_for()
    page.locator(".st-key-run_head").get_by_text("Stopped by you").first.wait_for()
    page.wait_for_function(  # the page settles once more when the run is over
        "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    )
    page.locator(".st-key-run_head").get_by_role("button", name="Resume").click()
    page.locator(".st-key-run_head").get_by_text(re.compile("Training, epoch")).wait_for()

    second = page.context.new_page()
    second.goto(page.url)
    second.locator(".st-key-run_head").get_by_text(re.compile("Training, epoch")).wait_for()
    second.close()

    page.reload()
    page.locator(".st-key-run_head").get_by_text(re.compile("Training, epoch")).wait_for()
    wait_for_points(page)
    page.locator(".st-key-run_head").get_by_role("button", name="Stop").click()
    page.locator(".st-key-run_head").get_by_text("Nothing is lost").wait_for()


def test_a_finished_run_leads_to_results_use_and_export(
    app, made, open_page, sideways_scroll
) -> None:
    page = open_page(f"/train?project={made(8)}")
    start(page)
    head = page.locator(".st-key-run_head")
    head.get_by_text("Best validation accuracy").wait_for(timeout=90_000)

    head.get_by_role("button", name="Results").click()
    page.get_by_text("Class by class").wait_for(timeout=90_000)
    page.wait_for_function(
        "() => document.querySelector('.lp-plot')?._fullLayout?.xaxis?._categories"
    )
    page.locator(".lp-plot").first.scroll_into_view_if_needed()
    page.mouse.click(*page.evaluate(CELL, [4, 4]))
    cell = page.get_by_role("combobox", name=re.compile("Samples"))
    expect(cell).to_have_value(re.compile("^4, rightly named"))
    page.get_by_text("The test set is closed").wait_for()
    page.get_by_role("button", name="Open the test set").click()
    page.get_by_text(re.compile("The test set was opened once")).wait_for(timeout=90_000)

    page.get_by_role("button", name="Use it").last.click()
    page.get_by_text("The five likeliest").wait_for(timeout=60_000)
    pad = page.get_by_role("application", name=re.compile("Draw one sample"))
    box = pad.bounding_box()
    across, down = box["x"], box["y"]
    side = box["width"]
    page.mouse.move(across + 0.5 * side, down + 0.15 * side)
    page.mouse.down()
    page.mouse.move(across + 0.5 * side, down + 0.85 * side, steps=10)
    page.mouse.up()
    page.get_by_text("a sample of the data, until you draw").wait_for(state="hidden")
    page.get_by_text("The five likeliest").wait_for()
    assert sideways_scroll(page) == 0

    page.get_by_role("link", name="Export").click()
    page.get_by_text(re.compile("Same answers on .* real samples")).first.wait_for(timeout=120_000)
    with page.expect_download() as told:
        page.get_by_role("button", name=re.compile("Download watched-run1-")).click()
    assert os.path.getsize(told.value.path()) > 1000  # noqa: PTH202
    assert told.value.suggested_filename.startswith("watched-run1-")


def test_the_run_goes_on_without_the_server_and_the_page_finds_it_again(
    app, made, open_page
) -> None:
    page = open_page(f"/train?project={made(4000)}")
    start(page)
    run = re.search(r"run=([\w-]+)", page.url).group(1)
    state = app.home / "runs" / run / "state.json"
    page.goto("about:blank")
    app.stop()
    step = json.loads(state.read_text())["step"]
    app.start()
    page.goto(f"{app.address}/train?run={run}")
    page.locator(".st-key-run_head").get_by_text(re.compile("Training, epoch")).wait_for()
    wait_for_points(page)
    assert json.loads(state.read_text())["step"] > step
    page.locator(".st-key-run_head").get_by_role("button", name="Stop").click()
    page.locator(".st-key-run_head").get_by_text("Nothing is lost").wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_the_run_comes_before_the_settings(
    app, made, open_page, sideways_scroll, dark
) -> None:
    page = open_page(f"/train?project={made(4)}", width=390, dark=dark)
    page.get_by_text("Nothing has been trained yet").wait_for()
    frames = page.locator(".lp-card").first.bounding_box()
    settings = page.get_by_text("Settings", exact=True).first.bounding_box()
    assert frames["y"] < settings["y"]
    assert sideways_scroll(page) == 0
