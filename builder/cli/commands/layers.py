"""`layerloom layers`: the catalogue, and the blocks that come along or are yours."""

import argparse

from builder.cli.outcome import Outcome, table
from builder.layers.catalogue import all_kinds
from builder.projects import library
from builder.projects.library import LibraryBlock

NAME = "layers"
HELP = "list the catalogue of layers and the blocks of the library: kind, family, summary"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> Outcome:
    """Every kind of layer, then every block of the library; an unreadable one says why."""
    rows = [
        {"kind": kind.kind, "family": kind.family, "summary": kind.summary} for kind in all_kinds()
    ]
    blocks = [_told(block) for block in (*library.shipped_blocks(), *library.own_blocks())]
    listed = [[*row.values()] for row in rows]
    listed += [[block["id"], "block", block["summary"]] for block in blocks]
    lines = table(("kind", "family", "summary"), listed)
    return Outcome(data={"layers": rows, "blocks": blocks}, lines=lines)


def _told(block: LibraryBlock) -> dict[str, str]:
    summary = block.file.summary if block.file else f"It cannot be read: {block.problem}"
    return {
        "id": block.id,
        "title": block.title,
        "source": "yours" if block.own else "comes along",
        "summary": summary,
    }
