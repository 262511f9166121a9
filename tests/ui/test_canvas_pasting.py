"""Pasting on the canvas: the strict reader decides, and what it refuses leaves the project as it was."""

import json

import pytest

from builder.projects import store
from builder.projects.history import Document
from builder.spec.clip import Clip, read_clip
from builder.spec.codec import encode
from builder.spec.network import Block, Network, Node, Note, Wire
from builder.spec.project import MAX_BLOCKS, Project
from builder.ui.canvas.message import read_message
from builder.ui.canvas.place import places
from builder.ui.canvas.reconcile import Link, reconcile
from builder.ui.canvas.view import CanvasView

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


INSIDE = (
    Node(id="i", kind="input", name="in"),
    Node(id="l", kind="linear", name="widen", knobs={"out_features": 8}),
    Node(id="o", kind="output", name="out"),
)
INNER = Block(
    id="mlp", name="MLP", nodes=INSIDE,
    wires=(Wire(source="i", target="l"), Wire(source="l", target="o")),
)  # fmt: skip
OUTER = Block(
    id="twice", name="Twice",
    nodes=(INSIDE[0], Node(id="m", kind="block", name="mlp", block="mlp", repeat=2), INSIDE[2]),
    wires=(Wire(source="i", target="m"), Wire(source="m", target="o")),
)  # fmt: skip
USE = Node(id="use", kind="block", name="use", block="twice")


def carrying(*blocks, nodes=(USE,)):
    return Clip(nodes=nodes, blocks=blocks).model_dump_json()


def test_a_block_comes_along_into_another_project_in_one_undo_step(document, link):
    before = encode(document.project)
    send(document, link, (1, carrying(OUTER, INNER)))
    assert {block.name for block in document.project.blocks} == {"MLP", "Twice"}
    copy = graph(document).nodes[3]
    outer = document.project.block(copy.block)
    assert outer.name == "Twice"
    assert document.project.block(outer.nodes[1].block).name == "MLP"
    assert document.undo_label == "Pasted use"
    document.undo()
    assert encode(document.project) == before


def test_a_block_that_is_there_already_is_used_again_and_another_of_its_name_stands_beside_it(
    document, link
):
    send(document, link, (1, carrying(OUTER, INNER)))
    send(document, link, (2, carrying(OUTER, INNER)), seq=2)
    assert len(document.project.blocks) == 2
    first, second = graph(document).nodes[3:]
    assert first.block == second.block
    wider = INNER.model_copy(
        update={"nodes": (INSIDE[0], INSIDE[1].model_copy(update={"knobs": {}}), INSIDE[2])}
    )
    send(document, link, (3, carrying(OUTER, wider)), seq=3)
    assert [block.id for block in document.project.blocks] == ["mlp", "twice", "mlp-2", "twice-2"]
    assert graph(document).nodes[5].block == "twice-2"
    assert document.project.block("twice-2").nodes[1].block == "mlp-2"


def test_what_the_canvas_is_told_of_a_block_is_what_a_copy_takes_along(document, link):
    send(document, link, (1, carrying(OUTER, INNER)))
    view = CanvasView(document.project, graph(document), link, None, current=False, where="w")
    told = view.data()["definitions"]
    assert set(told) == {"mlp", "twice"}
    sent = {
        "layerloom": "layers",
        "nodes": [USE.model_dump(mode="json")],
        "blocks": [*told.values()],
    }
    assert read_clip(json.dumps(sent)).files()["twice"].uses == (INNER,)


@pytest.mark.parametrize(
    ("kind", "knobs", "said"),
    [
        ("teleport", {}, "blocks.1.nodes.1 (widen): There is no layer called 'teleport'"),
        ("linear", {"out_features": 0}, "blocks.1.nodes.1 (widen): Linear: "),
    ],
)
def test_a_layer_inside_a_block_that_cannot_be_here_is_refused_with_its_path(
    document, link, kind, knobs, said
):
    before = encode(document.project)
    wrong = INSIDE[1].model_copy(update={"kind": kind, "knobs": knobs})
    inner = INNER.model_copy(update={"nodes": (INSIDE[0], wrong, INSIDE[2])})
    send(document, link, (1, carrying(OUTER, inner)))
    assert said in link.notice and link.notice_is_error
    assert encode(document.project) == before


def test_a_block_without_its_definition_is_refused_where_it_is_not_known(document, link):
    before = encode(document.project)
    send(document, link, (1, carrying()))
    assert "its block is not part of this project" in link.notice
    assert encode(document.project) == before


def test_more_blocks_than_a_project_holds_are_refused_whole(document, link):
    many = [
        INNER.model_copy(update={"id": f"b{i}", "name": f"b{i}", "summary": str(i)})
        for i in range(MAX_BLOCKS)
    ]
    uses = tuple(
        Node(id=f"u{i}", kind="block", name=f"u{i}", block=one.id) for i, one in enumerate(many)
    )
    send(document, link, (1, carrying(OUTER, INNER)))
    before = encode(document.project)
    send(document, link, (2, carrying(*many, nodes=uses)), seq=2)
    assert f"at most {MAX_BLOCKS} blocks" in link.notice
    assert encode(document.project) == before
