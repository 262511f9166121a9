"""Writes docs/layers.md from the catalogue: `python -m builder.layers.document`."""

from itertools import groupby
from pathlib import Path

from builder.layers.base import Family, LayerType
from builder.layers.bounds import times
from builder.layers.catalogue import KnobInfo, all_kinds, knobs

PLACE = Path(__file__).parents[2] / "docs" / "layers.md"

FAMILY_TITLES: dict[Family, str] = {
    "input_output": "Input and output",
    "dense": "Dense and embedding",
    "convolution": "Convolution",
    "pooling": "Pooling",
    "activation": "Activation",
    "normalisation": "Normalisation and dropout",
    "recurrent": "Recurrent",
    "attention": "Attention and positions",
    "shape": "Shape",
    "merge": "Merging branches",
}

HEAD = """# The layers

{count} kinds in {families} families. This page is written by `python -m builder.layers.document`; edit the classes in
`builder/layers/` instead. Shapes leave the batch out: images are channels × height × width, sequences steps × features,
and Conv1d works on channels × steps.
"""


def document() -> str:
    """The whole page as Markdown."""
    parts = [HEAD.format(count=len(all_kinds()), families=len(FAMILY_TITLES))]
    for family, kinds in groupby(all_kinds(), key=lambda kind: kind.family):
        parts.append(f"\n## {FAMILY_TITLES[family]}\n")
        parts += [_section(kind) for kind in kinds]
    return "".join(parts)


def _section(kind: type[LayerType]) -> str:
    words = " ".join(part for part in (kind.summary, kind.when, kind.more) if part)
    lines = [
        f"\n### {kind.title}",
        "",
        words,
        "",
        f"`{kind.kind}` · also found as: {', '.join(kind.synonyms)}",
    ]
    ports = [
        port.name + (" (optional)" if port.optional else " (any number)" if port.many else "")
        for port in kind.inputs
    ]
    if ports not in (["in"], []):
        lines += ["", f"Inputs: {', '.join(ports)}."]
    if kind.inputs:
        lines += ["", f"Example: {_example(kind)}"]
    infos = knobs(kind.kind)
    if infos:
        lines += ["", "| setting | default | allowed | what it does |", "|---|---|---|---|"]
        lines += [_row(info) for info in infos]
    return "\n".join(lines) + "\n"


def _example(kind: type[LayerType]) -> str:
    given = " and ".join(_shape(one.shape) for wired in kind.example for one in wired)
    call = kind().call(*kind.example)
    arguments = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
    built = f" `{call.constructor}({arguments})`" if call.constructor else ""
    return f"for {given},{built or ' `' + _line(kind) + '`'}."


def _line(kind: type[LayerType]) -> str:
    """The forward line with x, y in place of the inputs."""
    call = kind().call(*kind.example)
    names = iter("xyz")
    words = {
        port.name: call.joins.join(next(names) for _ in wired)
        for port, wired in zip(kind.inputs, kind.example, strict=True)
        if wired
    }
    return call.forward.format(**words, **call.values)


def _row(info: KnobInfo) -> str:
    return f"| {info.label} `{info.name}` | {_default(info)} | {info.needs()} | {info.help} |"


def _default(info: KnobInfo) -> str:
    if isinstance(info.default, bool):
        return "on" if info.default else "off"
    if isinstance(info.default, tuple):
        return ", ".join(str(part) for part in info.default) or "none"
    return str(info.default) or "none"


def _shape(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} values" if len(shape) == 1 else times(shape)


if __name__ == "__main__":
    PLACE.write_text(document(), encoding="utf-8")
