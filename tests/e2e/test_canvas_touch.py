"""The canvas under a finger, on a phone: tap, drag, connect, add, menu, and a list without the keyboard over it."""

import pytest
from playwright.sync_api import expect

from builder.projects import store
from builder.projects.history import Document
from tests.e2e.canvas_steps import Desk, Finger, digits

FINGER = 44
"""Least side of what is meant for a finger, in pixels."""


@pytest.fixture
def on(app, share_page, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(app.home))
    project = digits()
    document = Document(store.create(project).id)
    page = share_page(
        f"/build?project={document.id}",
        width=390,
        height=844,
        touch=True,
        mobile=True,
        patience=120_000,
    )
    page.wait_for_selector("[class*=st-key-stackline_]")  # the width has been told
    page.get_by_role("radio", name="Canvas").tap()
    page.wait_for_selector(".wire-shape")
    yield Desk(page, document, project)
    page.close()


@pytest.fixture
def finger(on):
    return Finger(on.page)


def test_a_tap_chooses_and_a_drag_moves_a_layer(on, finger, sideways_scroll):
    on.node("relu1").tap()
    expect(on.node("relu1").locator(".layer.is-selected")).to_have_count(1)
    expect(on.page.locator(".quick-add")).to_have_count(0)
    x, y = on.middle(on.node("relu1"))
    finger.drag((x, y), (x + 56, y + 16))
    on.last_step("Moved relu1")
    assert sideways_scroll(on.page) <= 0


def test_a_finger_connects_two_ports_and_pans_the_ground(on, finger):
    finger.drag(
        on.middle(on.port("conv1", "source")), on.middle(on.port("flatten1", "target")), steps=12
    )
    on.last_step("Connected conv1 to flatten1")
    before = on.node("input").bounding_box()
    x, y = on.page.locator(".surface").bounding_box()["x"] + 24, before["y"] + 20
    finger.drag((x, y), (x, y + 90))
    on.comes_true(lambda: on.node("input").bounding_box()["y"] > before["y"] + 40)


def test_every_layer_can_be_reached_and_the_list_waits_for_a_tap_to_type(on):
    on.node("conv1").tap()
    on.page.get_by_role("button", name="Add a layer ( / )").tap()
    rows = on.page.locator(".quick-add-row")
    expect(rows.first).to_be_visible()
    assert rows.count() > 150
    assert rows.first.bounding_box()["height"] >= FINGER
    assert not on.page.evaluate(
        "() => document.activeElement.shadowRoot?.activeElement?.matches('input') ?? false"
    )
    rows.filter(has_text="GELU").first.tap()
    on.last_step("Added gelu1 after conv1")


def test_a_resting_finger_opens_the_menu_of_a_layer_and_of_the_ground(on, finger):
    finger.press(on.middle(on.node("linear1")), 900)
    expect(on.page.get_by_role("menuitem", name="Add a layer after it")).to_be_visible()
    assert on.page.get_by_role("menuitem").first.bounding_box()["height"] >= FINGER
    on.page.get_by_role("menuitem", name="Bypass").tap()
    on.last_step("Bypassed linear1")


def test_every_button_over_the_drawing_is_within_it_and_wide_enough(on):
    surface = on.page.locator(".surface").bounding_box()
    for button in on.page.locator(".toolbar button").all():
        box = button.bounding_box()
        assert box["x"] >= surface["x"]
        assert box["x"] + box["width"] <= surface["x"] + surface["width"]
        assert min(box["width"], box["height"]) >= FINGER
