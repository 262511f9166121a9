from itertools import pairwise

import pytest
import torch

from builder.network.check import check
from builder.network.compile import build
from builder.network.source import generate
from builder.spec.network import Block, Expr, Network, Node, Variable, Wire
from builder.spec.project import Project


def wires(*ids):
    return tuple(Wire(source=a, target=b) for a, b in pairwise(ids))


CONV = Block(
    id="b1",
    name="Conv block",
    variables=(Variable(name="width", value=8),),
    nodes=(
        Node(id="i", kind="input", name="in"),
        Node(id="c", kind="conv2d", name="conv", knobs={"out_channels": Expr(expr="width")}),
        Node(id="r", kind="relu", name="relu"),
        Node(id="o", kind="output", name="out"),
    ),
    wires=wires("i", "c", "r", "o"),
)
PAIR = Block(
    id="b2",
    name="Pair",
    variables=(Variable(name="wide", value=8),),
    nodes=(
        Node(id="i", kind="input", name="in"),
        Node(id="x", kind="block", name="first", block="b1", knobs={"width": Expr(expr="wide")}),
        Node(
            id="y",
            kind="block",
            name="second",
            block="b1",
            repeat=2,
            knobs={"width": Expr(expr="wide")},
        ),
        Node(id="o", kind="output", name="out"),
    ),
    wires=wires("i", "x", "y", "o"),
)


def project(*placed, blocks=(CONV, PAIR), variables=()):
    nodes = (
        Node(id="i", kind="input", name="image"),
        *placed,
        Node(id="f", kind="flatten", name="flat"),
        Node(id="l", kind="linear", name="head", knobs={"out_features": 10}),
        Node(id="o", kind="output", name="out"),
    )
    network = Network(nodes=nodes, wires=wires(*[n.id for n in nodes]), variables=variables)
    return Project(networks=(network,), blocks=blocks)


def block(node_id, of="b1", **more):
    return Node(id=node_id, kind="block", name=node_id, block=of, **more)


def run(made, digits, tmp_path):
    source = generate(made, {"network": digits})
    module = build(source, tmp_path / "model.py", 0)["network"]
    assert module(torch.zeros(3, 1, 8, 8)).shape == (3, 10)
    return source, module


def test_a_nested_repeated_block_has_the_parameters_of_the_module_it_becomes(digits, tmp_path):
    made = project(block("p", "b2"), block("q", "b2", repeat=3, knobs={"wide": 8}))
    report = check(made, "network", digits)
    assert report.problems == ()
    source, module = run(made, digits, tmp_path)
    assert report.parameters == sum(p.numel() for p in module.parameters())
    assert report.hidden_layers == 3 + 9
    assert "nn.ModuleList(Pair(" in source.text and "for layer in self.q:" in source.text


def test_sizes_that_differ_from_use_to_use_become_arguments(digits, tmp_path):
    source, _ = run(project(block("a"), block("b", knobs={"width": 12})), digits, tmp_path)
    assert "def __init__(self, in_channels: int, width: int = 8)" in source.text
    assert "self.a = ConvBlock(in_channels=1)" in source.text
    assert "self.b = ConvBlock(in_channels=8, width=12)" in source.text


def test_a_shared_block_is_one_module_run_again(digits, tmp_path):
    made = project(block("a"), block("b", repeat=4, share_weights=True))
    source, module = run(made, digits, tmp_path)
    assert check(made, "network", digits).parameters == sum(p.numel() for p in module.parameters())
    assert "for _ in range(4):" in source.text and "self.b = ConvBlock(" in source.text


def test_repetitions_with_settings_of_their_own_are_listed(digits, tmp_path):
    listed = ({"width": Expr(expr="w")}, {"width": Expr(expr="w * 2")})
    made = project(
        block("s", repeat=2, repeat_knobs=listed), variables=(Variable(name="w", value=4),)
    )
    source, module = run(made, digits, tmp_path)
    assert "ConvBlock(in_channels=4, width=w * 2)," in source.text
    assert module.s[1].conv.out_channels == 8


def test_a_repeated_block_that_changes_its_shape_is_a_problem(digits):
    (problem,) = check(project(block("a", repeat=3)), "network", digits).errors()
    assert problem.code == "repeat_shape" and problem.got == "8×8×8" and problem.expected == "1×8×8"


@pytest.mark.parametrize(
    ("node", "code"),
    [
        (block("a", "nope"), "unknown_block"),
        (block("a", repeat=0), "bad_setting"),
        (block("a", repeat=Expr(expr="zz")), "bad_expression"),
        (block("a", knobs={"depth": 3}), "bad_setting"),
        (block("a", knobs={"width": "x"}), "bad_setting"),
        (block("a", knobs={"width": 0}), "inside"),
        (block("a", repeat=3, repeat_knobs=({"width": 1},)), "repeat_settings"),
    ],
)
def test_what_is_wrong_with_a_placed_block_is_told_at_it(digits, node, code):
    problem = check(project(node), "network", digits).errors()[0]
    assert (problem.code, problem.node) == (code, "a")


def test_a_block_that_holds_itself_is_a_problem(digits):
    inner, outer = (
        Block(
            id=own,
            name="Ring",
            nodes=(
                Node(id="i", kind="input", name="in"),
                block("x", other),
                Node(id="o", kind="output", name="out"),
            ),
            wires=wires("i", "x", "o"),
        )
        for own, other in (("b1", "b2"), ("b2", "b1"))
    )
    report = check(project(block("a", "b2"), blocks=(inner, outer)), "network", digits)
    assert any("would hold itself" in p.what for p in report.errors())


def test_a_block_nested_hundreds_deep_is_refused_not_overflowed(digits):
    blocks = [CONV]
    for depth in range(2, 200):
        nodes = (
            Node(id="i", kind="input", name="in"),
            block("x", f"b{depth - 1}"),
            block("y", f"b{depth - 1}"),
            Node(id="o", kind="output", name="out"),
        )
        blocks.append(
            Block(id=f"b{depth}", name="deep", nodes=nodes, wires=wires("i", "x", "y", "o"))
        )
    report = check(project(block("a", "b199"), blocks=tuple(blocks)), "network", digits)
    assert any("nested deeper" in p.what for p in report.errors())


def test_a_repetition_is_checked_once_or_twice_however_often_it_repeats(digits, monkeypatch):
    import builder.network.walk as walk

    counted = []
    real = walk.Walker.walk
    monkeypatch.setattr(
        walk.Walker, "walk", lambda self, *a, **k: counted.append(1) or real(self, *a, **k)
    )
    check(project(block("a"), block("b", repeat=900)), "network", digits)
    assert len(counted) <= 4
