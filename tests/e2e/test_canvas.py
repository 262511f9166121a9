"""The canvas in a real browser: every gesture ends in the document on disk."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from builder.data.describe import describe
from builder.projects import store
from builder.projects.history import Document
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project
from tests.e2e.canvas_steps import still

KINDS = {
    "conv1": "conv2d",
    "relu1": "relu",
    "flatten1": "flatten",
    "linear1": "linear",
    "norm1": "batch_norm2d",
}
CHAIN = ("input", "conv1", "relu1", "flatten1", "linear1", "output")


@pytest.fixture
def document(app, monkeypatch):
    """A small network on the digits, with one layer beside it."""
    monkeypatch.setenv("LAYERLOOM_HOME", str(app.home))
    nodes = tuple(Node(id=i, kind=KINDS.get(i, i), name=i) for i in (*CHAIN, "norm1"))
    nodes = tuple(
        n.model_copy(update={"knobs": {"out_features": 10}}) if n.id == "linear1" else n
        for n in nodes
    )
    wires = tuple(Wire(source=a, target=b) for a, b in pairwise(CHAIN))
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    networks = (Network(nodes=nodes, wires=wires),)
    return Document(store.create(Project(name="Canvas", networks=networks, data=data)).id)


@pytest.fixture
def page(open_page, document):
    page = open_page(f"/build?project={document.id}")
    page.wait_for_selector(".layer")
    page.wait_for_selector(".wire-shape")
    return page


def node(page, name):
    return page.locator(f'.react-flow__node[data-id="{name}"]')


def row(page, kind):
    return page.locator(f'.palette-row[data-kind="{kind}"]')


def undo_says(page, document, words):
    """Waits until the last step of the history is this."""

    def said():
        document.refresh()
        return document.undo_label or ""

    for _ in range(1200):
        if re.search(words, said()):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"The last step is {said()!r}, not {words!r}.")


def graph(document):
    document.refresh()
    return document.project.networks[0]


def wires(document):
    return {(wire.source, wire.target) for wire in graph(document).wires}


def test_a_click_in_the_palette_inserts_after_the_selection_and_undo_takes_it_back(page, document):
    node(page, "relu1").click()
    row(page, "dropout").click()
    expect(page.locator(".layer.is-selected .layer-name")).to_have_text("dropout1")
    undo_says(page, document, "Added dropout1 after relu1")
    added = next(graph(document).of_kind("dropout")).id
    assert {("relu1", added), (added, "flatten1")} <= wires(document)
    expect(page.locator(".wire-shape")).to_have_count(6)
    page.keyboard.press("Control+z")
    expect(page.locator(".layer")).to_have_count(7)
    assert node_ids(document) == {*CHAIN, "norm1"}
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".layer")).to_have_count(8)


def node_ids(document):
    return {each.id for each in graph(document).nodes}


def test_delete_heals_the_chain_and_selects_the_layer_before(page, document):
    node(page, "relu1").click()
    page.keyboard.press("Delete")
    undo_says(page, document, "Removed relu1")
    assert ("conv1", "flatten1") in wires(document)
    expect(node(page, "conv1").locator(".layer.is-selected")).to_have_count(1)


def test_shift_delete_leaves_the_gap_and_the_last_output_stays(page, document):
    node(page, "relu1").click()
    page.keyboard.press("Shift+Delete")
    undo_says(page, document, "Removed relu1")
    assert ("conv1", "flatten1") not in wires(document)
    node(page, "output").click()
    page.keyboard.press("Delete")
    expect(page.locator(".toast")).to_contain_text("The last Output stays")
    assert "output" in node_ids(document)


def test_a_layer_dragged_onto_a_connection_goes_into_it(page, document):
    still(page)
    row(page, "max_pool2d").drag_to(page.locator(".wire-add").nth(1))
    undo_says(page, document, "Added pool1|Added max_?pool")
    added = next(graph(document).of_kind("max_pool2d")).id
    assert {("conv1", added), (added, "relu1")} <= wires(document)


def test_a_layer_dragged_onto_free_ground_stays_where_it_was_dropped(page, document):
    still(page)
    row(page, "linear").drag_to(
        page.locator(".react-flow__pane"), target_position={"x": 640, "y": 400}
    )
    undo_says(page, document, "Added linear2")
    added = next(n for n in graph(document).of_kind("linear") if n.id != "linear1")
    assert added.x is not None
    assert not [wire for wire in graph(document).wires if added.id in (wire.source, wire.target)]


def test_ports_are_connected_by_dragging_and_loops_are_refused_with_the_reason(
    page, document, ready
):
    still(page)
    node(page, "relu1").locator(".port.source").drag_to(node(page, "norm1").locator(".port.target"))
    undo_says(page, document, "Connected relu1 to norm1")
    ready(page)
    still(page)
    node(page, "linear1").locator(".port.source").drag_to(
        node(page, "conv1").locator(".port.target")
    )
    expect(page.locator(".toast")).to_contain_text("loop: conv1 already leads to linear1")
    assert ("linear1", "conv1") not in wires(document)


def test_quick_add_puts_what_fits_first_and_finds_everyday_names(page, document):
    node(page, "relu1").click()
    page.keyboard.press("/")
    expect(page.locator(".quick-add h3").first).to_have_text("Fits 32×8×8")
    page.keyboard.type("dense")
    expect(page.locator(".quick-add-row").first).to_contain_text("Linear")
    page.keyboard.press("Enter")
    undo_says(page, document, "Added linear2 after relu1")
    expect(page.locator(".quick-add")).to_have_count(0)


def test_the_plus_on_a_connection_inserts_there(page, document):
    page.locator(".wire-add").nth(1).click()
    page.keyboard.type("gelu")
    page.keyboard.press("Enter")
    undo_says(page, document, "Added gelu1 after conv1")


def test_typing_in_a_field_never_reaches_the_canvas(page, document):
    node(page, "relu1").click()
    field = page.locator(".palette input")
    field.fill("conv")
    field.press("Control+z")
    field.press("b")
    field.press("Delete")
    page.wait_for_timeout(300)
    document.refresh()
    assert document.revision == 0


def test_rename_bypass_copy_and_paste_by_key(page, document):
    node(page, "relu1").click()
    page.keyboard.press("F2")
    page.keyboard.type("bend")
    page.keyboard.press("Enter")
    undo_says(page, document, "Renamed relu1 to bend")
    page.keyboard.press("b")
    undo_says(page, document, "Bypassed bend")
    expect(node(page, "relu1")).to_contain_text("bypassed")
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    undo_says(page, document, "Pasted bend1|Pasted bend2")
    page.keyboard.press("Control+d")
    undo_says(page, document, "Added bend")


def test_a_drag_moves_a_layer_and_tidy_gives_the_place_back(page, document):
    box = node(page, "relu1").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 60, steps=6)
    page.mouse.up()
    undo_says(page, document, "Moved relu1")
    page.keyboard.press("l")
    undo_says(page, document, "Tidied")
    assert all(each.x is None for each in graph(document).nodes)


def test_a_box_selects_several_and_arrows_walk(page, document):
    surface = page.locator(".react-flow__pane").bounding_box()
    page.keyboard.down("Shift")
    page.mouse.move(surface["x"] + 20, surface["y"] + 20)
    page.mouse.down()
    page.mouse.move(
        surface["x"] + surface["width"] - 30, surface["y"] + surface["height"] - 10, steps=5
    )
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.locator(".layer.is-selected")).to_have_count(7)
    node(page, "conv1").click()
    page.keyboard.press("ArrowDown")
    expect(node(page, "relu1").locator(".layer.is-selected")).to_have_count(1)
    expect(page.locator(".layer.is-selected")).to_have_count(1)


def test_an_inspector_edit_between_canvas_edits_loses_neither(page, document):
    node(page, "conv1").click()
    filters = page.get_by_role("spinbutton", name="Filters")
    filters.fill("8")
    filters.press("Enter")
    row(page, "dropout").click()
    row(page, "gelu").click()
    expect(page.locator(".layer")).to_have_count(9)
    undo_says(
        page, document, "Added (dropout1 and )?gelu1"
    )  # quick clicks may reach the server as one
    assert graph(document).node("conv1").knobs == {"out_channels": 8}
    assert len(list(graph(document).of_kind("dropout"))) == 1


def test_twenty_fast_clicks_lose_nothing(page, document):
    node(page, "relu1").click()
    for _ in range(20):
        row(page, "relu").click()
    expect(page.locator(".layer")).to_have_count(27)
    for _ in range(1200):
        if len(graph(document).nodes) == 27:
            break
        page.wait_for_timeout(50)
    assert len(graph(document).nodes) == 27
    assert len({each.name for each in graph(document).nodes}) == 27


def test_two_very_quick_clicks_are_two_steps_that_are_undone_one_by_one(page, document):
    node(page, "relu1").click()
    steps = document.num_entries
    row(page, "dropout").evaluate(
        """row => { const pick = row.querySelector(".palette-pick"); pick.click(); pick.click(); }"""
    )
    expect(page.locator(".layer")).to_have_count(9)
    undo_says(page, document, "Added dropout2 after dropout1")
    assert [entry.label for entry in document.entries(steps)] == [
        "Added dropout1 after relu1",
        "Added dropout2 after dropout1",
    ]
    page.keyboard.press("Control+z")
    expect(page.locator(".layer")).to_have_count(8)
    expect(page.locator(".layer-name").filter(has_text="dropout1")).to_have_count(1)


def test_a_name_is_text_and_never_markup(page, document):
    node(page, "relu1").click()
    page.keyboard.press("F2")
    page.keyboard.type("<b>bold</b> :rocket: **x**")
    page.keyboard.press("Enter")
    expect(node(page, "relu1").locator(".layer-name")).to_have_text("<b>bold</b> :rocket: **x**")
    undo_says(page, document, "Renamed")


def test_the_drawing_is_one_tab_stop_and_its_layers_are_read_out(page):
    assert page.locator(".surface[tabindex='0']").count() == 1
    assert page.locator(".react-flow__node[tabindex='0']").count() == 0
    label = node(page, "conv1").locator(".layer").get_attribute("aria-label")
    assert label.startswith("conv1, Conv2d, 32 filters")
    assert "output 32 by 8 by 8" in label
    assert label.endswith("connected to relu1")


def test_a_missing_bundle_says_so_in_words(open_page, document, browser, app):
    context = browser.new_context()
    page = context.new_page()
    page.route("**/canvas.js*", lambda route: route.abort())
    page.goto(f"{app.address}/build?project={document.id}")
    expect(page.locator(".canvas-words")).to_contain_text("could not be loaded", timeout=30_000)
    context.close()


def test_the_list_is_what_a_phone_shows_first(open_page, document):
    page = open_page(f"/build?project={document.id}", width=390)
    expect(page.locator("[class*=st-key-stack_gap_] button").first).to_be_visible()
    expect(page.locator(".layer")).to_have_count(0)
