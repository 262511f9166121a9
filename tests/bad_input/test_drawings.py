"""Drawings nobody would draw (facts 75, 77 to 80, 83): refused by name, or code that runs as checked."""

import ast
import json
import random
import subprocess
import sys

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.layers.base import TensorType
from builder.network.check import check
from builder.network.compile import allow, build
from builder.network.source import generate
from builder.spec import codec
from builder.spec.network import Block, Expr, Network, Node, Variable, Wire
from builder.spec.project import Project
from tests.chance import FEEDS, KINDS, NAMES, drawn, expected, inputs_of, knobs_for, line

QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


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
    tapped = generate(made, {"network": expected(feed)}, taps=True)
    twin = build(tapped, folder / f"twin{seed}.py", seed)["network"].eval()
    torch.manual_seed(0)
    assert torch.equal(twin(inputs_of(feed, 3)), answer) or answer.isnan().any()
    words = tapped.identifiers["network"]
    for node in tapped.lines["network"]:
        if words[node] in twin.taps:
            placed, real = report.nodes[node], twin.taps[words[node]]
            told = (placed.outputs or placed.inputs)[0]
            assert (3, *told.shape) == real.shape, node
            assert told.dtype == str(real.dtype).removeprefix("torch."), node


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
    wires = [wire for p in made for graph in (*p.networks, *p.blocks) for wire in graph.wires]
    assert sum(wire.source_port.startswith("part") for wire in wires) > 5
    assert any(wire.source_port == "aside" for wire in wires)
    assert any(len(list(block.of_kind("output"))) > 1 for p in made for block in p.blocks)
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
