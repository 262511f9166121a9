"""The canvas's messages and the document: nothing lost, nothing twice, nothing trusted."""

from itertools import pairwise

import pytest

from builder.projects import store
from builder.projects.history import Document
from builder.spec.codec import encode
from builder.spec.edits import ChangeNode, SetKnobs
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project
from builder.ui.canvas.message import read_message
from builder.ui.canvas.reconcile import Link, reconcile

CHAIN = ("input", "conv1", "relu1", "output")
KINDS = {"conv1": "conv2d", "relu1": "relu"}


@pytest.fixture
def document():
    nodes = tuple(Node(id=name, kind=KINDS.get(name, name), name=name) for name in CHAIN)
    wires = tuple(Wire(source=a, target=b) for a, b in pairwise(CHAIN))
    return Document(store.create(Project(networks=(Network(nodes=nodes, wires=wires),))).id)


class Canvas:
    """Speaks as the browser does."""

    def __init__(self, document, client="tab"):
        self.document, self.client, self.seq, self.undo, self.undone = document, client, 0, 0, 0
        self.link = Link()
        self.sync()
        self.take()

    def take(self):
        """What the browser shows after an answer."""
        graph = self.document.project.networks[0]
        self.rev = self.link.rev
        self.nodes = [
            {"id": n.id, "name": n.name, "x": n.x, "y": n.y, "bypassed": n.bypassed}
            for n in graph.nodes
        ]
        self.edges = [wire.model_dump() for wire in graph.wires]

    def sync(self, value=None):
        reconcile(self.document, self.link, "network", lambda: read_message(value))

    def message(self, **changes):
        self.seq += 1
        return {
            "client": self.client,
            "rev": self.rev,
            "seq": self.seq,
            "graph": "network",
            "nodes": self.nodes,
            "edges": self.edges,
            "sel": [],
            "undo": self.undo,
            "undone": self.undone,
            "have": "",
        } | changes

    def send(self, **changes):
        sent = self.message(**changes)
        self.sync(sent)
        return sent

    def insert(self, new_id, after, kind="relu", **fields):
        """Adds a node after another, rewired."""
        self.nodes = [*self.nodes, {"id": new_id, "kind": kind, "name": new_id, **fields}]
        self.edges = [
            {**edge, "source": new_id} if edge["source"] == after else edge for edge in self.edges
        ]
        end = {"source": after, "target": new_id, "source_port": "out", "target_port": "in"}
        self.edges = [*self.edges, end]


@pytest.fixture
def canvas(document):
    return Canvas(document)


def names(document):
    return [node.name for node in document.project.networks[0].nodes]


def wires(document):
    return {(wire.source, wire.target) for wire in document.project.networks[0].wires}


def last(document):
    return document.undo_label


def test_an_edit_of_the_canvas_is_applied_with_its_words(canvas, document):
    canvas.insert("conv2", "relu1", "conv2d")
    canvas.send(sel=["conv2"])
    assert wires(document) == {
        ("input", "conv1"),
        ("conv1", "relu1"),
        ("relu1", "conv2"),
        ("conv2", "output"),
    }
    assert last(document) == "Added conv2 after relu1"
    assert canvas.link.selection == ("conv2",)


def test_an_edit_of_the_canvas_leaves_the_revision_it_stands_on(canvas):
    before = canvas.link.rev
    canvas.insert("a", "relu1")
    canvas.send()
    canvas.insert("b", "a")
    canvas.send()
    assert canvas.link.rev == before
    assert canvas.link.seen == {"tab": 2}


def drawing(message):
    """The part of a message that goes along with later ones until it is answered."""
    return {name: message[name] for name in ("seq", "nodes", "edges")}


def test_two_edits_in_one_message_are_two_steps(canvas, document):
    canvas.insert("a", "relu1")
    first = canvas.message()
    canvas.insert("b", "a")
    canvas.send(earlier=[drawing(first)])
    assert [entry.label for entry in document.entries()][-2:] == [
        "Added a after relu1",
        "Added b after a",
    ]
    assert canvas.link.seen == {"tab": 2}
    document.undo()
    assert names(document) == [*CHAIN, "a"]


def test_an_edit_that_comes_again_with_a_later_one_is_applied_once(canvas, document):
    canvas.insert("a", "relu1")
    first = canvas.send()
    document_before = document.num_entries
    canvas.insert("b", "a")
    second = canvas.send(earlier=[drawing(first)])
    canvas.sync(second)
    assert document.num_entries == document_before + 1
    assert names(document) == [*CHAIN, "a", "b"]


def test_edits_after_one_that_was_refused_wait_for_the_canvas_to_do_them_again(canvas, document):
    edges = canvas.edges
    canvas.edges = [*edges, {"source": "relu1", "target": "conv1"}]
    first = canvas.message()
    canvas.edges = edges
    canvas.insert("b", "relu1")
    canvas.send(earlier=[drawing(first)])
    assert names(document) == list(CHAIN)
    assert "loop" in canvas.link.notice
    assert canvas.link.seen == {"tab": 1}, "the second is not answered, so it is sent again"


def test_a_message_with_too_many_earlier_edits_is_refused(canvas, document):
    first = drawing(canvas.message())
    canvas.insert("a", "relu1")
    canvas.send(earlier=[first] * 21)
    assert names(document) == list(CHAIN)
    assert "earlier" in canvas.link.notice


def test_a_message_seen_again_in_a_rerun_changes_nothing(canvas, document):
    canvas.insert("a", "relu1")
    sent = canvas.send()
    revision = document.revision
    for _ in range(3):
        canvas.sync(sent)
    assert document.revision == revision


def test_an_older_message_does_not_take_back_a_newer_one(canvas, document):
    older = canvas.message()
    canvas.insert("a", "relu1")
    canvas.send()
    canvas.sync(older)
    assert "a" in names(document)


def test_a_drawing_that_stands_on_an_older_one_waits_until_it_is_sent_anew(canvas, document):
    canvas.insert("a", "relu1")
    document.apply(SetKnobs(graph="network", node="conv1", knobs={"out_channels": 8}))
    canvas.send()
    assert "a" not in names(document)
    assert canvas.link.seen == {}
    canvas.rev = canvas.link.rev
    canvas.send()
    assert "a" in names(document)
    assert document.project.networks[0].node("conv1").knobs == {"out_channels": 8}


def test_settings_in_a_message_never_overwrite_those_of_a_known_layer(canvas, document):
    document.apply(SetKnobs(graph="network", node="conv1", knobs={"out_channels": 8}))
    canvas.sync()
    canvas.take()
    canvas.nodes[1] |= {"knobs": {"out_channels": 4096}, "kind": "linear", "name": "edges"}
    canvas.send()
    node = document.project.networks[0].node("conv1")
    assert (node.kind, node.knobs, node.name) == ("conv2d", {"out_channels": 8}, "edges")


def test_a_new_mount_with_its_own_client_may_count_from_one(document):
    first = Canvas(document)
    for number in range(3):
        first.insert(f"a{number}", "relu1")
        first.send()
    second = Canvas(document, client="later")
    second.link.seen = first.link.seen
    second.insert("b", "relu1")
    second.send()
    assert "b" in names(document)


def test_undo_counts_in_total_so_that_skipped_messages_do_not_matter(canvas, document):
    for number in range(3):
        canvas.insert(f"a{number}", "relu1")
        canvas.send()
    canvas.undo = 2
    sent = canvas.send()
    canvas.sync(sent)
    assert names(document) == [*CHAIN, "a0"]
    canvas.take()
    canvas.undo = 1
    canvas.send()
    assert names(document) == [*CHAIN, "a0", "a1"]
    assert canvas.link.undone == {"tab": 1}


def test_undo_moves_the_revision_so_that_the_canvas_takes_the_drawing(canvas):
    canvas.insert("a", "relu1")
    canvas.send()
    before = canvas.link.rev
    canvas.undo = 1
    canvas.send()
    assert canvas.link.rev != before


def test_undo_also_takes_back_what_the_inspector_did(canvas, document):
    document.apply(SetKnobs(graph="network", node="conv1", knobs={"out_channels": 8}))
    canvas.undo = 1
    canvas.send()
    assert document.project.networks[0].node("conv1").knobs == {}


def test_a_fresh_server_does_not_undo_again_what_was_undone_before(canvas, document):
    canvas.insert("a", "relu1")
    canvas.send()
    canvas.undo, canvas.undone = 5, 5
    canvas.link = Link()
    canvas.send()
    assert "a" in names(document)


def test_an_undo_with_nothing_to_undo_is_answered(canvas):
    canvas.undo = 1
    canvas.send()
    assert canvas.link.undone == {"tab": 1}
    assert canvas.link.notice == "There is nothing to undo."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "no_such_layer"}, "no layer called"),
        ({"kind": None}, "is gone"),
        ({"kind": "block", "block": "b1"}, "not part of this project"),
    ],
)
def test_a_layer_that_cannot_be_is_refused_and_the_canvas_goes_back(
    canvas, document, change, sentence
):
    before = canvas.link.rev
    canvas.nodes = [*canvas.nodes, {"id": "x", "name": "x", "kind": "relu"} | change]
    canvas.send()
    assert names(document) == list(CHAIN)
    assert sentence in canvas.link.notice
    assert canvas.link.rev != before
    assert canvas.link.seen == {"tab": 1}


@pytest.mark.parametrize(
    ("edge", "sentence"),
    [
        ({"source": "relu1", "target": "conv1"}, "loop"),
        ({"source": "conv1", "target": "conv1"}, "loop"),
        ({"source": "output", "target": "conv1"}, "has no output"),
        ({"source": "conv1", "target": "input"}, "has no input"),
        ({"source": "conv1", "target": "output", "target_port": "side"}, "has no input 'side'"),
        ({"source": "conv1", "target": "gone"}, "does not exist"),
        ({"source": "conv1", "target": "output"}, "takes one connection"),
    ],
)
def test_a_connection_that_cannot_be_is_refused(canvas, document, edge, sentence):
    before = wires(document)
    canvas.edges = [*canvas.edges, {"source_port": "out", "target_port": "in"} | edge]
    canvas.send()
    assert sentence in canvas.link.notice
    assert wires(document) == before


def test_the_last_input_and_output_stay(canvas, document):
    canvas.nodes = [node for node in canvas.nodes if node["id"] != "output"]
    canvas.edges = [edge for edge in canvas.edges if edge["target"] != "output"]
    canvas.send()
    assert "last Output stays" in canvas.link.notice
    assert names(document) == list(CHAIN)


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        "drawing",
        {"client": "a"},
        {"client": "../x", "rev": "0.0", "seq": 1, "graph": "network", "nodes": [], "edges": []},
        {"client": "a", "rev": "0.0", "seq": -1, "graph": "network", "nodes": [], "edges": []},
        {
            "client": "a",
            "rev": "0.0",
            "seq": 1,
            "graph": "network",
            "nodes": [],
            "edges": [],
            "x": 1,
        },
        {"client": "a", "rev": "0.0", "seq": float("nan"), "graph": "n", "nodes": [], "edges": []},
    ],
)
def test_what_is_no_drawing_is_ignored_with_a_sentence(canvas, document, value):
    before = encode(document.project)
    canvas.sync(value)
    canvas.sync(value)
    assert encode(document.project) == before
    assert canvas.link.notice
    assert canvas.link.notices == 1


def test_a_message_about_another_network_is_none_of_ours(canvas, document):
    canvas.nodes = []
    canvas.send(graph="generator")
    assert names(document) == list(CHAIN)


def test_two_layers_of_one_name_get_two_names_and_the_canvas_hears_of_it(canvas, document):
    before = canvas.link.rev
    canvas.insert("new", "relu1", name="conv1")
    canvas.send()
    assert names(document) == [*CHAIN, "conv2"]
    assert canvas.link.rev != before


def test_selecting_edits_nothing_and_forgets_layers_that_are_gone(canvas, document):
    canvas.send(sel=["conv1", "gone"])
    assert canvas.link.selection == ("conv1",)
    assert document.revision == 0


def test_a_selection_made_in_python_is_told_once(canvas):
    canvas.link.select(["relu1"])
    canvas.link.select(["relu1"])
    assert canvas.link.selections == 1


def test_an_edit_from_another_window_moves_the_revision(canvas, document):
    before = canvas.link.rev
    other = Document(document.id)
    other.apply(ChangeNode(graph="network", node="relu1", name="bend"))
    document.refresh()
    canvas.sync()
    assert canvas.link.rev != before


def test_notes_are_added_written_and_removed_with_their_own_words(canvas, document):
    canvas.send(notes=[{"id": "n1", "text": "", "x": 8, "y": 8}])
    assert document.undo_label == "Added a note"
    canvas.send(notes=[{"id": "n1", "text": "why", "x": 8, "y": 8}])
    assert document.undo_label == "Changed a note"
    canvas.send(notes=[{"id": "n1", "text": "why", "x": 80, "y": 8}])
    assert document.undo_label == "Moved a note"
    canvas.send()
    assert document.project.networks[0].notes[0].text == "why", "a message without notes keeps them"
    canvas.send(notes=[])
    assert document.undo_label == "Removed a note"


def test_turning_the_drawing_is_one_step_that_undo_takes_back(canvas, document):
    canvas.send(direction="right")
    assert document.project.networks[0].direction == "right"
    assert document.undo_label == "Drew it from left to right"
    assert '"direction": "right"' in encode(document.project)
    document.undo()
    assert document.project.networks[0].direction == "down"
    assert "direction" not in encode(document.project)


def test_stars_and_kinds_used_last_are_kept_for_every_project(canvas):
    from builder.ui.canvas.kept import kept

    canvas.send(kept={"stars": ["relu"], "recent": ["linear", "relu"]})
    assert kept().stars == ("relu",)
    canvas.send()
    assert kept().recent == ("linear", "relu")
