"""Drawings nobody would draw (facts 75, 77 to 80, 83): refused by name, or code that runs as checked."""

import ast
import itertools
import json
import random
import subprocess
import sys

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.layers import catalogue
from builder.layers.base import TensorType
from builder.network.check import check
from builder.network.compile import allow, build
from builder.network.expectation import Expectation, Feed
from builder.network.source import generate
from builder.spec import codec
from builder.spec.network import Block, Expr, Network, Node, Variable, Wire
from builder.spec.project import Project

FEEDS = (
    TensorType((2, 8, 8), "float32", "image"),
    TensorType((12,), "float32", "features"),
    TensorType((6, 8), "float32", "sequence"),
)
KINDS = [k.kind for k in catalogue.all_kinds() if k.family != "input_output"]
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
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
        kind = dice.choice(KINDS)
        if blocks and dice.random() < 0.5:
            node = Node(
                id=f"n{place}", kind="block", name=dice.choice(NAMES), block=dice.choice(blocks).id,
                repeat=dice.choice((1, 1, 2, 3, Expr(expr="classes"))), share_weights=dice.random() < 0.2,
            )  # fmt: skip
            ports = [("in", 1)]
        else:
            node = Node(
                id=f"n{place}",
                kind=kind,
                name=dice.choice(NAMES),
                knobs=knobs_for(kind, dice, wild=False),
            )
            ports = [
                (p.name, 2 if p.many else 0 if p.optional else 1)
                for p in catalogue.find(kind).inputs
            ]
        new = list(
            dict.fromkeys(
                Wire(source=dice.choice(nodes[-2:]).id, target=node.id, target_port=port)
                for port, count in ports
                for _ in range(count)
            )
        )
        if not check(
            project([*nodes, node], [*wires, *new], blocks), "network", expected(feed)
        ).errors():
            nodes, wires = [*nodes, node], [*wires, *new]
    return nodes, wires


def project(nodes, wires, blocks=()):
    ends = (Node(id="out", kind="output", name="out"),)
    wires = (*wires, Wire(source=nodes[-1].id, target="out"))
    return Project(networks=(Network(nodes=(*nodes, *ends), wires=wires),), blocks=tuple(blocks))


def drawn(seed):
    """A good project with blocks, blocks in blocks and repetitions, from a number; and what it is fed."""
    dice = random.Random(seed)
    feed = dice.choice(FEEDS)
    blocks = []
    for number in range(dice.randint(0, 2)):
        nodes, wires = grown(dice, feed, blocks=tuple(blocks), longest=3)
        made = project(nodes, wires, blocks).networks[0]
        name = dice.choice(NAMES)
        blocks.append(Block(id=f"b{number}", name=name, nodes=made.nodes, wires=made.wires))
    nodes, wires = grown(dice, feed, blocks=tuple(blocks), longest=dice.randint(1, 6))
    return project(nodes, wires, blocks), feed


def inputs_of(feed, batch):
    return torch.randn((batch, *feed.shape), generator=torch.Generator().manual_seed(batch))


def runs_as_checked(seed, folder):
    """One random drawing: the check's shapes and sizes, the compiled module and its file agree."""
    made, feed = drawn(seed)
    report = check(made, "network", expected(feed))
    assert not report.errors()
    wanted = report.nodes["out"].inputs[0]
    back = codec.decode(codec.encode(made))
    assert back == made and codec.digest(back) == codec.digest(made)
    source = generate(made, {"network": expected(feed)})
    assert generate(back, {"network": expected(feed)}).text == source.text
    allow(source.text)
    assert_identifiers_are_plain(source.text)
    module = build(source, folder / f"model{seed}.py", seed)["network"].eval()
    for batch in (1, 3):
        torch.manual_seed(0)
        answer = module(inputs_of(feed, batch))
        assert answer.shape == (batch, *wanted.shape)
    assert report.parameters == sum(p.numel() for p in module.parameters())
    twin = build(
        generate(made, {"network": expected(feed)}, taps=True), folder / f"twin{seed}.py", seed
    )
    torch.manual_seed(0)
    assert torch.equal(twin["network"].eval()(inputs_of(feed, 3)), answer) or answer.isnan().any()


def assert_identifiers_are_plain(text):
    """Every name in the source is ASCII; names of the user's own are in comments and strings alone."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        for word in (getattr(node, field, "") for field in ("id", "attr", "arg", "name")):
            assert word is None or (word.isascii() and (word == "" or word.isidentifier())), word
    assert {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for alias in n.names} <= {
        "torch", "nn", "math", "functional", "annotations", "Any",
    }  # fmt: skip


@settings(QUIET, max_examples=40)
@given(st.integers(0, 2**32))
def test_drawings_with_nested_and_repeated_blocks_run_as_they_were_checked(tmp_path_factory, seed):
    runs_as_checked(seed, tmp_path_factory.mktemp("run"))


@pytest.mark.nightly
def test_a_thousand_drawings_run_as_they_were_checked(tmp_path):
    for seed in range(1000):
        runs_as_checked(seed, tmp_path)


def test_the_random_drawings_are_worth_their_name():
    """They hold blocks, blocks in blocks, repetitions and most kinds of layers, else the test above says little."""
    made = [drawn(seed)[0] for seed in range(40)]
    placed = [node for p in made for graph in (*p.networks, *p.blocks) for node in graph.nodes]
    assert sum(node.kind == "block" for node in placed) > 10
    assert any(node.kind == "block" for p in made for block in p.blocks for node in block.nodes)
    assert any(node.repeat != 1 for node in placed)
    assert len({node.kind for node in placed}) > 15


@settings(QUIET, max_examples=150)
@given(st.lists(st.sampled_from(NAMES) | st.text(max_size=200), min_size=6, max_size=6))
def test_hostile_names_of_everything_leave_the_same_program(names):
    def made(given):
        inner = Block(
            id="b", name=given[0][:200], summary=given[1][:200],
            nodes=(Node(id="i", kind="input", name=given[2]),
                   Node(id="l", kind="linear", name=given[3], knobs={"out_features": 5}),
                   Node(id="o", kind="output", name="o")),
            wires=line("i", "l", "o"),
        )  # fmt: skip
        nodes = (
            Node(id="i", kind="input", name=given[4]), Node(id="b", kind="block", block="b", name=given[5], repeat=2),
            Node(id="l", kind="linear", name=given[0], knobs={"out_features": Expr(expr="w")}),
            Node(id="o", kind="output", name=given[1]),
        )  # fmt: skip
        network = Network(
            nodes=nodes, wires=line("i", "b", "l", "o"), variables=(Variable(name="w", value=3, note=given[2][:200]),)
        )  # fmt: skip
        return Project(name=given[3], networks=(network,), blocks=(inner,))

    feed = TensorType((5,), "float32", "features")
    plain, hostile = (made(n) for n in (["a", "b", "c", "d", "e", "f"], names))
    reports = [check(p, "network", expected(feed)) for p in (plain, hostile)]
    assert [report.errors() for report in reports] == [(), ()]
    texts = [generate(p, {"network": expected(feed)}).text for p in (plain, hostile)]
    allow(texts[1])
    assert_identifiers_are_plain(texts[1])
    shapes = [sorted(type(n).__name__ for n in ast.walk(ast.parse(text))) for text in texts]
    assert shapes[0] == shapes[1]


def wild(seed):
    """A drawing of random kinds with senseless settings, wires and repetitions."""
    dice = random.Random(seed)
    count = dice.randint(1, 12)
    nodes = [
        Node(id=f"n{i}", kind=kind, name=dice.choice(NAMES), knobs=knobs_for(kind, dice, wild=True),
             repeat=dice.choice((1, 1, 1, 0, -1, 2**63, Expr(expr="classes"))), bypassed=dice.random() < 0.1)
        for i in range(count)
        for kind in [dice.choice([*KINDS, "input", "output"])]
    ]  # fmt: skip
    ports = ("in", "in", "in", "query", "h", "nobody", "__class__")
    wires = {
        Wire(
            source=dice.choice(nodes).id,
            target=dice.choice(nodes).id,
            target_port=dice.choice(ports),
        )
        for _ in range(dice.randint(0, 2 * count))
    }
    chain = line(*(n.id for n in nodes))
    network = Network(nodes=tuple(nodes), wires=(*chain, *sorted(wires - set(chain), key=str)))
    return Project(networks=(network,))


@settings(QUIET, max_examples=120)
@given(st.integers(0, 2**32))
def test_senseless_drawings_are_problems_in_words_and_never_exceptions(seed):
    made = wild(seed)
    report = check(made, "network", expected(FEEDS[seed % 3]))
    known = {node.id for node in made.networks[0].nodes}
    for problem in report.problems:
        assert problem.what.strip().endswith((".", "?", "!")), problem.what
        assert len(problem.what) < 1500 and "Traceback" not in problem.what
        assert problem.node is None or problem.node in known


def test_the_largest_web_of_wires_is_checked_in_steps_of_its_size():
    """2,000 layers and 8,000 wires in one circle: named after some calls a wire, not after every path was tried."""
    count = 2000
    nodes = tuple(Node(id=f"n{i}", kind="add", name=f"layer {i}") for i in range(count))
    wires = tuple(
        Wire(source=f"n{i}", target=f"n{(i + step) % count}") for i in range(count) for step in (1, 2, 3, 5)
    )  # fmt: skip
    made = Project(networks=(Network(nodes=nodes, wires=wires),))
    calls = 0

    def counted(frame, event, argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(counted)
    try:
        report = check(made, "network")
    finally:
        sys.setprofile(None)
    assert any(p.code == "cycle" for p in report.errors())
    assert 0 < calls < 100 * len(wires)


def test_a_clean_process_without_this_program_gives_the_same_answers(tmp_path):
    """The file alone, in a process that cannot import this program, whose text names no person, place or time."""
    asked, wanted = {}, {}
    for seed in range(6):
        made, feed = drawn(seed)
        path = tmp_path / f"model{seed}.py"
        module = build(generate(made, {"network": expected(feed)}), path, seed)["network"].eval()
        torch.save([module.state_dict(), inputs_of(feed, 2)], path.with_suffix(".pt"))
        torch.manual_seed(0)
        wanted[path.stem] = module(inputs_of(feed, 2)).double().sum().item().hex()
        asked[path.stem] = type(module).__name__
        text = path.read_text(encoding="utf-8")
        assert str(tmp_path) not in text and "builder" not in text and "/tmp" not in text
    code = (
        "import importlib, json, sys\n"
        "class Gone:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('builder', 'pydantic', 'pandas'): raise ImportError(name)\n"
        "sys.meta_path.insert(0, Gone())\n"
        "import torch\n"
        "for name, kind in json.loads(sys.argv[1]).items():\n"
        "    network = vars(importlib.import_module(name))[kind]()\n"
        "    state, x = torch.load(name + '.pt')\n"
        "    network.load_state_dict(state); network.eval(); torch.manual_seed(0)\n"
        "    print(name, network(x).double().sum().item().hex())\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, json.dumps(asked)], cwd=tmp_path, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert dict(row.split() for row in said.stdout.splitlines()) == wanted, said.stderr
