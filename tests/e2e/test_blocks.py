"""Blocks in a real browser: made, opened inside, repeated, exposed, detached, kept, used elsewhere."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from builder.data.describe import describe
from builder.projects import library, store
from builder.projects.history import Document
from builder.readiness.blank import blank_project
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project

KINDS = {"hidden1": "linear", "relu1": "relu", "flat": "flatten", "head": "linear"}
CHAIN = ("input", "flat", "hidden1", "relu1", "head", "output")
KNOBS = {"hidden1": {"out_features": 64}, "head": {"out_features": Expr(expr="classes")}}


@pytest.fixture
def document(app, monkeypatch):
    """64 numbers in, 64 out: the layers in the middle keep their shape."""
    monkeypatch.setenv("LAYERLOOM_HOME", str(app.home))
    nodes = tuple(Node(id=i, kind=KINDS.get(i, i), name=i, knobs=KNOBS.get(i, {})) for i in CHAIN)
    wires = tuple(Wire(source=a, target=b) for a, b in pairwise(CHAIN))
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    project = Project(name="Blocks", networks=(Network(nodes=nodes, wires=wires),), data=data)
    return Document(store.create(project).id)


@pytest.fixture
def page(open_page, document):
    page = open_page(f"/build?project={document.id}")
    page.wait_for_selector(".layer")
    page.wait_for_selector(".wire-shape")
    return page


def node(page, name):
    return page.locator(".layer", has=page.locator(f".layer-name:text-is('{name}')"))


def says(page, document, words):
    """Waits until the last step of the history is this."""
    label = ""
    for _ in range(1200):
        document.refresh()
        label = document.undo_label or ""
        if re.search(words, label):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"The last step is {label!r}, not {words!r}.")


def make_block(page, document):
    node(page, "hidden1").click()
    node(page, "relu1").click(modifiers=["Shift"])
    page.keyboard.press("Control+g")
    says(page, document, "Made a block of hidden1 and relu1")
    expect(node(page, "block")).to_have_class(re.compile("is-block"))


def test_layers_become_a_block_and_open_up_again(page, document):
    before = document.project
    make_block(page, document)
    assert len(document.project.blocks) == 1
    expect(page.locator(".block-map-line i")).to_have_count(2)
    page.keyboard.press("Control+Shift+g")
    says(page, document, "Opened up block")
    opened, drawn = document.project.networks[0], before.networks[0]
    assert opened.nodes == drawn.nodes and set(opened.wires) == set(drawn.wires)
    page.keyboard.press("Control+z")
    expect(node(page, "block")).to_have_count(1)


def test_a_layer_added_inside_is_there_outside_and_the_way_back_is_a_word(page, document):
    make_block(page, document)
    node(page, "block").dblclick()
    expect(page.locator(".st-key-build_path")).to_contain_text("Network")
    node(page, "relu1").click()
    page.locator('.palette-row[data-kind="dropout"]').click()
    says(page, document, "Added dropout1 after relu1")
    assert [n.kind for n in document.project.blocks[0].nodes].count("dropout") == 1
    page.get_by_role("button", name="Network", exact=True).click()
    expect(page.locator(".st-key-build_path")).to_have_count(0)
    expect(page.locator(".block-map-line i")).to_have_count(3)


def test_a_block_runs_three_times_with_weights_of_its_own_each_time(page, document):
    make_block(page, document)
    field = page.get_by_role("spinbutton", name="Repetitions")
    field.fill("3")
    field.press("Enter")
    says(page, document, "Repeated block ×3 with separate weights")
    expect(page.locator(".layer-repeat")).to_have_text("×3")
    expect(node(page, "block").locator(".layer-parameters")).to_have_text("12.5 k")
    page.get_by_role("radio", name="Shared").click()
    says(page, document, "with shared weights")
    expect(node(page, "block").locator(".layer-parameters")).to_have_text("4,160")


def test_an_exposed_setting_changes_one_use_and_one_use_can_be_taken_apart(page, document):
    make_block(page, document)
    page.keyboard.press("Control+d")
    expect(page.locator(".layer.is-block")).to_have_count(2)
    node(page, "block").dblclick()
    expect(page.locator(".st-key-build_path")).to_contain_text("Changes all 2 uses")
    node(page, "hidden1").click()
    page.locator('[class*="st-key-knob-hidden1-out_features-pin"] button').first.click()
    says(page, document, "Made out features of hidden1 the setting out_features")
    page.get_by_role("button", name="Network", exact=True).click()
    expect(page.locator(".layer.is-block")).to_have_count(2)
    node(page, "block").click()
    field = page.get_by_role("spinbutton", name="Out features")
    field.fill("32")
    field.press("Enter")
    says(page, document, "Changed out features of block")
    assert len(document.project.blocks) == 1
    page.get_by_role("button", name="Detach", exact=True).click()
    says(page, document, "Detached block")
    assert len(document.project.blocks) == 2


def test_a_block_kept_in_the_library_is_used_in_another_project(open_page, page, document):
    make_block(page, document)
    page.get_by_text("The block", exact=True).click()
    page.get_by_role("button", name="Save to library").click()
    expect(page.get_by_text("Saved Block to your library")).to_be_visible()
    (mine,) = library.own_blocks()
    other = Document(store.create(blank_project(document.project.data, "Other")).id)
    second = open_page(f"/build?project={other.id}")
    second.wait_for_selector(".layer")
    second.locator(".palette input").fill("block")
    second.locator(f'.palette-row[data-kind="library:{mine.id}"]').click()
    says(second, other, "Added block1")
    placed = next(other.project.networks[0].of_kind("block"))
    assert other.project.block(placed.block).name == "Block"


def test_a_variable_is_made_used_in_two_layers_moved_and_renamed(page, document):
    page.get_by_role("radio", name="Variables").click()
    page.get_by_label("New variable").fill("width = 64")
    page.locator(".st-key-variable_add button").click()
    says(page, document, "Added the variable width = 64")
    for name in ("hidden1", "head"):
        node(page, name).click()
        page.get_by_role("radio", name="Layer").click()
        if name == "hidden1":
            page.locator('[class*="st-key-knob-hidden1-out_features-fx"] button').first.click()
        knob = page.locator(f'[class*="st-key-knob-{name}-out_features"]')
        field = knob.get_by_role("textbox", name="fx").first
        field.fill("width" if name == "hidden1" else "width // 6")
        field.press("Enter")
        says(page, document, f"Changed out features of {name}")
    page.get_by_role("radio", name="Variables").click()
    expect(page.get_by_text("Used by hidden1, head")).to_be_visible()
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    says(page, document, "Set width = 65")
    expect(page.locator(".wire-shape", has_text="65")).to_have_count(2)
    field = page.locator(".st-key-variable_width").get_by_role("textbox", name="Name")
    field.fill("d_model")
    field.press("Enter")
    says(page, document, "Renamed the variable width to d_model")
    nodes = {n.id: n for n in document.project.networks[0].nodes}
    assert nodes["head"].knobs["out_features"] == Expr(expr="d_model // 6")
    assert nodes["hidden1"].knobs["out_features"] == Expr(expr="d_model")
