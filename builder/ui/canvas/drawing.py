"""The drawing this session works on: its link with the canvas, the chosen layers, and edits made beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from builder.network.effects import outputs_by_port
from builder.network.report import NodeReport, Report
from builder.projects.history import Document
from builder.spec.edits import Edit
from builder.spec.network import Network, Node
from builder.spec.problems import Fix
from builder.ui.canvas import component, kept
from builder.ui.canvas.asks import answer
from builder.ui.canvas.ghost import Previewed, ghost
from builder.ui.canvas.inside import Opened, looked_at, walk_in
from builder.ui.canvas.offers import Words, offered
from builder.ui.canvas.palette import type_key
from builder.ui.canvas.reconcile import Link, reconcile
from builder.ui.canvas.shelf import shelf
from builder.ui.canvas.view import CanvasView
from builder.ui.state import State, current


@dataclass(frozen=True)
class Drawing:
    """One network of the open project or the block open in it, with what canvas and session know of each other.

    `root` is the network's name; `path` lists the open blocks, outermost first; `network_name` is the word by which
    edits find the drawing looked at: the network's name, or the id of the innermost open block.
    """

    state: State
    document: Document
    root: str
    network_name: str
    link: Link
    path: tuple[Opened, ...] = ()

    @property
    def key(self) -> str:
        """The key under which the canvas is mounted."""
        return f"canvas.{self.document.id}.{self.network_name}"

    @property
    def network(self) -> Network:
        """The drawing looked at, as it is now; a block takes the form of a network."""
        found = looked_at(self.document.project, self.network_name)
        return found or self.document.project.networks[0]

    @property
    def chosen(self) -> tuple[Node, ...]:
        """The selected layers."""
        found = (self.network.node(node_id) for node_id in self.link.selection)
        return tuple(node for node in found if node is not None)

    def synchronise(self) -> None:
        """Takes in other windows' edits, a layer chosen elsewhere, and what the canvas has sent."""
        self.document.refresh()
        memory = self.state.drafts
        if self.state.selected_layer != memory.get(f"{self.key}.chosen", ""):
            self.choose([self.state.selected_layer])
        reconcile(self.document, self.link, self.network_name, lambda: component.sent(self.key))
        self._tell_others()
        answer(self)
        if self.document.revision != self.link.revision:
            self.link.stand_on(self.document.revision)

    def choose(self, ids: Iterable[str]) -> None:
        """Selects layers; canvas and panels follow."""
        there = {node.id for node in self.network.nodes}
        self.link.select(node_id for node_id in ids if node_id in there)
        self._tell_others()

    def apply(self, edit: Edit, *, choose: str | None = None) -> bool:
        """Applies an edit made beside the canvas and selects a layer after it; False when it was refused."""
        if not self.state.apply(edit):
            return False
        if choose is not None:
            self.choose([choose])
        return True

    def apply_together(self, edits: Iterable[Edit], words: str) -> bool:
        """Applies several edits as one step of the history; False, with a notice, when one does not fit."""
        return self.state.apply_together(edits, words)

    def enter(self, node_id: str) -> None:
        """Opens a placed block of this drawing from inside."""
        self.leave(len(self.path), node_id)

    def leave(self, depth: int, *deeper: str) -> None:
        """Goes out until only `depth` blocks are open, then into `deeper`; the block that was left is chosen."""
        left = self.path[depth].node.id if depth < len(self.path) and not deeper else ""
        ids = [one.node.id for one in self.path[:depth]] + list(deeper)
        self.state.remember(_path_key(self.root), ids)
        outside = current_drawing()
        if outside is not None:
            outside.choose([left] if left else [])

    def told(self, graph: str, node: str) -> NodeReport | None:
        """What the check found about a layer of this network, or of a block in it (of the block's first use)."""
        whole = self.state.report()
        report = whole.reports.get(self.root) if whole else None
        if report is None:
            return None
        nodes = report.nodes if graph == self.root else report.blocks.get(graph, {})
        return nodes.get(node)

    def undo(self) -> None:
        """Takes the last step back."""
        self.state.undo()

    @property
    def previewed(self) -> Fix | None:
        """The fix looked at; none once the drawing has changed since."""
        kept = self.state.drafts.get(self._preview_key)
        if isinstance(kept, Previewed) and kept.revision == self.document.revision:
            return kept.fix
        return None

    def preview(self, fix: Fix) -> None:
        """Draws what a fix would do over the drawing, until it is stopped or the drawing changes."""
        self.state.drafts[self._preview_key] = Previewed(fix, self.document.revision)

    def stop_preview(self) -> None:
        """Shows the drawing alone again."""
        self.state.drafts.pop(self._preview_key, None)

    @property
    def _preview_key(self) -> str:
        return f"{self.key}.preview"

    def _ghost(self) -> dict[str, Any] | None:
        fix = self.previewed
        return ghost(self.document.project, self.network_name, fix) if fix else None

    def show(self, report: Report | None, *, is_current: bool) -> None:
        """Draws the canvas."""
        view = CanvasView(
            project=self.document.project,
            network=self.network,
            link=self.link,
            report=report,
            current=is_current,
            where=f"{self.document.id}/{self.network_name}",
            offers=self._offers(report),
            kept=kept.kept(),
            shelf=shelf(self.document.project, self.network_name),
            inside=bool(self.path),
            preview=self._ghost(),
        )
        component.canvas(view, self.key, on_change=_on_change)

    def _offers(self, report: Report | None) -> dict[str, Words]:
        """What the canvas asked for: what each kind would make of one type that flows in this drawing."""
        if report is None or not self.link.ask:
            return {}
        given = outputs_by_port(self.document.project, self.network, report).values()
        asked = next((type_ for type_ in given if type_key(type_) == self.link.ask), None)
        told = offered(self.state.sidecar, asked) if asked is not None else None
        return {self.link.ask: told} if told is not None else {}

    def _tell_others(self) -> None:
        first = self.link.selection[0] if self.link.selection else ""
        self.state.selected_layer = self.state.drafts[f"{self.key}.chosen"] = first


def current_drawing() -> Drawing | None:
    """The drawing this session looks at, a network or a block open in it; None while no project is open."""
    state = current()
    if state.document is None:
        return None
    root = state.network.name
    path = walk_in(state.project, root, _path(state, root))
    name = path[-1].block.id if path else root
    link = state.drafts.setdefault(f"canvas.{state.project_id}.{name}.link", Link())
    return Drawing(state, state.document, root, name, link, path)


def _path_key(root: str) -> str:
    return f"inside {root}"


def _path(state: State, root: str) -> list[str]:
    kept = state.recall(_path_key(root), [])
    return [str(node_id) for node_id in kept] if isinstance(kept, list) else []


def _on_change() -> None:
    """Applies what the canvas sent before anything is drawn, so that the bar above it is right as well.

    The check begins here, beside the drawing of the page, and the canvas is answered first.
    """
    drawing = current_drawing()
    if drawing is not None:
        drawing.synchronise()
        drawing.state.report(wait=0.0)
        drawing.state.screen_first = True
