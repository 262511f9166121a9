"""What the canvas sends: the drawing after each of its edits, who sent it and in which order; nothing is trusted."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from builder.errors import SpecError
from builder.spec.base import Frozen, Id, Label
from builder.spec.codec import first_fault
from builder.spec.network import (
    MAX_NODES,
    MAX_NOTES,
    Direction,
    Expr,
    Knobs,
    Note,
    Wire,
)

MAX_BYTES = 8 * 1024 * 1024
MAX_EARLIER = 20

Count = Annotated[int, Field(ge=0, le=2**53)]
Place = Annotated[float, Field(ge=-1e7, le=1e7)]
KindName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.:-]{1,80}$")]


class CanvasNode(Frozen):
    """A layer as the canvas sends it; of one that the document has, only name, place, bypassed and frozen count."""

    id: Id
    name: Label
    x: Place | None = None
    y: Place | None = None
    bypassed: bool = False
    frozen: bool = False
    kind: str | None = None
    knobs: Knobs = {}
    block: Id | None = None
    repeat: int | Expr = 1
    share_weights: bool = False
    repeat_knobs: tuple[Knobs, ...] = ()


class Paste(Frozen):
    """A clipboard text to be read here, number `n` of its client; x, y is where its top-left corner goes."""

    n: Annotated[int, Field(ge=1, le=2**31)]
    text: Annotated[str, Field(max_length=2 * 1024 * 1024)]
    x: Place
    y: Place


class Kept(Frozen):
    """Kinds this person starred, and those used last, the latest first."""

    stars: Annotated[tuple[KindName, ...], Field(max_length=500)] = ()
    recent: Annotated[tuple[KindName, ...], Field(max_length=50)] = ()


class Ask(Frozen):
    """Something the canvas cannot draw by itself, asked for once under the number `n`."""

    n: Count
    act: Literal["make_block", "open_up", "enter", "leave", "stop_preview"]
    nodes: Annotated[tuple[Id, ...], Field(max_length=MAX_NODES)] = ()


class Drawn(Frozen):
    """The drawing after the canvas's edit number `seq`. Without `notes` or `direction` these stay as they are."""

    seq: Count
    nodes: Annotated[tuple[CanvasNode, ...], Field(max_length=MAX_NODES)]
    edges: Annotated[tuple[Wire, ...], Field(max_length=4 * MAX_NODES)]
    notes: Annotated[tuple[Note, ...], Field(max_length=MAX_NOTES)] | None = None
    direction: Direction | None = None


class CanvasMessage(Drawn):
    """The drawing after the canvas's own edits, and what it was after each edit that was not answered yet.

    `client` names one mount of the canvas and `seq` counts its edits and messages; `rev` is the drawing of ours they
    stand on. `earlier` holds the unanswered edits before the last, oldest first: a page that is drawn anew sees only
    the newest message. `undo` counts undos minus redos asked for so far, `undone` how many of them the canvas knows to
    be done. `have` is the hash of the palette it holds.
    `pastes` are repeated until they are answered; `ask` names a type: what would each kind make of it?
    """

    client: Id
    rev: Annotated[str, Field(max_length=80)]
    graph: Annotated[str, Field(max_length=80)]
    earlier: Annotated[tuple[Drawn, ...], Field(max_length=MAX_EARLIER)] = ()
    sel: Annotated[tuple[Id, ...], Field(max_length=MAX_NODES)] = ()
    undo: Annotated[int, Field(ge=-(2**31), le=2**31)] = 0
    undone: Annotated[int, Field(ge=-(2**31), le=2**31)] = 0
    have: Annotated[str, Field(max_length=80)] = ""
    pastes: Annotated[tuple[Paste, ...], Field(max_length=20)] = ()
    ask: Annotated[str, Field(max_length=200)] = ""
    kept: Kept | None = None
    asks: Annotated[tuple[Ask, ...], Field(max_length=100)] = ()


def read_message(value: Any) -> CanvasMessage | None:
    """The message in a component's state, None when it has sent nothing; SpecError when it is not one."""
    if value is None:
        return None
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise SpecError(
            "The drawing sent by the canvas cannot be read; it was left as it is."
        ) from error
    if len(text) > MAX_BYTES:
        raise SpecError("The drawing sent by the canvas is too large; it was left as it is.")
    try:
        return CanvasMessage.model_validate_json(text)
    except ValidationError as error:
        raise SpecError(
            f"The canvas sent something that is not a drawing, so nothing was changed ({first_fault(error)})"
        ) from error
