"""Drawings written in one line, as docs/problems.md writes them.

`digits · input → flatten → linear(out_features=10) → output`: a task, then chains of layers, `;` between them. A layer
is `kind(setting=value)`, `name=kind(...)`, or the name of one already there, with `.port` where it matters; `$x` is an
expression, `'a'` after it a name as people give it, `!frozen` and `!bypassed` marks. `block b: ...` draws a block,
`let d=3` defines a variable, `batch=1` sets the batch size.
"""

import re

from builder.layers.base import TensorType
from builder.network.expectation import EMPTY, Expectation, Feed, Want
from builder.spec.network import Block, Expr, Network, Node, Variable, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec


def _logits(classes):
    return (Want("logits", (classes,), "logits", f"because the data has {classes} classes"),)


def _task(feeds, wants, **variables):
    return Expectation(inputs=feeds, outputs=wants, variables=variables, batch_size=32)


_IMAGE = Feed("image", TensorType((1, 8, 8), "float32", "image"))
_NUMBER = (Want("value", (1,), "numbers"),)
TASKS = {
    "nothing": EMPTY,
    "digits": _task((_IMAGE,), _logits(10), classes=10, features=64),
    "photos": _task(
        (Feed("image", TensorType((3, 64, 64), "float32", "image")),), _logits(10), classes=10
    ),
    "words": _task(
        (Feed("text", TensorType((12,), "int64", "tokens")),), _logits(2), classes=2, vocabulary=500
    ),
    "codes": _task((Feed("codes", TensorType((10,), "int64", "tokens")),), _logits(10), classes=10),
    "series": _task((Feed("series", TensorType((9, 5), "float32", "sequence")),), _NUMBER),
    "numbers": _task((Feed("numbers", TensorType((16,), "float32", "features")),), _NUMBER, features=16),
    "two fields": _task((_IMAGE, Feed("age", TensorType((1,), "float32", "features"))), _logits(10), classes=10),
    "two answers": _task((_IMAGE,), (*_logits(10), Want("age", (1,), "numbers")), classes=10),
}  # fmt: skip

_STEP = re.compile(
    r"(?:(?P<name>\w+)=)?(?P<kind>\w+)(?:\.(?P<port>\w+))?(?:\((?P<knobs>.*)\))?(?:'(?P<label>[^']*)')?(?P<marks>(?:!\w+)*)$"
)


def draw(text):
    """The project and the expectation a line stands for."""
    task, *statements = [part.strip() for part in re.split(r"·|;", text)]
    expectation, networks, blocks, variables = TASKS[task], {}, [], []
    main = ([], [])
    for statement in statements:
        if statement.startswith("batch="):
            expectation = expectation._replace(batch_size=int(statement[6:]))
        elif statement.startswith("let "):
            name, value = statement[4:].split("=")
            variables.append(Variable(name=name, value=int(value)))
        elif statement.startswith("block "):
            name, chain = statement[6:].split(":", 1)
            parts = networks.setdefault(name, ([], []))
            if chain.strip():
                _chain(chain, *parts)
        elif statement:
            _chain(statement, *main)
    blocks = [
        Block(id=name, name=name, nodes=tuple(nodes), wires=tuple(wires))
        for name, (nodes, wires) in networks.items()
    ]
    network = Network(nodes=tuple(main[0]), wires=tuple(main[1]), variables=tuple(variables))
    training = TrainingSpec(batch_size=expectation.batch_size if expectation is not EMPTY else None)
    return Project(networks=(network,), blocks=tuple(blocks), training=training), expectation


def _chain(text, nodes, wires):
    before = None
    for step in text.split("→"):
        match = _STEP.match(step.strip())
        assert match, step
        known = {node.id for node in nodes}
        name = match["name"] or match["kind"]
        if match["name"] or match["kind"] not in known or match["knobs"] is not None:
            name = match["name"] or _free(match["kind"], known)
            nodes.append(_node(name, match))
        if before is not None:
            wires.append(Wire(source=before, target=name, target_port=match["port"] or "in"))
        before = name


def _free(stem, known):
    return next(n for n in (stem, *(f"{stem}{i}" for i in range(2, 999))) if n not in known)


def _node(name, match):
    knobs = dict(
        _knob(one) for one in re.findall(r"\w+=(?:\[[^\]]*\]|[^,]+)", match["knobs"] or "")
    )
    own = {key: knobs.pop(key) for key in ("block", "repeat", "share_weights") if key in knobs}
    marks = {mark: True for mark in match["marks"].split("!") if mark}
    label = name if match["label"] is None else match["label"]
    return Node(id=name, kind=match["kind"], name=label, knobs=knobs, **own, **marks)


def _knob(text):
    name, value = text.strip().split("=", 1)
    return name, _value(value.strip())


def _value(text):
    if text.startswith("["):
        return tuple(int(part) for part in text[1:-1].split(",") if part.strip())
    if text.startswith("$"):
        return Expr(expr=text[1:])
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
