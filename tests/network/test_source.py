import ast
import re
import subprocess
import sys

import pytest
import torch

from builder.errors import NetworkError
from builder.network.compile import allow, build
from builder.network.source import generate
from builder.spec.network import Expr, Variable

GOOD = ("input", ("conv2d", {"out_channels": Expr(expr="width * 2")}), "relu", "flatten",
        ("linear", {"out_features": Expr(expr="classes")}), "output")  # fmt: skip
WIDTH = (Variable(name="width", value=4),)


def test_the_source_reads_as_written_by_hand(chain, digits):
    source = generate(chain(*GOOD, variables=WIDTH), {"network": digits})
    assert (
        source.text
        == '''"""Untitled: PyTorch source drawn with LayerLoom."""

import torch
from torch import nn


class Network(nn.Module):
    """Untitled."""

    def __init__(self, width: int = 4, classes: int = 10) -> None:
        super().__init__()
        self.conv2d1 = nn.Conv2d(in_channels=1, out_channels=width * 2, kernel_size=3, padding=1)
        self.relu2 = nn.ReLU()
        self.flatten3 = nn.Flatten()
        self.linear4 = nn.Linear(in_features=512, out_features=classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """image: float32 (B, 1, 8, 8). Gives float32 (B, 10)."""
        conv2d1 = self.conv2d1(image)  # 8×8×8
        relu2 = self.relu2(conv2d1)  # 8×8×8
        flatten3 = self.flatten3(relu2)  # 512 values
        linear4 = self.linear4(flatten3)  # 10 values
        return linear4
'''
    )
    rows = source.text.splitlines()
    assert "self.relu2(conv2d1)" in rows[source.lines["network"]["n2"] - 1]
    assert source.inputs == {"network": ("image",)} and source.outputs == {"network": ("logits",)}


def test_without_its_taps_the_tapped_source_is_the_source(chain, digits):
    project = chain(*GOOD, variables=WIDTH)
    plain = generate(project, {"network": digits}).text
    tapped = generate(project, {"network": digits}, taps=True).text
    assert tapped != plain
    assert re.sub(r"^        self\.taps.*\n", "", tapped, flags=re.M) == plain


def test_taps_hold_what_each_layer_gave(chain, digits, tmp_path):
    project = chain(*GOOD, variables=WIDTH)
    plain = build(generate(project, {"network": digits}), tmp_path / "a.py", 1)["network"]
    source = generate(project, {"network": digits}, taps=True)
    twin = build(source, tmp_path / "b.py", 1)["network"]
    x = torch.randn(2, 1, 8, 8)
    assert torch.equal(plain(x), twin(x))
    assert set(twin.taps) == set(source.identifiers["network"].values())
    assert torch.equal(twin.taps["linear4"], plain(x))


HOSTILE = [
    "x)\nimport os",
    '"""',
    "'''",
    "#",
    "\r",
    "{{7*7}}",
    "__import__('os')",
    "__class__",
    "\\",
    '\\"""',
    "\u2028x",
    "ﬁ",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_names_stand_in_comments_and_strings_only(chain, digits, words):
    project = chain(*GOOD, variables=WIDTH)
    network = project.networks[0]
    nodes = tuple(n.model_copy(update={"name": f"{words}{i}"}) for i, n in enumerate(network.nodes))
    renamed = project.with_network(network.model_copy(update={"nodes": nodes})).model_copy(
        update={"name": words}
    )
    plain, hostile = (generate(p, {"network": digits}).text for p in (project, renamed))
    allow(hostile)
    shapes = [
        [type(node).__name__ for node in ast.walk(ast.parse(text))] for text in (plain, hostile)
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
    "name", ["nn", "torch", "self", "Network", "__class__", "lambda", "range", "super"]
)
def test_variables_with_reserved_names_still_run(chain, digits, tmp_path, name):
    kinds = (GOOD[0], ("conv2d", {"out_channels": Expr(expr=f"{name} + 1")}), *GOOD[2:])
    project = chain(*kinds, variables=(Variable(name=name, value=3),))
    module = build(generate(project, {"network": digits}), tmp_path / "model.py", 0)["network"]
    assert module(torch.zeros(1, 1, 8, 8)).shape == (1, 10)


def test_a_broken_drawing_is_refused_with_its_first_problem(chain, digits):
    with pytest.raises(NetworkError, match="conv2d1: filters must be"):
        generate(
            chain("input", ("conv2d", {"out_channels": 0}), "flatten", "linear", "output"),
            {"network": digits},
        )


def test_the_source_needs_only_torch_and_gives_the_same_answers_in_a_clean_process(
    chain, digits, tmp_path
):
    project = chain(*GOOD, variables=WIDTH)
    path = tmp_path / "model.py"
    module = build(generate(project, {"network": digits}), path, 3)["network"].eval()
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    code = (
        "import torch; from model import Network; n = Network(); n.load_state_dict(torch.load('weights.pt'));"
        "n.eval(); print([v.hex() for v in n(torch.arange(64.0).reshape(1, 1, 8, 8) / 64)[0].tolist()])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    own = module(torch.arange(64.0).reshape(1, 1, 8, 8) / 64)[0].tolist()
    assert said.stdout.strip() == str([value.hex() for value in own])


def test_two_outputs_come_back_as_a_tuple_and_unused_layers_stay_out(chain, digits, tmp_path):
    project = chain(*GOOD, variables=WIDTH)
    network = project.networks[0]
    from builder.spec.network import Node, Wire

    more = network.model_copy(
        update={
            "nodes": (*network.nodes, Node(id="o2", kind="output", name="inner", knobs={"role": "inner"}),
                      Node(id="z", kind="tanh", name="loose")),
            "wires": (*network.wires, Wire(source="n3", target="o2"), Wire(source="n3", target="z")),
        }
    )  # fmt: skip
    bare = digits._replace(outputs=())
    source = generate(project.with_network(more), {"network": bare})
    assert source.outputs["network"] == ("output5", "inner") and "loose" not in source.text
    made = build(source, tmp_path / "m.py", 0)["network"](torch.zeros(2, 1, 8, 8))
    assert [one.shape for one in made] == [(2, 10), (2, 512)]
