"""Which templates of the gallery somebody looks for: by words, task, data and minutes."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from builder.layers import catalogue
from builder.projects.templates import Template


class Wanted(NamedTuple):
    """What the templates must be like; empty or None asks for nothing."""

    text: str = ""
    task: str | None = None
    dataset: str | None = None
    most_minutes: float | None = None


def found(templates: Iterable[Template], wanted: Wanted) -> list[Template]:
    """The templates that have all that is wanted, those first whose title holds the words."""
    words = _words(wanted.text)
    fitting = [one for one in templates if _suits(one, wanted)]
    if not words:
        return fitting
    matched = [one for one in fitting if all(_holds(searched(one), word) for word in words)]
    return sorted(matched, key=lambda one: not all(word in one.title.casefold() for word in words))


def searched(template: Template) -> str:
    """Everything that words are looked for in: what is said of it, its blocks, and its layers."""
    project = template.project
    kinds = {
        node.kind for graph in (*project.networks, *project.blocks) for node in graph.nodes
    } - {"block", "input", "output"}
    layers = [kind for name in sorted(kinds) if (kind := catalogue.find(name))]
    parts = [template.title, template.teaches, template.recipe, template.dataset]
    parts += [block.name for block in project.blocks]
    parts += [f"{layer.title} {layer.kind}" for layer in layers]
    return " ".join(parts).casefold()


def _suits(template: Template, wanted: Wanted) -> bool:
    return (
        wanted.task in (None, template.recipe)
        and wanted.dataset in (None, template.dataset)
        and (wanted.most_minutes is None or template.minutes <= wanted.most_minutes)
    )


def _holds(text: str, word: str) -> bool:
    """Whether a word of the text begins so; four letters and more are found inside words, too."""
    return re.search(rf"(?<!\w){re.escape(word)}", text) is not None or (
        len(word) > 3 and word in text
    )


def _words(text: str) -> list[str]:
    return text.casefold().split()
