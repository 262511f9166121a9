"""The whole story as a person would tell it: from a blank page to a model that runs elsewhere."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

EPOCHS = 3000
"""More than the story needs: the run is always stopped by hand."""
MAP_ROW = 48
"""Pixels between two boxes of the model map, as `model_map.ROW` has it."""
POINTS = """() => [...document.querySelectorAll('.lp-plot')].flatMap((plot) => plot.data ?? [])
    .reduce((sum, trace) => sum + (trace.x?.bdata?.length ?? trace.x?.length ?? 0), 0)"""


def layer(page, name: str):
    """A layer of the drawing, by its name."""
    return page.get_by_role("group", name=re.compile(rf"^{name}, "))


def port(page, name: str, end: str):
    """The point of a layer a connection starts (`source`) or ends at (`target`), as x and y."""
    node = page.locator(".react-flow__node", has=layer(page, name))
    box = node.locator(f".react-flow__handle.{end}").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def connect(page, source: str, target: str) -> None:
    """Drags from the end of one layer to the start of another, once neither glides any more."""
    for name in (source, target):
        layer(page, name).hover(trial=True)
    page.mouse.move(*port(page, source, "source"))
    page.mouse.down()
    x, y = port(page, target, "target")
    page.mouse.move(x + 20, y + 20, steps=5)
    page.mouse.move(x, y, steps=5)
    page.mouse.up()


def start_from_blank(page, ready) -> None:
    page.get_by_role("button", name="Start from blank").click()
    page.locator(".st-key-blank_digits button").click()
    page.wait_for_url("**/build*")
    ready(page)
    expect(layer(page, "linear1")).to_be_visible()


def draw(page) -> None:
    """Input, Conv2d, ReLU, and the gap that is left when Flatten goes, closed by hand."""
    page.get_by_role("button", name="Add a layer between input and flatten1").click()
    page.keyboard.type("conv2d")
    page.get_by_role("option", name=re.compile("^Conv2d")).last.wait_for()
    page.keyboard.press("Enter")
    layer(page, "conv1").click()
    page.get_by_role("searchbox", name="Find a layer").fill("relu")
    page.locator(".palette-row:visible .palette-pick").first.click()
    expect(layer(page, "relu1")).to_have_accessible_name(re.compile("connected to flatten1"))
    page.get_by_role("searchbox", name="Find a layer").fill("")
    layer(page, "flatten1").click()
    page.keyboard.press("Shift+Delete")
    expect(layer(page, "flatten1")).to_have_count(0)
    expect(page.locator(".st-key-bar_problems_red, .st-key-bar_problems")).to_contain_text(
        re.compile(r"\d problem")
    )
    connect(page, "relu1", "linear1")
    expect(layer(page, "relu1")).to_have_accessible_name(re.compile("connected to linear1"))


def mend(page) -> None:
    """Reads the problem and takes the offered fix."""
    expect(layer(page, "linear1")).to_have_accessible_name(
        re.compile("output 32 by 8 by 10, 1 error"), timeout=60_000
    )
    side = page.locator(".st-key-build_side")
    problems = page.get_by_role("radio", name="Problems (1)")
    expect(problems).to_be_visible(timeout=60_000)
    problems.click()
    expect(side).to_contain_text("Needs 10 values", timeout=60_000)
    side.get_by_role("button", name="Put Flatten before linear1").click()
    expect(side).to_contain_text("Everything fits", timeout=60_000)
    expect(page.get_by_role("group", name=re.compile("^flatten1?, Flatten"))).to_be_visible()


def train(page, ready) -> str:
    """Chooses the epochs and presses Train; the run's id."""
    page.locator('[data-testid="stTopNavLink"]', has_text="Train").click()
    page.wait_for_url("**/train*")
    ready(page)
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill(str(EPOCHS))
    epochs.press("Enter")
    ready(page)
    page.locator(".st-key-bar_train button:visible").click()
    page.wait_for_url("**run=*")
    expect(page.locator(".st-key-run_head")).to_contain_text("Training, epoch", timeout=90_000)
    return re.search(r"run=([\w-]+)", page.url)[1]


def watch(page) -> None:
    """The charts move, and follow the newest epoch."""
    page.wait_for_function(f"() => ({POINTS})() > 0", timeout=60_000)
    before = page.evaluate(POINTS)
    page.wait_for_function(f"(before) => ({POINTS})() > before", arg=before, timeout=60_000)
    page.wait_for_function(
        "() => document.querySelector('.lp-plot')._fullLayout.xaxis.range[1] > 3", timeout=60_000
    )


def look_inside(page) -> None:
    """A click on a box of the map chooses the layer: its list, its maps, and the box itself."""
    page.get_by_label("Layer", exact=True).first.scroll_into_view_if_needed()
    frame = page.locator("iframe[title*=agraph]").first
    frame.content_frame.locator("canvas").wait_for()
    for row, name in ((2, "relu1"), (1, "conv1")):
        see = page.locator(".lp-question", has_text=f"What does {name} see?")
        for _ in range(5):
            frame.scroll_into_view_if_needed()
            box = frame.bounding_box()
            page.mouse.click(
                box["x"] + box["width"] / 2,
                box["y"] + box["height"] / 2 + (row - 2.5) * MAP_ROW,
            )
            try:
                expect(see).to_be_visible(timeout=8_000)
                break
            except AssertionError:  # the map moves until it has settled
                continue
        see.scroll_into_view_if_needed()  # what nobody sees is not drawn
        expect(page.locator(".st-key-map_card")).to_contain_text(name)
        expect(
            page.locator("section.lp-card", has=see).locator("img, canvas").first
        ).to_be_visible()


def stop_and_resume(page) -> None:
    head = page.locator(".st-key-run_head")
    page.mouse.wheel(0, -10_000)
    head.get_by_role("button", name="Stop").click()
    expect(head).to_contain_text("Stopped by you", timeout=60_000)
    before = saved_step(page)
    head.get_by_role("button", name="Resume").click()
    expect(head).to_contain_text("Training, epoch", timeout=90_000)
    page.wait_for_function(
        """(before) => Number(document.querySelector('.st-key-run_head').innerText
            .match(/step ([\\d,]+) of/)?.[1].replaceAll(',', '') ?? 0) > before""",
        arg=before,
        timeout=60_000,
    )
    head.get_by_role("button", name="Stop").click()
    expect(head).to_contain_text("Stopped by you", timeout=60_000)
    assert saved_step(page) > before


def saved_step(page) -> int:
    words = page.locator(".st-key-run_head").inner_text()
    return int(re.search(r"step ([\d,]+) of", words)[1].replace(",", ""))


def export(page, folder: Path) -> Path:
    """Downloads the checked bundle."""
    page.locator('[data-testid="stTopNavLink"]', has_text="Export").click()
    page.wait_for_url("**/export*")
    expect(page.get_by_text("Same answers on 200 real samples").first).to_be_visible(
        timeout=120_000
    )
    with page.expect_download(timeout=60_000) as told:
        page.get_by_role("button", name=re.compile("^.*Download .*bundle.zip")).click()
    assert re.fullmatch(r"[\w-]+-run1-bundle\.zip", told.value.suggested_filename)
    target = folder / told.value.suggested_filename
    told.value.save_as(target)
    return target


def run_elsewhere(bundle: Path, folder: Path, picture: np.ndarray) -> str:
    """Unpacks the bundle and asks its program in a clean process; what it printed."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    program = next(folder.rglob("predict.py"))
    Image.fromarray(picture).save(folder / "digit.png")
    done = subprocess.run(
        [sys.executable, "-P", "-s", program.name, str(folder / "digit.png")],
        cwd=program.parent,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def digit() -> tuple[np.ndarray, int]:
    """A real digit as a picture of 8 by 8 grey pixels, and what it is."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return (data.images[0] / 16 * 255).astype(np.uint8), int(data.target[0])


def test_from_a_blank_page_to_a_model_that_runs_elsewhere(app, open_page, ready, tmp_path, digit):
    page = open_page("/")
    start_from_blank(page, ready)
    draw(page)
    mend(page)
    run = train(page, ready)
    watch(page)
    look_inside(page)
    stop_and_resume(page)
    bundle = export(page, tmp_path)
    picture, truth = digit
    answer = json.loads(run_elsewhere(bundle, tmp_path / "elsewhere", picture))
    assert [one["class"] for one in answer["predictions"]] == [str(truth)]
    assert (app.home / "runs" / run / "model.py").read_text() == source_in(bundle)


def source_in(bundle: Path) -> str:
    """The network's source as the bundle carries it."""
    with zipfile.ZipFile(bundle) as archive:
        name = next(name for name in archive.namelist() if name.endswith("model.py"))
        return archive.read(name).decode()
