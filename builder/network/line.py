"""A Call as Python text: the constructor and the forward line, for source and shapes alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from builder.layers.base import Call, LayerType


def constructor(call: Call, texts: Mapping[str, str] | None = None) -> str:
    """`nn.Conv2d(in_channels=1, out_channels=28)`; `texts` replaces values by source text, by argument name."""
    said = texts or {}
    arguments = [
        f"{name}={said.get(name) or repr(value)}" for name, value in call.arguments.items()
    ]
    return f"{call.constructor}({', '.join(arguments)})"


def forward(call: Call, layer: LayerType, sources: Sequence[Sequence[str]], module: str) -> str:
    """The right side of the forward line; `sources` has the local variables at each port, `module` runs the layer."""
    words: dict[str, Any] = {
        port.name: call.joins.join(wired)
        for port, wired in zip(layer.inputs, sources, strict=True)
        if wired
    }
    if not layer.inputs and sources:
        words["in"] = sources[0][0]
    return call.forward.format_map({**words, **call.values, "self": module})
