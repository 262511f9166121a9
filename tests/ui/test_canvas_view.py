"""What the canvas is told: places, words, shapes, and the bundle it is drawn by."""

import hashlib
import json
from itertools import pairwise

import pytest

from builder.layers.base import TensorType
from builder.network.report import NodeReport, Report
from builder.paths import ASSETS, PACKAGE
from builder.spec.network import Network, Node, Wire
from builder.spec.problems import Problem
from builder.spec.project import Project
from builder.ui.canvas.difference import words_for
from builder.ui.canvas.palette import palette, type_key, unfit
from builder.ui.canvas.place import HEIGHT, WIDTH, places
from builder.ui.canvas.reconcile import Link
from builder.ui.canvas.view import CanvasView, spelled, wire_key

FRONTEND = PACKAGE / "ui" / "canvas" / "frontend"
SOURCES = (
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "record-sources.ts",
    "src",
)


def chain(*ids, **kinds):
    every = ("input", *ids, "output")
    nodes = tuple(
        Node(id=i, kind=kinds.get(i, i if i in ("input", "output") else "relu"), name=i)
        for i in every
    )
    wires = tuple(Wire(source=a, target=b) for a, b in pairwise(every))
    return Network(nodes=nodes, wires=wires)


def moved(network, **places_):
    nodes = tuple(
        n.model_copy(update={"x": float(places_[n.id][0]), "y": float(places_[n.id][1])})
        if n.id in places_
        else n
        for n in network.nodes
    )
    return network.model_copy(update={"nodes": nodes})


def view_of(network, report=None, link=None):
    return CanvasView(
        Project(networks=(network,)), network, link or Link(), report, True, "p/n"
    ).data()


class TestBundle:
    def test_the_committed_bundle_was_built_from_these_sources(self):
        files = [
            path
            for name in SOURCES
            for path in ([FRONTEND / name] if "." in name else (FRONTEND / name).rglob("*"))
            if path.is_file()
        ]
        lines = sorted(
            (path.relative_to(FRONTEND).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
            for path in files
        )
        text = "".join(f"{digest}  {path}\n" for path, digest in lines)
        meta = json.loads((ASSETS / "canvas" / "canvas.meta.json").read_text())
        assert meta["sources"] == hashlib.sha256(text.encode()).hexdigest(), (
            "The canvas was changed but not built: npm ci && npm run build in builder/ui/canvas/frontend."
        )

    def test_the_committed_bundle_is_the_one_that_was_built(self):
        meta = json.loads((ASSETS / "canvas" / "canvas.meta.json").read_text())
        bundle = (ASSETS / "canvas" / "canvas.js").read_bytes()
        assert hashlib.sha256(bundle).hexdigest() == meta["bundle"]

    def test_the_folder_that_is_served_holds_only_the_bundle(self):
        names = {path.name for path in (ASSETS / "canvas").iterdir()}
        assert names == {"canvas.js", "canvas.meta.json"}

    def test_the_lock_file_names_no_registry(self):
        lock = json.loads((FRONTEND / "package-lock.json").read_text())
        assert all("resolved" not in package for package in lock["packages"].values())

    def test_the_bundle_asks_for_nothing_else(self):
        text = (ASSETS / "canvas" / "canvas.js").read_text(encoding="utf-8")
        assert "process.env" not in text
        assert "fonts.googleapis" not in text


class TestPlaces:
    def test_a_new_layer_makes_room_below_what_feeds_it(self):
        network = moved(chain("a", "b"), input=(0, 0), b=(0, 96), output=(0, 192))
        at = places(network)
        assert at["a"] == (0, 96)
        assert at["b"] == (0, 192)

    def test_a_hand_made_place_is_never_touched_by_an_insertion_elsewhere(self):
        network = moved(chain("a", "b"), input=(0, 0), b=(400, 40), output=(0, 192))
        at = places(network)
        assert at["b"] == (400, 40)
        assert at["a"] == (0, 96)

    def test_a_drawing_without_places_is_laid_out_without_overlaps(self):
        at = list(places(chain(*(f"n{i}" for i in range(9)))).values())
        for i, (x, y) in enumerate(at):
            for u, v in at[i + 1 :]:
                assert abs(x - u) >= WIDTH or abs(y - v) >= HEIGHT

    def test_every_layer_has_a_place(self):
        network = chain("a")
        lonely = Node(id="z", kind="relu", name="z")
        network = network.model_copy(update={"nodes": (*network.nodes, lonely)})
        assert set(places(network)) == {n.id for n in network.nodes}
        assert set(places(moved(network, a=(8, 8)))) == {n.id for n in network.nodes}


class TestWords:
    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            (chain("a"), chain("a", "b"), "Added b after a"),
            (chain("a"), chain("a", "b", "c", "d"), "Added 3 layers"),
            (chain("a", "b"), chain("a"), "Removed b"),
            (chain("a", "b", "c", "d"), chain("a"), "Removed 3 layers"),
            (chain("a"), chain("b"), "Added b after input and removed a"),
            (chain("a"), moved(chain("a"), a=(8, 8)), "Moved a"),
            (
                chain("a", "b"),
                moved(chain("a", "b"), a=(8, 8), b=(8, 96), output=(8, 200)),
                "Moved 3 layers",
            ),
            (moved(chain("a"), a=(8, 8)), chain("a"), "Tidied the drawing"),
        ],
    )
    def test_a_change_is_said_in_the_words_of_the_history(self, before, after, words):
        assert words_for(before, after) == words

    def test_connections_are_named_by_their_ends(self):
        whole = chain("a")
        without = whole.model_copy(update={"wires": whole.wires[:-1]})
        assert words_for(without, whole) == "Connected a to output"
        assert words_for(whole, without) == "Cut a from output"

    def test_renaming_and_bypassing_are_said(self):
        whole = chain("a")
        renamed = whole.model_copy(
            update={
                "nodes": tuple(
                    n.model_copy(update={"name": "edges", "bypassed": True}) if n.id == "a" else n
                    for n in whole.nodes
                )
            }
        )
        assert words_for(whole, renamed) == "Renamed a to edges and bypassed edges"

    def test_a_shape_is_spelled_out_on_hover(self):
        image = TensorType((32, 14, 14), "float32", "image")
        assert spelled(image) == "32 channels · 14 high · 14 wide · float32 · 25.1 kB a sample"


class TestData:
    def report(self):
        image = TensorType((1, 8, 8), "float32", "image")
        wrong = Problem(
            code="wrong_rank",
            at_input=True,
            severity="error",
            what="a got 1×8×8. It needs one axis.",
            got="1×8×8",
            expected="one axis",
            node="a",
        )
        nodes = {
            "input": NodeReport(node="input", kind="input", identifier="x", outputs=(image,)),
            "a": NodeReport(node="a", kind="relu", identifier="a", inputs=(image,)),
            "output": NodeReport(node="output", kind="output", identifier="y", waiting_for="a"),
        }
        return Report(network="network", nodes=nodes, problems=(wrong,))

    def test_shapes_problems_and_waiting_are_told_where_they_belong(self):
        data = view_of(chain("a"), self.report())
        wire = data["info"]["wires"]["input.out>a.in"]
        assert wire["label"] == "1×8×8"
        assert wire["problem"] == "1×8×8 → needs one axis"
        assert data["info"]["nodes"]["a"]["problems"][0]["severity"] == "error"
        assert data["info"]["nodes"]["output"]["waiting"] == "a"
        assert json.loads(json.dumps(data)) == data

    def test_the_palette_travels_until_the_canvas_has_it(self):
        link = Link()
        assert view_of(chain("a"), link=link)["palette"]["hash"] == palette()["hash"]
        link.palette = palette()["hash"]
        assert view_of(chain("a"), link=link)["palette"] is None

    def test_every_kind_is_in_the_palette_with_its_ports_and_a_known_family(self):
        told = palette()
        families = {family["id"] for family in told["families"]}
        assert {info["family"] for info in told["kinds"].values()} == families
        assert told["kinds"]["add"]["inputs"][0]["many"] is True
        assert all(info["summary"] for info in told["kinds"].values())

    def test_what_does_not_fit_has_a_reason(self):
        flat, image = TensorType((128,)), TensorType((3, 8, 8), "float32", "image")
        assert "needs" in unfit(flat)["conv2d"]
        assert "128 values" in unfit(flat)["conv2d"]
        assert "conv2d" not in unfit(image)
        assert type_key(flat) != type_key(image)

    def test_a_wire_is_named_as_the_browser_names_it(self):
        assert wire_key(Wire(source="a", target="b")) == "a.out>b.in"
