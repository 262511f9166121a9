"""Dragging one layer of three hundred: what each frame costs in script, by Chromium's own trace."""

import json
from itertools import pairwise
from statistics import quantiles

import pytest

from builder.spec.network import Network, Node, Wire
from tests.e2e.canvas_steps import desk, digits

LAYERS = 300
FRAMES = 60


def large_network() -> Network:
    """A chain of 300 layers in six columns."""
    ids = ["input", *(f"relu{n}" for n in range(1, LAYERS - 1)), "output"]
    kinds = {"input": "input", "output": "output"}
    nodes = tuple(
        Node(id=i, kind=kinds.get(i, "relu"), name=i, x=248.0 * (n // 50), y=96.0 * (n % 50))
        for n, i in enumerate(ids)
    )
    wires = tuple(Wire(source=a, target=b) for a, b in pairwise(ids))
    return Network(nodes=nodes, wires=wires)


@pytest.fixture(scope="module")
def large(app, share_page):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(app.home))
        yield desk(share_page, digits(large_network()))


def drag(on) -> None:
    x, y = on.middle(on.node("relu3").locator(".layer-icon"))
    on.page.mouse.move(x, y)
    on.page.mouse.down()
    for step in range(FRAMES):
        on.page.mouse.move(x + 4 * step, y + (step % 7))
    on.page.mouse.up()


def script_per_move(trace: bytes) -> list[float]:
    """Milliseconds of script of each mousemove event handled by the page."""
    events = json.loads(trace)["traceEvents"]
    moves = [
        e
        for e in events
        if e["name"] == "EventDispatch" and e["args"]["data"].get("type") == "mousemove"
    ]
    return sorted(e.get("tdur", e["dur"]) / 1000 for e in moves)


WATCH = """() => {
  const host = [...document.querySelectorAll("*")].find((each) => each.shadowRoot?.querySelector(".react-flow"));
  const nodes = host.shadowRoot.querySelector(".react-flow__nodes");
  window.touched = new Set();
  new MutationObserver((all) => all.forEach(({target}) => {
    const node = (target.nodeType === 1 ? target : target.parentElement).closest(".react-flow__node");
    if (node) window.touched.add(node.dataset.id);
  })).observe(nodes, {subtree: true, childList: true, attributes: true, characterData: true});
}"""


def test_a_drag_draws_the_moved_layer_again_and_no_other(large):
    large.node("relu3").click()
    large.page.evaluate(WATCH)
    drag(large)
    large.last_step("Moved relu3")
    assert set(large.page.evaluate("[...window.touched]")) == {"relu3"}


def test_script_a_drag_frame_is_measured(large, browser, record_property):
    browser.start_tracing(page=large.page, categories=["devtools.timeline"])
    drag(large)
    costs = script_per_move(browser.stop_tracing())
    assert len(costs) >= FRAMES / 2, "the trace saw the drag"
    middle, high = quantiles(costs, n=20)[9], quantiles(costs, n=20)[18]
    record_property("script_ms_median", middle)
    record_property("script_ms_p95", high)
    print(f"script a drag frame at {LAYERS} layers: median {middle:.1f} ms, p95 {high:.1f} ms")
