"""Takes the canvas's messages into the document: accepted in order, checked whole, answered by revision."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from builder.errors import BuilderError, SpecError
from builder.projects.history import Document
from builder.spec.clip import read_clip
from builder.spec.edits import SetGraph
from builder.spec.network import Network
from builder.ui.canvas.inside import looked_at
from builder.ui.canvas.kept import keep
from builder.ui.canvas.message import Ask, CanvasMessage, Drawn
from builder.ui.canvas.pasting import pasted
from builder.ui.canvas.proposal import propose
from builder.ui.canvas.shelf import BORROWED, with_borrowed

KEPT_CLIENTS = 50


@dataclass
class Link:
    """What one session's canvas and document have told each other about one network.

    `base` is the revision of the last change that was not the canvas's own, `revision` the last one known at all.
    `seen` holds the last message of each client whose drawing was dealt with, `looked` the last whose selection was,
    `undone` the undos minus redos done for it, `pasted` the last clipboard text read for it, `asked` the number of the
    last thing it asked for; `asks` wait to be done. `ask` names a type: the canvas wants to know what each kind makes
    of it.
    """

    base: int = -1
    revision: int = -1
    refused: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)
    undone: dict[str, int] = field(default_factory=dict)
    pasted: dict[str, int] = field(default_factory=dict)
    ask: str = ""
    asked: dict[str, int] = field(default_factory=dict)
    asks: list[Ask] = field(default_factory=list)
    selection: tuple[str, ...] = ()
    selections: int = 0
    palette: str = ""
    notice: str = ""
    notice_is_error: bool = False
    notices: int = 0

    @property
    def rev(self) -> str:
        """Names the drawing a canvas must stand on; changes with every change that is not its own."""
        return f"{self.base}.{self.refused}"

    def select(self, ids: Iterable[str]) -> None:
        """Selects layers from Python; the canvas follows."""
        chosen = tuple(ids)
        if chosen != self.selection:
            self.selection = chosen
            self.selections += 1

    def refuse(self, sentence: str) -> None:
        """Keeps our drawing, makes the canvas go back to it, and says why."""
        self.refused += 1
        self.say(sentence, is_error=True)

    def say(self, sentence: str, *, is_error: bool = False) -> None:
        """Has a sentence shown (an error) or read out on the canvas, once."""
        self.notices += 1
        self.notice, self.notice_is_error = sentence, is_error

    def stand_on(self, revision: int) -> None:
        """Takes a change made elsewhere (inspector, undo, a fix, another window) as what counts."""
        self.base = self.revision = revision


def reconcile(
    document: Document, link: Link, network: str, read: Callable[[], CanvasMessage | None]
) -> None:
    """Applies what is new in the newest message; what cannot be meant is refused with a sentence.

    A drawing counts only if it stands on `link.rev` and is newer than what was seen of its client: the canvas does
    an edit that came too late again on the newer drawing, so none is lost and none is applied twice. Edits that come
    together are applied in order, each as a step of its own.
    """
    if document.revision != link.revision:
        link.stand_on(document.revision)
    try:
        message = read()
    except SpecError as error:
        if str(error) != link.notice:
            link.refuse(str(error))
        return
    if message is None or message.graph != network:
        return
    link.palette, link.ask = message.have, message.ask
    if message.kept is not None:
        keep(message.kept)
    for drawn in (*message.earlier, message):
        _take_drawing(document, link, message, drawn)
    _take_selection(document, link, network, message)
    _take_pastes(document, link, network, message)
    _take_undo(document, link, message)
    _take_asks(link, message)
    for memory in (link.seen, link.looked, link.undone, link.pasted, link.asked):
        while len(memory) > KEPT_CLIENTS:
            memory.pop(next(iter(memory)))


def _take_drawing(document: Document, link: Link, message: CanvasMessage, drawn: Drawn) -> None:
    """Applies one edit of a message; after one that was refused or changed, the rest stands on an older drawing."""
    if message.rev != link.rev or drawn.seq <= link.seen.get(message.client, 0):
        return
    link.seen[message.client] = drawn.seq
    try:
        project = with_borrowed(document.project, message.graph, drawn)
        edit = propose(project, looked_at(project, message.graph) or Network(), drawn)
        if edit is None:
            return
        if project is document.project:
            document.apply(edit)
        else:
            document.replace(edit.apply(project), edit.words)
    except BuilderError as error:
        link.refuse(str(error))
        return
    link.revision = document.revision
    if not _as_sent(edit, drawn):
        link.stand_on(document.revision)


def _take_selection(document: Document, link: Link, network: str, message: CanvasMessage) -> None:
    if message.seq <= link.looked.get(message.client, 0):
        return
    link.looked[message.client] = message.seq
    graph = looked_at(document.project, network)
    there = {node.id for node in graph.nodes} if graph else set()
    link.selection = tuple(node for node in message.sel if node in there)


def _take_pastes(document: Document, link: Link, network: str, message: CanvasMessage) -> None:
    """Reads each clipboard text once; one that cannot be read changes nothing and is answered with its fault."""
    for each in message.pastes:
        if each.n <= link.pasted.get(message.client, 0):
            continue
        link.pasted[message.client] = each.n
        graph = looked_at(document.project, network) or Network()
        try:
            clip = read_clip(each.text)
            project, edit, ids = pasted(document.project, graph, clip, (each.x, each.y))
            if project.blocks == document.project.blocks:
                document.apply(edit)
            else:
                document.replace(edit.apply(project), edit.words)
        except BuilderError as error:
            link.say(str(error), is_error=True)
            continue
        link.stand_on(document.revision)
        link.select(ids)
        link.say(edit.words)


def _take_undo(document: Document, link: Link, message: CanvasMessage) -> None:
    """Does the undos asked for since; counted in total, because single messages may be skipped."""
    done = link.undone.setdefault(message.client, message.undone)
    steps = message.undo - done
    if steps == 0:
        return
    link.undone[message.client] = message.undo
    act = document.undo if steps > 0 else document.redo
    label = None
    try:
        for _ in range(abs(steps)):
            done_label = act()
            if done_label is None:
                break
            label = done_label
    except BuilderError as error:
        link.refuse(str(error))
        return
    link.stand_on(document.revision)
    link.say(_said(label, steps))


def _take_asks(link: Link, message: CanvasMessage) -> None:
    """Keeps what is asked for until it is done; asked on an older drawing, it is asked again on the newer one."""
    if message.rev != link.rev:
        return
    for ask in message.asks:
        if ask.n > link.asked.get(message.client, 0):
            link.asked[message.client] = ask.n
            link.asks.append(ask)


def _said(label: str | None, steps: int) -> str:
    word = "undo" if steps > 0 else "redo"
    if label is None:
        return f"There is nothing to {word}."
    return f"Undone: {label}" if steps > 0 else f"Done again: {label}"


def _as_sent(edit: SetGraph, drawn: Drawn) -> bool:
    """Whether the canvas shows exactly what was applied; otherwise it must take our drawing."""
    names = [(node.id, node.name) for node in edit.nodes]
    if any(node.kind == BORROWED for node in drawn.nodes):
        return False
    return names == [(n.id, n.name) for n in drawn.nodes] and edit.wires == drawn.edges
