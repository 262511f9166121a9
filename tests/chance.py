"""Random drawings from a number: blocks in blocks, repetitions, several outputs, and names that nobody would give."""

import itertools
import random

import torch

from builder.layers import catalogue
from builder.layers.base import TensorType
from builder.network.check import check
from builder.network.expectation import Expectation, Feed
from builder.network.ports import ports
from builder.spec.network import Block, Expr, Network, Node, Wire
from builder.spec.project import Project

FEEDS = (
    TensorType((2, 8, 8), "float32", "image"),
    TensorType((12,), "float32", "features"),
    TensorType((6, 8), "float32", "sequence"),
)
KINDS = [k.kind for k in catalogue.all_kinds() if k.family != "input_output"]
SETTINGS = {kind: [info.name for info in catalogue.knobs(kind)] for kind in KINDS}
SEVERAL_OUTPUTS = [
    kind for kind in KINDS if len(catalogue.find(kind).outputs_with({"return_indices": True})) > 1
]
NAMES = (
    "x)\nimport os", '"""', "'''", "#", "\r", "\n", "{{7*7}}", "{0}", "__import__('os')", "__class__", "forward",
    "class", "self", "ﬁ", "fi", "\u202eevil", "", "l" * 200, "a.b", "nn", "torch", "super", "training", "\\",
    '\\"""', "\u2028", "\x00", "\x1b[31m", "日本", "éÉ", "1", "_", "None", "eval", "weight", "input", "x",
    "\x0c", "\x85",
)  # fmt: skip


def expected(feed):
    return Expectation(
        inputs=(Feed("data", feed),), variables={"classes": 3, "features": 12}, batch_size=4
    )


def line(*ids):
    return tuple(Wire(source=a, target=b) for a, b in itertools.pairwise(ids))


def knobs_for(kind, dice, *, wild):
    """Some knobs of a kind: within its bounds, or (wild) anything at all."""
    found = {}
    for info in catalogue.knobs(kind):
        if dice.random() < 0.6:
            continue
        if wild:
            found[info.name] = dice.choice(
                (0, -1, 2**63, -(2**63), 10**200, 1e308, -0.5, 1.5, True, "5", "", (), (0, 0), (3, 3, 3, 3, 3), (-1,),
                 Expr(expr="1//0"), Expr(expr="classes * 9999999999"), Expr(expr="nobody"), Expr(expr="-classes"))
            )  # fmt: skip
        elif info.type == "int":
            low = int(info.minimum if info.minimum is not None else 1)
            found[info.name] = dice.randint(low, min(low + 6, int(info.maximum or low + 6)))
        elif info.type == "bool":
            found[info.name] = dice.random() < 0.5
        elif info.type == "choice":
            found[info.name] = dice.choice(info.choices)
    return found


def grown(dice, feed, *, blocks=(), longest=6):
    """Nodes and wires that check without an error: what does not fit what is there is left out again."""
    nodes = [Node(id="n0", kind="input", name=dice.choice(NAMES))]
    wires = []
    for place in range(1, longest + 1):
        node = (
            placed_block(dice, place, blocks)
            if blocks and dice.random() < 0.5
            else layer(dice, place)
        )
        known = project(nodes, wires, blocks)
        given, _ = ports(known, node)
        taken = [
            (source.id, port)
            for source in nodes[-3:]
            for port in (ports(known, source) or ((), ()))[1]
        ]
        new = list(
            dict.fromkeys(
                Wire(source=source, source_port=port, target=node.id, target_port=each.name)
                for each in given
                for _ in range(2 if each.many else 0 if each.optional else 1)
                for source, port in [dice.choice(taken[-4:])]
            )
        )
        trial = project([*nodes, node], [*wires, *new], blocks)
        if not check(trial, "network", expected(feed)).errors():
            nodes, wires = [*nodes, node], [*wires, *new]
    return nodes, wires


def layer(dice, place):
    """A layer; one in four has several outputs."""
    kind = dice.choice(SEVERAL_OUTPUTS if dice.random() < 0.25 else KINDS)
    knobs = knobs_for(kind, dice, wild=False)
    if kind in SEVERAL_OUTPUTS:
        knobs |= {"return_indices": True} if "return_indices" in SETTINGS[kind] else {}
    return Node(id=f"n{place}", kind=kind, name=dice.choice(NAMES), knobs=knobs)


def placed_block(dice, place, blocks):
    """A use of a block, perhaps repeated, perhaps with shared weights."""
    return Node(
        id=f"n{place}", kind="block", name=dice.choice(NAMES), block=dice.choice(blocks).id,
        repeat=dice.choice((1, 1, 2, 3, Expr(expr="classes"))), share_weights=dice.random() < 0.2,
    )  # fmt: skip


def project(nodes, wires, blocks=()):
    """These layers, the last one's last output as the answer."""
    last = Node(id="out", kind="output", name="out")
    bare = Project(networks=(Network(nodes=tuple(nodes)),), blocks=tuple(blocks))
    port = (ports(bare, nodes[-1]) or ((), ("out",)))[1][-1]
    wires = (*wires, Wire(source=nodes[-1].id, source_port=port, target="out"))
    network = Network(nodes=(*nodes, last), wires=wires)
    return bare.model_copy(update={"networks": (network,)})


def with_second_output(dice, made):
    """Nodes and wires of a network with one more Output, from any of its layers; ready to be a block."""
    first = made.nodes[-1].model_copy(update={"knobs": {"role": "main"}})
    second = Node(id="out2", kind="output", name="aside", knobs={"role": "aside"})
    bare = Project(networks=(made,))
    source = dice.choice([node for node in made.nodes[:-1] if ports(bare, node)])
    wire = Wire(source=source.id, source_port=ports(bare, source)[1][0], target="out2")
    return (*made.nodes[:-1], first, second), (*made.wires, wire)


def drawn(seed):
    """A good project with blocks, blocks in blocks and repetitions, from a number; and what it is fed."""
    dice = random.Random(seed)
    feed = dice.choice(FEEDS)
    blocks = []
    for number in range(dice.randint(0, 2)):
        nodes, wires = grown(dice, feed, blocks=tuple(blocks), longest=3)
        made = project(nodes, wires, blocks).networks[0]
        nodes, wires = made.nodes, made.wires
        if dice.random() < 0.4:
            nodes, wires = with_second_output(dice, made)
        blocks.append(Block(id=f"b{number}", name=dice.choice(NAMES), nodes=nodes, wires=wires))
    nodes, wires = grown(dice, feed, blocks=tuple(blocks), longest=dice.randint(1, 6))
    return project(nodes, wires, blocks), feed


def inputs_of(feed, batch):
    return torch.randn((batch, *feed.shape), generator=torch.Generator().manual_seed(batch))
