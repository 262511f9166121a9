import ast
import inspect
from typing import Any

import pytest
import torch
from torch import nn

from builder.layers import modules

OWN = [
    thing
    for thing in vars(modules).values()
    if inspect.isclass(thing) and thing.__module__.startswith(modules.__name__)
]


@pytest.mark.parametrize("module", OWN, ids=lambda module: module.__name__)
def test_each_class_stands_alone_when_printed(module: type[nn.Module]) -> None:
    source = inspect.getsource(module)
    import math

    scope: dict[str, Any] = {"torch": torch, "nn": nn, "math": math, "Any": Any}
    exec(compile(source, "model.py", "exec"), scope)
    assert issubclass(scope[module.__name__], nn.Module)
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    assert not names & {other.__name__ for other in OWN if other is not module}


@pytest.mark.parametrize("module", OWN, ids=lambda module: module.__name__)
def test_nothing_in_place_and_nothing_that_depends_on_values(module: type[nn.Module]) -> None:
    tree = ast.parse(inspect.getsource(module))
    forward = next(
        n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "forward"
    )
    attributes = {node.attr for node in ast.walk(forward) if isinstance(node, ast.Attribute)}
    assert not attributes & {"item", "tolist", "cpu", "numpy", "any", "all"}
    assert not [name for name in attributes if name.endswith("_") and not name.startswith("__")]
    assert ast.get_docstring(forward) and ast.get_docstring(tree.body[0])  # type: ignore[arg-type]


def test_the_mean_and_the_largest_count_real_steps_only() -> None:
    x, lengths = torch.randn(3, 5, 2), torch.tensor([5, 2, 1])
    for how in ("mean", "max"):
        result = modules.PooledSteps(how)(x, lengths)
        for i, length in enumerate(lengths.tolist()):
            real = x[i, :length]
            expected = real.mean(0) if how == "mean" else real.amax(0)
            torch.testing.assert_close(result[i], expected)
