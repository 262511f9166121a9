import inspect
import traceback

import pytest
import torch

from builder.errors import NetworkError
from builder.layers import modules
from builder.network.compile import allow, build, load, parameter_nodes
from builder.network.source import generate
from builder.spec.edits import ChangeNode, InsertNode, apply_all
from builder.spec.network import Node

GOOD = ("input", "conv2d", "relu", "flatten", ("linear", {"out_features": 10}), "output")


@pytest.mark.parametrize(
    "line",
    [
        "import os", "from os import path", "import torch as t", "from torch import hub", "eval('1')", "x = eval",
        "open('f')", "torch.load('f')", "torch.hub.load('a', 'b')", "nn.Module.__subclasses__()", "t = torch",
        "().__class__", "lambda: 1", "@nn.Module\nclass A(nn.Module): pass", "class A(dict): pass", "exec('1')",
        "getattr(nn, 'x')", "with open('f'): pass", "nn.functional.importlib.import_module('os')", "def f(: pass",
        "try:\n    pass\nexcept Exception: pass", "while True: pass", "global x", "async def f(): pass", "__builtins__",
    ],
)  # fmt: skip
def test_what_no_drawing_makes_is_not_run(line):
    with pytest.raises(NetworkError):
        allow(f"import torch\nfrom torch import nn\n{line}\n")


def test_our_own_modules_are_allowed():
    for file in modules.FILES:
        allow(inspect.getsource(file))


def test_a_refused_file_is_not_run(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(f"import os\nos.mkdir({str(tmp_path / 'made')!r})\n")
    with pytest.raises(NetworkError, match="Line 1"):
        load(path)
    assert not (tmp_path / "made").exists()


def test_a_traceback_shows_the_line_of_the_file(chain, digits, tmp_path):
    source = generate(chain(*GOOD), {"network": digits})
    path = tmp_path / "model.py"
    module = build(source, path, 0)["network"]
    with pytest.raises(RuntimeError) as caught:
        module(torch.zeros(1, 1, 9, 9))
    frame = next(
        f for f in traceback.extract_tb(caught.value.__traceback__) if f.filename == str(path)
    )
    assert frame.lineno == source.lines["network"]["n4"] and "self.linear4(" in frame.line
    assert "self.linear4 = nn.Linear" in inspect.getsource(type(module))


def test_weights_depend_on_seed_and_layer_only(chain, digits, tmp_path):
    project = chain(*GOOD)
    node = Node(id="new", kind="conv2d", name="more", knobs={"out_channels": 32})
    edits = (
        InsertNode(graph="network", node=node, after="n2"),
        ChangeNode(graph="network", node="n1", name="first"),
    )
    before, after, other = (
        build(generate(one, {"network": digits}), tmp_path / f"{place}.py", seed)["network"]
        for place, (one, seed) in enumerate(
            [(project, 5), (apply_all(edits, project), 5), (project, 6)]
        )
    )
    assert torch.equal(before.conv2d1.weight, after.first.weight)
    assert torch.equal(before.linear4.bias, after.linear4.bias)
    assert not torch.equal(before.conv2d1.weight, other.conv2d1.weight)
    assert not torch.equal(after.more.weight[0, 0], after.first.weight[0, 0])


def test_building_leaves_the_generator_of_torch_alone(chain, digits, tmp_path):
    source = generate(chain(*GOOD), {"network": digits})
    state = torch.get_rng_state()
    build(source, tmp_path / "model.py", 0)
    assert torch.equal(state, torch.get_rng_state())


def test_every_parameter_belongs_to_a_node(chain, digits, tmp_path):
    source = generate(chain(*GOOD), {"network": digits})
    module = build(source, tmp_path / "model.py", 0)["network"]
    assert parameter_nodes("network", source, module) == {
        "conv2d1.weight": "n1", "conv2d1.bias": "n1", "linear4.weight": "n4", "linear4.bias": "n4",
    }  # fmt: skip
