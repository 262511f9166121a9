"""What a fix would do, drawn over the drawing in a real browser until it is stopped or done."""

import pytest
from playwright.sync_api import expect

from builder.spec.network import Wire
from tests.e2e.canvas_steps import desk, digits, small_network


@pytest.fixture
def on(app, share_page, monkeypatch):
    """A network whose Linear gets an image: a fix puts Flatten before it."""
    monkeypatch.setenv("LAYERLOOM_HOME", str(app.home))
    whole = small_network()
    nodes = tuple(node for node in whole.nodes if node.id != "flatten1")
    wires = [w for w in whole.wires if "flatten1" not in (w.source, w.target)]
    wires.append(Wire(source="relu1", target="linear1"))
    broken = whole.model_copy(update={"nodes": nodes, "wires": tuple(wires)})
    here = desk(share_page, digits(broken))
    here.page.get_by_role("radio", name="Problems").click()
    yield here
    here.page.close()


def test_a_fix_is_drawn_as_a_ghost_until_it_is_stopped_and_done_by_its_button(on):
    ghost, page = on.page.locator(".layer.is-ghost"), on.page
    problem = page.locator(".st-key-problem_0")
    problem.get_by_role("button", name="Preview").first.click()
    expect(ghost).to_have_count(1)
    expect(ghost).to_have_attribute("aria-label", "Preview: flatten, Flatten, added")
    expect(page.locator(".wire.is-added")).to_have_count(2)
    expect(page.locator(".wire.is-removed")).to_have_count(1)
    expect(page.locator(".spoken")).to_contain_text("flatten would be added")
    assert len(on.network.nodes) == 5 and on.document.undo_label is None
    page.locator(".surface").focus()
    page.keyboard.press("Escape")
    expect(ghost).to_have_count(0)
    expect(page.locator(".wire.is-removed")).to_have_count(0)
    problem.get_by_role("button", name="Preview", exact=True).first.click()
    expect(ghost).to_have_count(1)
    page.get_by_role("radio", name="Cost").click()
    expect(ghost).to_have_count(0)
    page.get_by_role("radio", name="Problems").click()
    problem.get_by_role("button", name="Preview", exact=True).first.click()
    expect(ghost).to_have_count(1)
    problem.get_by_role("button", name="Put Flatten before linear1").click()
    on.last_step("Put Flatten before linear1")
    expect(ghost).to_have_count(0)
