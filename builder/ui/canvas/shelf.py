"""The blocks that can be placed like a layer: the project's own, those of your library, and those that come along."""

from typing import Any

from builder.errors import SpecError
from builder.layers import catalogue
from builder.network.order import order
from builder.network.ports import block_ports
from builder.projects import library
from builder.projects.library import LibraryBlock
from builder.spec.block_file import adopt
from builder.spec.block_ports import word
from builder.spec.network import Block, Node
from builder.spec.project import Project
from builder.ui.canvas.inside import times
from builder.ui.canvas.message import CanvasNode, Drawn

BORROWED = "library"
"""The kind under which the canvas sends a block that is in the library and not in the project yet."""

PROJECT, OWN, SHIPPED = "in this project", "your library", "comes with LayerLoom"
LINES, LINE_LENGTH = 3, 6


def shelf(project: Project, graph_id: str) -> dict[str, Any]:
    """Every block that fits into this drawing, by the key under which the palette lists it."""
    barred = holders(project, graph_id)
    found = {
        f"block:{block.id}": _words(block, block.id, PROJECT, block.name, block.summary)
        for block in project.blocks
        if block.id not in barred and any(block.of_kind("output"))
    }
    for each in (*library.own_blocks(), *library.shipped_blocks()):
        if each.file is not None:
            found[f"library:{each.id}"] = _library_words(each)
    return found


def _library_words(each: LibraryBlock) -> dict[str, Any]:
    assert each.file is not None
    file = each.file
    said = _words(file.block, each.id, OWN if each.own else SHIPPED, each.title, file.summary)
    return {**said, "when": file.when, "synonyms": [*file.synonyms, "block"]}


def _words(block: Block, block_id: str, source: str, title: str, summary: str) -> dict[str, Any]:
    inputs, outputs = block_ports(block)
    layers = sum(node.kind not in ("input", "output") for node in block.nodes)
    return {
        "title": title,
        "family": "block",
        "summary": summary or f"A block of {layers} layers.",
        "when": "",
        "synonyms": ["block"],
        "slug": word(title, "block").lower(),
        "brief": f"{layers} layers",
        "inputs": [port._asdict() for port in inputs],
        "outputs": list(outputs),
        "follows": [],
        "block": block_id,
        "source": source,
    }


def holders(project: Project, graph_id: str) -> set[str]:
    """Ids of the block `graph_id` and of all blocks it is inside of: none of them can be placed in it."""
    if project.block(graph_id) is None:
        return set()
    found, grown = {graph_id}, True
    while grown:
        more = {b.id for b in project.blocks if any(node.block in found for node in b.nodes)}
        grown = not more <= found
        found |= more
    return found


def with_borrowed(project: Project, graph_id: str, drawn: Drawn) -> Project:
    """The project with the library blocks that a drawing of `graph_id` places; SpecError when one is gone."""
    for sent in drawn.nodes:
        if sent.kind != BORROWED:
            continue
        file = library.find(sent.block or "").file
        if file is None:
            raise SpecError(f"The block {sent.name} of the library cannot be read.")
        project, _ = adopt(project, file, inside=graph_id)
    return project


def borrowed_id(project: Project, sent: CanvasNode, graph_id: str) -> str | None:
    """The id in the project of the block a sent node places."""
    if sent.kind != BORROWED:
        return sent.block
    file = library.find(sent.block or "").file
    return adopt(project, file, inside=graph_id)[1] if file else None


def look(project: Project, node: Node) -> dict[str, Any]:
    """What the canvas draws of a placed block: its block's name, how often it runs, its layers' families in lines."""
    block = project.block(node.block) if node.block else None
    if block is None:
        return {"title": "", "times": times(node), "lines": []}
    families = []
    nodes = {each.id: each for each in block.nodes}
    for node_id in order(block).ids:
        each = nodes[node_id]
        kind = catalogue.find(each.kind)
        if each.kind not in ("input", "output"):
            families.append(kind.family if kind else "block")
    each_line = min(max(-(-len(families) // LINES), 1), LINE_LENGTH)
    lines = [families[at : at + each_line] for at in range(0, len(families), each_line)]
    return {"title": block.name, "times": times(node), "lines": lines[:LINES]}
