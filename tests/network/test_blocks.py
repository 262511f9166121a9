from itertools import pairwise

import pytest
import torch

from builder.network.check import check
from builder.network.compile import build
from builder.network.source import generate
from builder.spec.edits import apply_all
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


def test_what_hurts_inside_a_block_is_found_once_there_and_names_the_block(digits):
    """Two weighted sums in a row, in a block in a block that is placed three times."""
    inner = Block(
        id="sums", name="Two sums",
        nodes=(Node(id="i", kind="input", name="i"),
               Node(id="a", kind="linear", name="first", knobs={"out_features": 32}),
               Node(id="b", kind="linear", name="second", knobs={"out_features": 32}),
               Node(id="o", kind="output", name="o")),
        wires=tuple(Wire(source=x, target=y) for x, y in pairwise("iabo")),
    )  # fmt: skip
    outer = Block(
        id="outer", name="Outer",
        nodes=(Node(id="i", kind="input", name="i"), block("s", "sums"),
               Node(id="o", kind="output", name="o")),
        wires=tuple(Wire(source=x, target=y) for x, y in pairwise("iso")),
    )  # fmt: skip
    nodes = (
        Node(id="i", kind="input", name="image"), Node(id="f", kind="flatten", name="flat"),
        block("p", "outer"), block("q", "outer", repeat=2),
        Node(id="l", kind="linear", name="answer", knobs={"out_features": 10}),
        Node(id="o", kind="output", name="out"),
    )  # fmt: skip
    wires = tuple(Wire(source=x, target=y) for x, y in pairwise("ifpqlo"))
    made = Project(networks=(Network(nodes=nodes, wires=wires),), blocks=(outer, inner))
    (problem,) = [one for one in check(made, "network", digits).problems if one.network == "sums"]
    assert (problem.code, problem.node, problem.severity) == ("no_activation", "b", "hint")
    assert problem.what.startswith("Inside Two sums: first and second follow each other")
    mended = apply_all(problem.fixes[0].edits, made)
    assert [node.kind for node in mended.block("sums").nodes].count("relu") == 1
    assert not [p for p in check(mended, "network", digits).problems if p.network == "sums"]


def test_the_other_branch_of_a_block_sees_what_a_shortcut_skips(digits):
    """A 1×1 window that moves two places is fine beside one that looks at all of them."""

    def drawn(other):
        nodes = (
            Node(id="i", kind="input", name="image"),
            Node(id="s", kind="conv2d", name="short", knobs={"kernel_size": 1, "padding": 0, "stride": 2}),
            *other, Node(id="f", kind="flatten", name="flat"),
            Node(id="l", kind="linear", name="answer", knobs={"out_features": 10}),
            Node(id="o", kind="output", name="out"),
        )  # fmt: skip
        ways = ("is", "sf", "fl", "lo") if not other else ("is", "iw", "sx", "wx", "xf", "fl", "lo")
        wires = tuple(Wire(source=a, target=b) for a, b in ways)
        return Project(networks=(Network(nodes=nodes, wires=wires),))

    wide = Node(id="w", kind="conv2d", name="wide", knobs={"stride": 2})
    joined = (wide, Node(id="x", kind="add", name="sum"))
    alone, beside = (
        [p.code for p in check(drawn(other), "network", digits).problems] for other in ((), joined)
    )
    assert "skipped_places" in alone and "skipped_places" not in beside
