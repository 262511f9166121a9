"""The Build page for everybody: axe finds nothing serious, forced colours keep what matters, fingers reach it all."""

import os
import re

import pytest
from playwright.sync_api import expect

from builder.paths import ROOT
from tests.e2e.canvas_steps import desk, digits

AXE = ROOT / "builder/ui/canvas/frontend/node_modules/axe-core/axe.min.js"
FAULTS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .map(each => `${each.id}: ${each.nodes.slice(0, 3).map(node => node.target.flat().join(" ")).join(" | ")}`)"""


@pytest.fixture(scope="module", autouse=True)
def workspace(app):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(app.home))
        yield


@pytest.fixture(scope="module")
def axe():
    if not AXE.exists():
        why = "axe-core is missing: run npm ci in builder/ui/canvas/frontend."
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return AXE


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_on_build(share_page, axe, dark):
    on = desk(share_page, digits(), dark=dark)
    on.page.add_script_tag(path=axe)
    on.node("conv1").click()
    assert on.page.evaluate(FAULTS) == []
    on.page.get_by_role("radio", name="Code").or_(
        on.page.get_by_role("button", name="Code")
    ).click()
    on.page.wait_for_selector("[data-testid=stCode]")
    assert on.page.evaluate(FAULTS) == []
    on.node("conv1").click()
    on.page.keyboard.press("/")
    assert on.page.evaluate(FAULTS) == []


def test_forced_colours_keep_edges_ports_and_the_selection(share_page):
    on = desk(share_page, digits(), width=1024)
    on.page.emulate_media(forced_colors="active")
    on.node("conv1").click()
    style = (
        "(layer) => getComputedStyle(layer).outlineStyle + getComputedStyle(layer).borderTopStyle"
    )
    assert on.node("conv1").locator(".layer").evaluate(style) == "solidsolid"
    assert on.page.locator(".rail button").count() > 5
    on.page.locator(".rail button").first.click()
    expect(on.page.locator(".quick-add")).to_be_visible()


def test_a_finger_that_rests_opens_the_menu_and_its_targets_are_large(share_page, sideways_scroll):
    on = desk(share_page, digits(), width=1024, touch=True)
    x, y = on.middle(on.node("relu1"))
    session = on.page.context.new_cdp_session(on.page)
    point = [{"x": x - 40, "y": y}]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": point})
    expect(on.page.get_by_role("menuitem", name="Bypass")).to_be_visible()
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    item = on.page.get_by_role("menuitem", name="Bypass")
    item.tap()
    on.last_step("Bypassed relu1")
    expect(on.node("relu1")).to_contain_text("bypassed")
    assert sideways_scroll(on.page) == 0


def test_on_a_phone_the_drawing_can_be_opened_and_a_layer_added(share_page, sideways_scroll):
    from builder.projects import store
    from builder.projects.history import Document

    document = Document(store.create(digits()).id)
    page = share_page(f"/build?project={document.id}", width=390, touch=True)
    page.get_by_role("radio", name=re.compile("Canvas")).or_(
        page.get_by_role("button", name=re.compile("^.*Canvas$"))
    ).last.click()
    page.wait_for_selector(".layer")
    page.locator(".toolbar [aria-label^='Add a layer']").tap()
    page.keyboard.type("gelu")
    page.keyboard.press("Enter")
    expect(page.locator(".layer")).to_have_count(7)
    assert sideways_scroll(page) == 0
