"""What the browser tests of the canvas do and look at."""

import re
from itertools import pairwise

from playwright.sync_api import expect

from builder.data.describe import describe
from builder.projects import store
from builder.projects.history import Document
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project

UNDONE = 4
"""Steps taken back with the undo key before a drawing is put back by other means."""
CHAIN = ("input", "conv1", "relu1", "flatten1", "linear1", "output")
FIRST_CHECK = 120_000
"""Milliseconds until a first drawing is checked: torch has to be loaded for it."""
KINDS = {"conv1": "conv2d", "relu1": "relu", "flatten1": "flatten", "linear1": "linear"}


def small_network() -> Network:
    """Input, a convolution, ReLU, Flatten, Linear, Output, each called as its id."""
    knobs = {"linear1": {"out_features": 10}}
    nodes = (Node(id=i, kind=KINDS.get(i, i), name=i, knobs=knobs.get(i, {})) for i in CHAIN)
    wires = (Wire(source=a, target=b) for a, b in pairwise(CHAIN))
    return Network(nodes=tuple(nodes), wires=tuple(wires))


def digits(*networks: Network) -> Project:
    """A project on the digits."""
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    return Project(name="Canvas", networks=networks or (small_network(),), data=data)


PLACES = """() => JSON.stringify([...document.querySelectorAll('.react-flow__node')].map(
  node => Object.values(node.getBoundingClientRect().toJSON())))"""


def still(page) -> None:
    """Waits until all layers have stood where they are for a quarter of a second."""
    before, calm = None, 0
    for _ in range(200):
        now = page.evaluate(PLACES)
        calm = calm + 1 if now == before else 0
        if calm == 5:
            return
        before = now
        page.wait_for_timeout(50)
    raise AssertionError("The layers never stood still.")


class Desk:
    """One page with one project, which every test may put back to its beginning."""

    def __init__(self, page, document: Document, project: Project):
        self.page, self.document, self.project = page, document, project

    def node(self, node_id: str):
        """The drawn layer with this id."""
        return self.page.locator(f'.react-flow__node[data-id="{node_id}"]')

    def named(self, name: str):
        """The drawn layer with this name."""
        return self.page.locator(".react-flow__node", has=self.page.locator(f'text="{name}"'))

    def port(self, node_id: str, side: str):
        """The first port of a layer, `source` or `target`."""
        return self.node(node_id).locator(f".port.{side}").first

    def start(self) -> None:
        """The drawing as at the beginning, all of it shown, nothing chosen, nothing open."""
        self.page.mouse.up()
        self.page.keyboard.press("Escape")
        self.page.locator(".surface").focus()
        if not self.undone():
            self.document.replace(self.project, "Started again")
            self.page.reload()
            self.page.wait_for_selector(".wire-shape")
        layers = self.page.locator(".react-flow__node")
        expect(layers).to_have_count(len(self.network.nodes))
        self.page.locator(".surface").focus()
        self.page.keyboard.press("0")  # all of it in view, so that a layer can be clicked
        still(self.page)
        self.page.locator(".react-flow__node").first.click(position={"x": 60, "y": 28})
        self.page.keyboard.press("Escape")
        expect(self.page.locator(".layer.is-selected")).to_have_count(0)

    def undone(self) -> bool:
        """Takes back what the last test did; False where that takes more than a few steps."""
        for _ in range(UNDONE):
            self.document.refresh()
            if self.document.project == self.project:
                return True
            before = self.document.revision
            self.page.keyboard.press("Control+z")
            for _ in range(60):
                self.document.refresh()
                if self.document.revision != before:
                    break
                self.page.wait_for_timeout(50)
        return False

    @property
    def network(self) -> Network:
        """What is saved."""
        self.document.refresh()
        return self.document.project.networks[0]

    @property
    def wires(self) -> set[tuple[str, str]]:
        """Connections by the names of their layers."""
        names = {node.id: node.name for node in self.network.nodes}
        return {(names[w.source], names[w.target]) for w in self.network.wires}

    def last_step(self, words: str) -> None:
        """Waits until the last step of the history matches."""
        for _ in range(1200):
            self.document.refresh()
            if re.search(words, self.document.undo_label or ""):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"The last step is {self.document.undo_label!r}, not {words!r}.")

    def comes_true(self, holds) -> None:
        """Waits until something about what is saved holds."""
        for _ in range(1200):
            if holds():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("It never came true.")

    def middle(self, locator) -> tuple[float, float]:
        """The middle of something on the screen."""
        box = locator.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, start, end, *, hold: str = "") -> None:
        """Presses the mouse at one point of the screen and lets it go at another."""
        if hold:
            self.page.keyboard.down(hold)
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        self.page.mouse.move(*end, steps=4)
        self.page.mouse.up()
        if hold:
            self.page.keyboard.up(hold)

    def free_point(self) -> tuple[float, float]:
        """A point of the surface with nothing near."""
        box = self.page.locator(".surface").bounding_box()
        return box["x"] + 60, box["y"] + box["height"] / 2


class Finger:
    """One finger on the screen of a page, as the browser feels it."""

    def __init__(self, page):
        self.page, self.session = page, page.context.new_cdp_session(page)

    def _feel(self, kind: str, *points) -> None:
        felt = [{"x": x, "y": y} for x, y in points]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": felt})

    def press(self, at, milliseconds: int) -> None:
        """Rests on a point."""
        self._feel("touchStart", at)
        self.page.wait_for_timeout(milliseconds)
        self._feel("touchEnd")

    def drag(self, start, end, steps: int = 8) -> None:
        """Goes from one point to another without leaving the screen."""
        self._feel("touchStart", start)
        for step in range(1, steps + 1):
            share = step / steps
            at = [a + (b - a) * share for a, b in zip(start, end, strict=True)]
            self._feel("touchMove", at)
            self.page.wait_for_timeout(30)
        self._feel("touchEnd")


def desk(share_page, project: Project, *, shows: str = ".wire-shape", **how) -> Desk:
    """The Build page of a new project, settled once it shows a part."""
    document = Document(store.create(project).id)
    page = share_page(f"/build?project={document.id}", **{"patience": FIRST_CHECK, **how})
    page.wait_for_selector(shows)
    return Desk(page, document, project)
