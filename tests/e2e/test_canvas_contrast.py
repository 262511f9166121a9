"""The canvas with forced colours and with less motion: everything is still told apart, and nothing glides."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from builder.spec.network import Network
from builder.ui.theme import contrast
from tests.e2e.canvas_steps import desk, digits, small_network

SEEN = 3.0
"""Least contrast of a thing with meaning against its ground (WCAG 1.4.11)."""
COUNT_PLACES = """() => {
  const host = document.querySelector('[class*=st-key-canvas-] [data-testid=stBidiComponentIsolated]');
  const node = host.shadowRoot.querySelector('.react-flow__node[data-id=output]');
  const first = node.style.transform, seen = new Set([first]);
  window.places = new Promise((done) => {
    let end = Infinity;
    const look = () => {
      seen.add(node.style.transform);
      if (seen.size > 1) end = Math.min(end, performance.now() + 900);
      performance.now() < end ? requestAnimationFrame(look) : done(seen.size);
    };
    requestAnimationFrame(look);
  });
}"""
"""Counts in how many places the last layer is drawn until it has come to rest, from its next move on."""


def broken():
    """A convolution larger than its image: an error at it, and layers that wait."""
    drawn = small_network()
    nodes = tuple(
        node.model_copy(update={"knobs": {"kernel_size": 30}}) if node.id == "conv1" else node
        for node in drawn.nodes
    )
    return digits(Network(nodes=nodes, wires=drawn.wires))


@pytest.fixture(scope="module", params=["light", "dark"])
def on(app, share_page, request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(app.home))
        shown = desk(
            share_page,
            broken(),
            dark=request.param == "dark",
            forced_colors="active",
            shows=".badge-error",
        )
        yield shown
        shown.page.close()


def colours(on, box) -> list[str]:
    """Every colour within a box (x, y, width, height) of the window."""
    clip = dict(zip(("x", "y", "width", "height"), box, strict=True))
    picture = Image.open(io.BytesIO(on.page.screenshot(clip=clip))).convert("RGB")
    return ["#{:02X}{:02X}{:02X}".format(*colour) for _, colour in picture.getcolors(1 << 20)]


def strongest(on, box) -> float:
    """The largest contrast within a box."""
    found = colours(on, box)
    return max(contrast(one, other) for one in found for other in found)


def strip(on, node_id: str, *, out: float):
    """A thin box across the right edge of a layer, from 6 px inside to `out` px outside."""
    box = on.node(node_id).locator(".layer").bounding_box()
    return box["x"] + box["width"] - 6, box["y"] + box["height"] / 2, 6 + out, 1


def test_layers_ports_connections_and_badges_are_seen_in_forced_colours(on):
    assert strongest(on, strip(on, "flatten1", out=6)) >= SEEN
    for side in ("source", "target"):
        x, y = on.middle(on.port("flatten1", side))
        assert strongest(on, (x - 7, y, 14, 1)) >= SEEN
    x, y = on.middle(on.port("relu1", "source"))
    assert strongest(on, (x - 5, y + 7, 10, 1)) >= SEEN
    badge = on.node("conv1").locator(".badge-error").bounding_box()
    assert strongest(on, tuple(badge.values())) >= SEEN


def test_the_chosen_layer_and_the_chosen_panel_stand_out_in_forced_colours(on):
    on.node("flatten1").click()
    expect(on.page.locator(".layer.is-selected")).to_have_count(1)
    on.page.mouse.move(5, 5)
    on.page.wait_for_timeout(400)
    chosen, other = strip(on, "flatten1", out=5), strip(on, "linear1", out=5)
    outside = [(x + 7, y, 4, height) for x, y, _, height in (chosen, other)]
    assert strongest(on, outside[0]) >= SEEN
    assert strongest(on, outside[1]) == 1
    for name, is_chosen in (("Layer", True), ("Cost", False)):
        box = on.page.get_by_role("radio", name=name, exact=True).bounding_box()
        edge = (box["x"] + 8, box["y"] + box["height"] - 3, 8, 1)
        ground = (box["x"] + 8, box["y"] + box["height"] - 7, 8, 1)
        assert (colours(on, edge) != colours(on, ground)) is is_chosen, name


def test_ports_that_take_a_pulled_connection_differ_from_those_that_do_not(on):
    x, y = on.middle(on.port("flatten1", "source"))
    on.page.mouse.move(x, y)
    on.page.mouse.down()
    on.page.mouse.move(x + 60, y + 10, steps=3)
    on.page.wait_for_timeout(400)
    fits, fits_not = (on.middle(on.port(name, "target")) for name in ("output", "relu1"))
    inside = [(at[0] - 2, at[1] - 2, 4, 4) for at in (fits, fits_not)]
    told = [colours(on, box) for box in inside]
    on.page.mouse.up()
    on.page.keyboard.press("Escape")
    assert set(told[0]).isdisjoint(told[1])
    assert strongest(on, (fits_not[0] - 7, fits_not[1], 14, 1)) >= SEEN


@pytest.mark.parametrize(("wish", "glides"), [("reduce", False), ("no-preference", True)])
def test_turning_the_drawing_glides_only_where_motion_is_welcome(
    app, share_page, monkeypatch, wish, glides
):
    monkeypatch.setenv("LAYERLOOM_HOME", str(app.home))
    on = desk(share_page, digits(), reduced_motion=wish)
    on.node("relu1").click()
    on.page.wait_for_timeout(500)
    on.page.evaluate(COUNT_PLACES)
    on.page.keyboard.press("Shift+L")
    places = on.page.evaluate("() => window.places")
    on.page.close()
    assert (places > 4) is glides, places
