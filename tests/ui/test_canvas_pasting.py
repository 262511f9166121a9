"""Pasting on the canvas: the strict reader decides, and what it refuses leaves the project as it was."""

import json

import pytest

from builder.projects import store
from builder.projects.history import Document
from builder.spec.clip import Clip
from builder.spec.codec import encode
from builder.spec.network import Network, Node, Note, Wire
from builder.spec.project import Project
from builder.ui.canvas.message import read_message
from builder.ui.canvas.place import places
from builder.ui.canvas.reconcile import Link, reconcile

NODES = (
    Node(id="relu1", kind="relu", name="relu1", x=0.0, y=0.0),
    Node(id="drop", kind="dropout", name="drop", knobs={"p": 0.25}, x=0.0, y=96.0),
)
CLIP = Clip(
    nodes=NODES, wires=(Wire(source="relu1", target="drop"),), notes=(Note(id="n", text="why"),)
)


@pytest.fixture
def document():
    nodes = (
        Node(id="input", kind="input", name="input"),
        Node(id="relu1", kind="relu", name="relu1"),
        Node(id="output", kind="output", name="output"),
    )
    wires = (Wire(source="input", target="relu1"), Wire(source="relu1", target="output"))
    return Document(store.create(Project(networks=(Network(nodes=nodes, wires=wires),))).id)


@pytest.fixture
def link(document):
    fresh = Link()
    reconcile(document, fresh, "network", lambda: None)
    return fresh


def send(document, link, *pastes, seq=1, undo=0):
    graph = document.project.networks[0]
    told = [(n, text, 320.0, 0.0) for n, text in pastes]
    value = {
        "client": "tab",
        "rev": link.rev,
        "seq": seq,
        "graph": "network",
        "nodes": [n.model_dump(mode="json", include={"id", "name", "x", "y"}) for n in graph.nodes],
        "edges": [wire.model_dump() for wire in graph.wires],
        "pastes": [dict(zip(("n", "text", "x", "y"), one, strict=True)) for one in told],
        "undo": undo,
    }
    reconcile(document, link, "network", lambda: read_message(value))


def graph(document):
    return document.project.networks[0]


def test_copies_get_new_ids_free_names_their_wires_and_are_chosen(document, link):
    before = places(graph(document))
    send(document, link, (1, CLIP.model_dump_json()))
    copies = graph(document).nodes[3:]
    assert [(n.name, n.kind, n.x) for n in copies] == [
        ("relu2", "relu", 320.0),
        ("drop", "dropout", 320.0),
    ]
    assert graph(document).wires[-1] == Wire(source=copies[0].id, target=copies[1].id)
    assert [note.text for note in graph(document).notes] == ["why"]
    assert set(link.selection) == {*(n.id for n in copies), graph(document).notes[0].id}
    assert document.undo_label == "Pasted relu2 and drop"
    assert {n: places(graph(document))[n] for n in before} == before


def test_a_text_is_read_once_however_often_it_is_sent(document, link):
    send(document, link, (1, CLIP.model_dump_json()))
    send(document, link, (1, CLIP.model_dump_json()), seq=2)
    assert len(graph(document).nodes) == 5
    send(document, link, (2, CLIP.model_dump_json()), seq=3)
    assert len(graph(document).nodes) == 7
    assert len({(n.x, n.y) for n in graph(document).nodes[3:]}) == 4


def test_an_undo_sent_together_with_a_paste_takes_it_back(document, link):
    send(document, link, (1, CLIP.model_dump_json()), undo=1)
    assert len(graph(document).nodes) == 3


@pytest.mark.parametrize(
    ("kind", "knobs", "said"),
    [
        ("teleport", {}, "nodes.0 (relu1)"),
        ("dropout", {"p": 1.5}, "nodes.0 (relu1): Dropout: "),
        ("dropout", {"p": "5"}, "nodes.0 (relu1): Dropout: "),
        ("linear", {"out_features": 0}, "must be a whole number from 1"),
        ("linear", {"out_features": -1}, "must be a whole number from 1"),
        ("linear", {"out_features": 2**63}, "must be a whole number from 1"),
        ("linear", {"widths": 8}, "has no setting 'widths'"),
    ],
)
def test_a_layer_that_cannot_be_here_is_refused_with_its_path_and_the_project_stays(
    document, link, kind, knobs, said
):
    before, rev = encode(document.project), link.rev
    node = NODES[0].model_dump(mode="json") | {"kind": kind, "knobs": knobs}
    send(document, link, (1, json.dumps({"layerloom": "layers", "nodes": [node]})))
    assert said in link.notice
    assert link.notice_is_error
    assert encode(document.project) == before
    assert link.rev == rev, "the canvas need not take anything back"


@pytest.mark.parametrize("text", ["{", "[]", '{"layerloom": "layers"}', '{"a": 1, "a": 2}'])
def test_what_is_no_copy_is_refused_in_a_sentence_and_answered_once(document, link, text):
    before = encode(document.project)
    send(document, link, (1, text))
    assert link.notice.startswith("The clipboard")
    said = link.notices
    send(document, link, (1, text), seq=2)
    assert link.notices == said
    assert encode(document.project) == before
