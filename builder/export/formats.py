"""The formats a trained model can leave in; one file a format in export/kinds, found by existing; no torch."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from builder.errors import ExportError

if TYPE_CHECKING:
    from builder.train.trained import Trained

Purpose = Literal["python", "web", "serve", "runtimes", "smaller"]
PURPOSES: dict[Purpose, str] = {
    "python": "Keep working in Python",
    "web": "Run in a web page",
    "serve": "Serve to programs",
    "runtimes": "Other runtimes",
    "smaller": "Smaller",
}


class Format(NamedTuple):
    """What people read about a format, and the packages it needs beyond the core."""

    kind: str
    title: str
    summary: str
    extension: str
    purpose: Purpose
    order: int
    packages: tuple[str, ...] = ()


class Exporter(Protocol):
    """A module of export/kinds: its FORMAT, how it is written, and the program that reloads it cleanly."""

    FORMAT: Format
    RELOAD: str
    """A Python program run in a clean process: `artefact folder inputs.npz outputs.npz`."""
    FEEDS: Literal["raw", "prepared"]
    """What the reload program is fed: data as stored, or what the network itself is fed."""

    def write(self, trained: "Trained", path: Path) -> None:
        """Writes the format to `path`, atomically; ExportError when this model cannot be written so."""


@cache
def exporters() -> dict[str, Exporter]:
    """Every format's module by kind, in the order cards are shown."""
    from builder.export import kinds

    names = [module.name for module in pkgutil.iter_modules(kinds.__path__)]
    modules = [importlib.import_module(f"{kinds.__name__}.{name}") for name in names]
    modules.sort(key=lambda module: module.FORMAT.order)
    return {module.FORMAT.kind: module for module in modules}


def formats() -> tuple[Format, ...]:
    """Every format, in the order cards are shown."""
    return tuple(exporter.FORMAT for exporter in exporters().values())


def find(kind: str) -> Exporter:
    """The module of that format; ExportError lists the known ones."""
    known = exporters()
    if kind not in known:
        raise ExportError(f"There is no export format {kind!r}; choose one of {', '.join(known)}.")
    return known[kind]
