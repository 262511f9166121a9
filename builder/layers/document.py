"""Writes docs/layers.md from the catalogue: `python -m builder.layers.document`."""

from itertools import groupby
from pathlib import Path

from builder.layers.base import Family, LayerType
from builder.layers.bounds import times
from builder.layers.catalogue import KnobInfo, all_kinds, knobs
from builder.paths import ASSETS
from builder.spec.block_codec import read_block
from builder.spec.block_file import BlockFile

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


BLOCKS = ASSETS / "blocks"
ENDS = ("input", "output")
BLOCKS_HEAD = """
## Blocks

{count} blocks made of layers: place one like a layer, open it to see and change what is inside. Settings inside may use
the sizes of what flows in first: `in_channels`, `in_height`, `in_width` of an image, `in_steps`, `in_features` of a
sequence, `in_features` of a flat list. They are drawn by `python tests/draw_blocks.py`.
"""


def document() -> str:
    """The whole page as Markdown."""
    parts = [HEAD.format(count=len(all_kinds()), families=len(FAMILY_TITLES))]
    for family, kinds in groupby(all_kinds(), key=lambda kind: kind.family):
        parts.append(f"\n## {FAMILY_TITLES[family]}\n")
        parts += [_section(kind) for kind in kinds]
    files = [read_block(path) for path in sorted(BLOCKS.glob("*.block.json"))]
    parts.append(BLOCKS_HEAD.format(count=len(files)))
    parts += [_block(file) for file in sorted(files, key=lambda file: file.title)]
    return "".join(parts)


def _block(file: BlockFile) -> str:
    lines = [
        f"\n### {file.title}",
        "",
        " ".join(part for part in (file.summary, file.when, file.more) if part),
        "",
        f"Also found as: {', '.join(file.synonyms)} · [source]({file.reference})",
        "",
        f"Example: for {' and '.join(_shape(one.shape) for one in file.example)}. "
        f"Made of: {', '.join(node.name for node in file.block.nodes if node.kind not in ENDS)}.",
    ]
    rows = [f"| `{one.name}` | {one.value:g} | {one.note} |" for one in file.block.variables]
    return (
        "\n".join([*lines, "", "| setting | default | what it does |", "|---|---|---|", *rows])
        + "\n"
    )


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
    if not shape:
        return "one value"
    return f"{shape[0]} values" if len(shape) == 1 else times(shape)


if __name__ == "__main__":
    PLACE.write_text(document(), encoding="utf-8")
