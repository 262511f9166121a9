"""Each gesture of the canvas with a real mouse and keyboard, on one page that is put back before each test."""

import json
import re

import pytest
from playwright.sync_api import expect

from builder.projects import store
from builder.projects.history import Document
from builder.spec.graph_edits import ChangeNode
from tests.e2e.canvas_steps import desk, digits


@pytest.fixture(scope="module")
def bench(app, share_page):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(app.home))
        yield desk(share_page, digits())


@pytest.fixture
def on(bench):
    bench.start()
    return bench


def toast(on):
    return on.page.locator(".toast")


def test_shift_clicks_choose_several_and_one_edge_lines_them_up(on):
    on.node("conv1").click()
    on.page.keyboard.down("Shift")
    on.node("flatten1").click()
    on.node("linear1").click()
    on.page.keyboard.up("Shift")
    expect(on.page.locator(".several-count")).to_have_text("3 chosen")
    on.page.keyboard.press("Alt+ArrowRight")
    on.last_step("Moved 3 layers")
    on.node("relu1").click()
    on.page.keyboard.press("Control+a")
    on.page.get_by_role("button", name="Align left edges").click()
    expect(on.page.locator(".spoken")).to_have_text("Aligned left edges")
    on.comes_true(lambda: len({node.x for node in on.network.nodes}) == 1)


def test_copies_travel_as_json_on_the_clipboard_and_paste_under_the_pointer(on):
    on.node("conv1").click()
    on.page.keyboard.down("Shift")
    on.node("relu1").click()
    on.page.keyboard.up("Shift")
    on.page.keyboard.press("Control+c")
    text = on.page.evaluate("navigator.clipboard.readText()")
    assert [node["name"] for node in json.loads(text)["nodes"]] == ["conv1", "relu1"]
    on.page.mouse.move(*on.free_point())
    on.page.keyboard.press("Control+v")
    on.last_step("Pasted conv2 and relu2")
    assert ("conv2", "relu2") in on.wires
    expect(on.page.locator(".layer.is-selected .layer-name")).to_have_text(["conv2", "relu2"])
    on.page.keyboard.press("Control+x")
    on.last_step("Removed conv2 and relu2")


def test_a_clipboard_that_holds_no_layers_is_refused_with_path_and_reason(on):
    revision = on.document.revision
    on.node("relu1").click()
    for text, said in (
        ("hello", "holds no layers"),
        (
            json.dumps({"layerloom": "layers", "nodes": [{"id": "a", "kind": "relu"}]}),
            "nodes.0.name",
        ),
        (
            json.dumps(
                {
                    "layerloom": "layers",
                    "nodes": [{"id": "a", "kind": "dropout", "name": "x", "knobs": {"p": 7}}],
                }
            ),
            "nodes.0 (x): Dropout",
        ),
    ):
        on.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        on.page.keyboard.press("Control+v")
        expect(toast(on)).to_contain_text(said)
    on.document.refresh()
    assert on.document.revision == revision


def test_alt_drag_leaves_a_copy_where_it_is_dropped(on):
    x, y = on.middle(on.node("relu1").locator(".layer-icon"))
    on.drag((x, y), (x + 260, y + 20), hold="Alt")
    on.last_step("Added relu2")
    copy = next(node for node in on.network.nodes if node.name == "relu2")
    assert copy.x % 8 == 0
    assert copy.y % 8 == 0


def test_quick_add_says_what_comes_out_and_shift_enter_makes_a_branch(on):
    on.node("relu1").click()
    on.page.keyboard.press("/")
    expect(on.page.locator(".quick-add h3").first).to_have_text("Fits 32×8×8")
    expect(
        on.page.locator('.quick-add-row[data-kind="conv2d"] .quick-add-result').first
    ).to_have_text("→ 32×8×8 · 9,248")
    on.page.keyboard.type("fc")
    row = on.page.locator(".quick-add-row").first
    expect(row).to_contain_text("Linear")
    expect(row.locator(".palette-matched")).to_have_text("fc")
    on.page.keyboard.press("Shift+Enter")
    on.last_step("Added linear2 after relu1")
    assert {("relu1", "linear2"), ("relu1", "flatten1")} <= on.wires


def test_quick_add_keeps_what_does_not_fit_with_the_reason(on):
    on.node("flatten1").click()
    on.page.keyboard.press("/")
    on.page.keyboard.type("conv2d")
    row = on.page.locator(".quick-add-row.is-unfit").first
    expect(row).to_contain_text("this gives 2,048 values")
    on.page.keyboard.press("Tab")
    expect(on.page.locator(".quick-add")).to_have_count(0)


def test_a_double_click_on_free_ground_places_and_a_click_on_a_port_wires(on):
    on.page.mouse.dblclick(*on.free_point())
    on.page.keyboard.type("gelu")
    on.page.keyboard.press("Enter")
    on.last_step("Added gelu1")
    assert not [pair for pair in on.wires if "gelu1" in pair]
    on.port("conv1", "source").click()
    on.page.keyboard.type("tanh")
    on.page.keyboard.press("Enter")
    on.last_step("Added tanh1 after conv1")
    assert {("conv1", "tanh1"), ("conv1", "relu1")} <= on.wires


def test_while_a_connection_is_pulled_only_fitting_ports_accept_and_the_rest_say_why(on):
    start, end = on.middle(on.port("flatten1", "source")), on.middle(on.port("conv1", "target"))
    on.page.mouse.move(*start)
    on.page.mouse.down()
    on.page.mouse.move(start[0] + 60, start[1] + 10, steps=3)
    expect(on.port("output", "target")).to_have_class(has_class("fits"))
    expect(on.port("relu1", "target")).to_have_class(has_class("fits-not"))
    on.page.mouse.move(*end, steps=4)
    expect(on.page.locator(".hint")).to_contain_text("loop: conv1 already leads to flatten1")
    on.page.mouse.up()
    expect(toast(on)).to_contain_text("loop")
    assert ("flatten1", "conv1") not in on.wires


def has_class(name):
    """Matches a list of classes that holds this one."""
    return re.compile(rf"(^|\s){name}(\s|$)")


def test_connecting_without_a_drag_lists_every_layer_with_its_reason(on):
    on.node("relu1").click()
    on.page.keyboard.press("w")
    expect(on.page.locator('.picker [data-node="conv1"]')).to_contain_text("would make a loop")
    on.page.keyboard.type("output")
    on.page.keyboard.press("Enter")
    on.last_step("Drew|Connected relu1 to output")
    assert ("relu1", "output") in on.wires


def test_the_menu_opens_by_right_click_and_by_key_and_is_walked_by_arrows(on):
    on.node("relu1").click(button="right")
    expect(on.page.get_by_role("menuitem", name="Add a layer after it")).to_be_focused()
    on.page.keyboard.press("Escape")
    expect(on.page.locator(".menu")).to_have_count(0)
    on.node("relu1").click()
    expect(on.page.get_by_role("textbox", name="Name")).to_have_value("relu1")
    on.page.keyboard.press("Shift+F10")
    on.page.get_by_role("menuitem", name="Freeze").click()
    on.last_step("Froze relu1")
    expect(on.node("relu1").locator(".badge[title^=Frozen]")).to_be_visible()
    x, y = on.middle(on.port("conv1", "source"))
    on.page.mouse.click(x, y + 20, button="right")
    on.page.keyboard.press("End")
    expect(on.page.get_by_role("menuitem", name="Cut the connection")).to_be_focused()
    on.page.keyboard.press("Enter")
    on.last_step("Cut")


def test_notes_are_added_written_moved_and_deleted(on):
    on.node("relu1").click()
    on.page.keyboard.press("n")
    expect(on.page.get_by_label("Text of the note")).to_be_focused()
    on.page.keyboard.type("Few filters: the images are small.")
    on.page.keyboard.press("Escape")
    on.last_step("Changed a note")
    note = on.page.locator(".note")
    expect(note).to_contain_text("Few filters")
    x, y = on.middle(note)
    on.drag((x, y), (x + 240, y + 40))
    on.last_step("Moved a note")
    on.page.keyboard.press("Delete")
    on.last_step("Removed a note")


def test_a_double_click_on_a_layer_renames_it(on):
    on.node("relu1").locator(".layer-name").dblclick()
    on.page.keyboard.type("bend")
    on.page.keyboard.press("Enter")
    on.last_step("Renamed relu1 to bend")


def test_a_layer_is_found_by_typing_a_part_of_it(on):
    on.node("conv1").click()
    on.page.keyboard.press("Control+f")
    on.page.keyboard.type("lin")
    on.page.keyboard.press("Enter")
    expect(on.node("linear1").locator(".layer.is-selected")).to_have_count(1)


def test_the_drawing_turns_to_the_right_and_back_in_one_step_each(on):
    on.node("conv1").click()
    on.page.keyboard.press("Shift+L")
    on.last_step("Drew it from left to right")
    expect(on.port("conv1", "source")).to_have_class(has_class("react-flow__handle-right"))
    on.comes_true(
        lambda: on.port("relu1", "target").bounding_box()["x"] > on.middle(on.node("conv1"))[0] + 60
    )
    left, right = on.node("conv1").bounding_box(), on.node("relu1").bounding_box()
    assert right["x"] > left["x"] + left["width"]
    assert abs(right["y"] - left["y"]) < 2
    on.page.keyboard.press("ArrowRight")
    expect(on.node("relu1").locator(".layer.is-selected")).to_have_count(1)
    on.page.keyboard.press("Control+z")
    expect(on.port("conv1", "source")).to_have_class(has_class("react-flow__handle-bottom"))


def end_of(on, node_id: str) -> tuple[float, float]:
    """Where the end of a connection into a layer is taken hold of; nearer, its port starts one of its own."""
    x, y = on.middle(on.port(node_id, "target"))
    return x, y - 17


def test_the_end_of_a_connection_is_plugged_into_another_layer(on):
    on.drag(end_of(on, "flatten1"), on.middle(on.port("linear1", "target")))
    on.last_step("Connected relu1 to linear1")
    assert ("relu1", "linear1") in on.wires
    assert not {("relu1", "flatten1"), ("flatten1", "linear1")} & on.wires
    on.page.keyboard.press("Control+z")
    on.comes_true(lambda: ("relu1", "flatten1") in on.wires)


def test_a_connection_let_go_over_free_ground_is_cut_and_one_is_cut_by_delete(on):
    on.drag(end_of(on, "flatten1"), on.free_point())
    on.last_step("Cut flatten1 from relu1|Cut relu1 from flatten1")
    assert ("relu1", "flatten1") not in on.wires
    x, y = on.middle(on.port("conv1", "source"))
    on.page.mouse.click(x, y + 20)
    expect(on.page.locator(".wire.is-selected")).to_have_count(1)
    on.page.keyboard.press("Delete")
    on.comes_true(lambda: ("conv1", "relu1") not in on.wires)
    assert len(on.network.nodes) == 6


def test_an_end_plugged_where_it_makes_a_loop_stays_and_the_reason_is_said(on):
    on.drag(end_of(on, "flatten1"), on.middle(on.port("conv1", "target")))
    expect(toast(on)).to_contain_text("loop")
    assert ("relu1", "flatten1") in on.wires


def test_stars_and_the_layers_used_last_stay_on_top_after_a_reload(on):
    starred = on.page.get_by_role("region", name="Starred")
    shelf = starred.locator(".palette-title")
    row = on.page.locator(
        '.palette-row[data-kind="gelu"]'
    ).last  # the shelf of those used last is above
    row.hover()
    row.get_by_role("button", name="Star GELU").click()
    on.node("relu1").click()
    on.page.locator('.palette-row[data-kind="tanh"]').last.locator(".palette-pick").click()
    on.last_step("Added tanh1 after relu1")
    on.page.mouse.move(*on.free_point())
    expect(shelf).to_have_text(["GELU"])
    last = on.page.get_by_role("region", name="Used last").locator(".palette-title").first
    expect(last).to_have_text("Tanh")
    on.page.reload()
    on.page.wait_for_selector(".wire-shape")
    expect(shelf).to_have_text(["GELU"])
    expect(last).to_have_text("Tanh")
    starred.get_by_role("button", name="Star GELU").click()
    on.page.mouse.move(*on.free_point())
    expect(shelf).to_have_count(0)


def test_two_drawings_are_compared_in_the_direction_they_flow(on, share_page):
    drawn = digits(on.project.networks[0].model_copy(update={"direction": "right"}))
    document = Document(store.create(drawn).id)
    document.apply(ChangeNode(graph="network", node="relu1", bypassed=True))
    page = share_page(f"/build?project={document.id}&compare=step:0~now")
    compared = page.locator(".is-comparing")
    layers = [compared.locator(f'.react-flow__node[data-id="{i}"]') for i in ("conv1", "relu1")]
    expect(layers[1].locator(".difference")).to_contain_text("changed")
    expect(layers[0].locator(".port.source")).to_have_class(has_class("react-flow__handle-right"))
    left, right = (layer.bounding_box() for layer in layers)
    assert right["x"] > left["x"] + left["width"]
    assert abs(right["y"] - left["y"]) < 2
    page.close()
