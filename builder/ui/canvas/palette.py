"""What the canvas may add: every kind of layer with its words and ports, and which kinds take what flows."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from builder.layers import catalogue
from builder.layers.base import Family, LayerType, TensorType
from builder.layers.following import followers
from builder.ui import words
from builder.ui.theme import LIGHT

FAMILY_TITLES: dict[Family, str] = {
    "input_output": "Input and output",
    "dense": "Dense and embedding",
    "convolution": "Convolution",
    "pooling": "Pooling",
    "activation": "Activation",
    "normalisation": "Normalisation and dropout",
    "recurrent": "Recurrent",
    "attention": "Attention",
    "shape": "Shape",
    "merge": "Merge and arithmetic",
}


@lru_cache(maxsize=1)
def palette() -> dict[str, Any]:
    """Families and kinds as the canvas shows them, with a hash by which it says that it has them."""
    kinds = {kind.kind: _words(kind) for kind in catalogue.all_kinds()}
    used = {info["family"] for info in kinds.values()}
    families = [
        {"id": family, "title": title, "icon": LIGHT.families[family].icon}
        for family, title in sorted(
            FAMILY_TITLES.items(), key=lambda item: item[0] == "input_output"
        )
        if family in used
    ]
    content = {"families": families, "kinds": kinds}
    text = json.dumps(content, sort_keys=True)
    return {"hash": hashlib.sha256(text.encode()).hexdigest()[:16], **content}


def _words(kind: type[LayerType]) -> dict[str, Any]:
    return {
        "title": kind.title,
        "family": kind.family,
        "summary": kind.summary,
        "when": kind.when,
        "link": kind.link(),
        "synonyms": list(kind.synonyms),
        "slug": kind.slug or kind.kind,
        "brief": kind().brief(),
        "inputs": [port._asdict() for port in kind.inputs],
        "outputs": list(kind.outputs),
        "follows": [one.kind for one in followers(kind)],
    }


def type_key(given: TensorType) -> str:
    """A short name for what flows through a wire; equal exactly for equal types."""
    return f"{'×'.join(map(str, given.shape))}|{given.dtype}|{given.role}"


@lru_cache(maxsize=512)
def unfit(given: TensorType) -> dict[str, str]:
    """The kinds that do not take this type at their first port with default settings, each with the reason."""
    reasons: dict[str, str] = {}
    for kind in catalogue.all_kinds():
        if not kind.inputs:
            reasons[kind.kind] = f"{kind.title} takes no input."
            continue
        free: tuple[tuple[TensorType, ...], ...] = ((),) * (len(kind.inputs) - 1)
        wrong = kind().accepts((given,), *free)
        if wrong is not None and wrong.port == kind.inputs[0].name and wrong.knob is None:
            reasons[kind.kind] = f"needs {wrong.needs}; this gives {words.shape(given.shape)}"
    return reasons
