"""What building the preparation of a kind of data gives."""

from typing import Any, NamedTuple

from torch import nn


class Built(NamedTuple):
    """An unfitted input module, the raw fields it takes, and what read.py needs to know.

    `also` are further inputs that are made of them: name, module, what it takes.
    """

    name: str
    module: nn.Module
    reads: tuple[str, ...]
    settings: dict[str, Any]
    also: tuple[tuple[str, nn.Module, tuple[str, ...]], ...] = ()
