"""Layers on the clipboard: a part of a drawing as JSON, read as strictly as a project file."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from builder.errors import SpecError
from builder.spec.base import Frozen
from builder.spec.change import check_graph
from builder.spec.codec import decode, first_fault, read_json
from builder.spec.network import MAX_NODES, MAX_NOTES, Graph, Node, Note, Wire

MAX_BYTES = 2 * 1024 * 1024
WHAT = "The clipboard"


class Clip(Frozen):
    """Copied layers with the connections among them, and notes."""

    layerloom: Literal["layers"] = "layers"
    nodes: Annotated[tuple[Node, ...], Field(max_length=MAX_NODES)] = ()
    wires: Annotated[tuple[Wire, ...], Field(max_length=4 * MAX_NODES)] = ()
    notes: Annotated[tuple[Note, ...], Field(max_length=MAX_NOTES)] = ()


def read_clip(text: str) -> Clip:
    """The layers in a clipboard text; of a whole project, those of its first network.

    Raises:
        SpecError: it is not such a text; the sentence has the path of the first fault and the reason.
    """
    value = read_json(text, WHAT, max_bytes=MAX_BYTES)
    if isinstance(value, dict) and "schema_version" in value:
        return _first_network(text)
    if not isinstance(value, dict) or value.get("layerloom") != "layers":
        raise SpecError(f"{WHAT} holds no layers. Select layers and press Ctrl+C first.")
    try:
        clip = Clip.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise SpecError(f"{WHAT} holds no valid layers: {first_fault(error)}") from error
    try:
        check_graph(Graph(nodes=clip.nodes, wires=clip.wires))
    except SpecError as error:
        raise SpecError(f"{WHAT} holds no valid layers: {error}") from error
    return clip


def _first_network(text: Any) -> Clip:
    network = decode(text, WHAT).networks[0]
    return Clip(nodes=network.nodes, wires=network.wires, notes=network.notes)
