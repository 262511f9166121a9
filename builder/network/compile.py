"""From source to running modules: an allow-list, the file itself run, weights that depend on seed and layer only."""

import ast
import builtins
import hashlib
import linecache
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from builder.errors import NetworkError
from builder.layers import modules
from builder.network.shapes import execute
from builder.network.source import Source

_SYNTAX: tuple[type[ast.AST], ...] = (
    ast.Module, ast.Import, ast.ImportFrom, ast.alias, ast.ClassDef, ast.FunctionDef, ast.arguments, ast.arg,
    ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.For, ast.If, ast.Raise, ast.Call, ast.keyword,
    ast.Attribute, ast.Name, ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.Tuple, ast.List, ast.Dict,
    ast.Subscript, ast.Slice, ast.Starred, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp,
    ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.expr_context, ast.operator, ast.unaryop,
    ast.boolop, ast.cmpop,
)  # fmt: skip
_IMPORTS = {"torch", "math", "from torch import nn", "from typing import Any"}
_BUILTINS = {
    "super", "range", "len", "enumerate", "zip", "tuple", "list", "dict", "min", "max", "int", "float", "bool", "str",
    "sum", "reversed", "ValueError",
}  # fmt: skip
_TORCH = {
    "Tensor", "Size", "abs", "add", "amax", "arange", "bool", "cat", "clamp", "cos", "device", "dtype", "einsum", "exp",
    "finfo", "float32", "full", "gather", "int64", "log", "long", "matmul", "max", "maximum", "mean", "min", "minimum",
    "mul", "norm", "ones", "permute", "rand", "rand_like", "randn", "randn_like", "relu", "reshape", "rsqrt", "sigmoid",
    "sin", "softmax", "sqrt", "stack", "sum", "tanh", "tensor", "transpose", "tril", "triu", "unbind", "where", "zeros",
    "zeros_like", "ones_like", "empty", "inf", "square",
}  # fmt: skip


def allow(text: str) -> None:
    """Passes source that only builds and runs torch layers; anything else raises NetworkError, naming the line."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise NetworkError(f"The source does not parse: {error}.") from error
    owned = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        wrong = _forbidden(node, owned)
        if wrong:
            place = getattr(node, "lineno", 1)
            raise NetworkError(
                f"Line {place} of the source holds {wrong}, which no drawing makes; it is not run."
            )


def load(path: Path) -> dict[str, Any]:
    """The names a source file defines, after running that very file: tracebacks show its lines."""
    text = path.read_text(encoding="utf-8")
    allow(text)
    linecache.checkcache(str(path))
    name = f"layerloom_model_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # where inspect looks for the source of a class
    exec(compile(text, str(path), "exec"), module.__dict__)  # noqa: S102 - allow() has just read every node of it
    return module.__dict__


def build(source: Source, path: Path, seed: int) -> dict[str, nn.Module]:
    """The networks of a source as modules, by network name; the text is written to `path` and run from there.

    The initial weights of each layer depend on `seed` and its node id only, so that adding, renaming or removing
    another layer does not change them. torch's own generator is left as it was.
    """
    if not path.exists() or path.read_text(encoding="utf-8") != source.text:
        path.write_text(source.text, encoding="utf-8")
    defined = load(path)
    before = torch.get_rng_state()
    try:
        return {
            name: _seeded(defined[class_name], source.parts[name], f"{seed}/{name}")
            for name, class_name in source.classes.items()
        }
    finally:
        torch.set_rng_state(before)


def parameter_nodes(network_name: str, source: Source, module: nn.Module) -> dict[str, str]:
    """The node id of every parameter of a built network; of a block, the id of the placed node."""
    nodes = {name: node for node, name in source.identifiers[network_name].items()}
    return {name: nodes[name.split(".", 1)[0]] for name, _ in module.named_parameters()}


def _seeded(
    make: Callable[[], nn.Module], parts: tuple[tuple[str, str, str], ...], seed: str
) -> nn.Module:
    network = make()
    for place, key, constructor in parts:
        built = network.get_submodule(place)
        if next(built.parameters(), None) is None:
            continue
        torch.default_generator.manual_seed(_number(f"{seed}/{key}"))
        fresh = execute(constructor, {"nn": nn, "modules": modules})
        built.load_state_dict(fresh.state_dict())
    return network


def _number(words: str) -> int:
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big") >> 1


def _forbidden(node: ast.AST, owned: set[int]) -> str | None:
    """What is not allowed about one node of the syntax tree, in words; None when it is fine."""
    if not isinstance(node, _SYNTAX):
        return f"a {type(node).__name__}"
    if isinstance(node, ast.Import | ast.ImportFrom):
        odd = [words for words in _imported(node) if words not in _IMPORTS]
        return f"the import of {odd[0][:60]}" if odd else None
    if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.decorator_list:
        return "a decorator"
    if isinstance(node, ast.ClassDef) and [ast.unparse(one) for one in node.bases] != ["nn.Module"]:
        return "a class that is not an nn.Module"
    if isinstance(node, ast.Name):
        return _forbidden_name(node, owned)
    if isinstance(node, ast.Attribute):
        return _forbidden_attribute(node)
    if isinstance(node, ast.Call) and not isinstance(
        node.func, ast.Name | ast.Attribute | ast.Subscript
    ):
        return "a call of something computed"
    return None


def _forbidden_name(node: ast.Name, owned: set[int]) -> str | None:
    """Built-in functions beyond the harmless ones, and a library by another name."""
    hidden = node.id.startswith("__") or (node.id in dir(builtins) and node.id not in _BUILTINS)
    alone = node.id in ("torch", "nn", "math") and id(node) not in owned
    return f"the name {node.id[:40]}" if hidden or alone else None


def _forbidden_attribute(node: ast.Attribute) -> str | None:
    if node.attr.startswith("_") and node.attr != "__init__":
        return f"the attribute {node.attr[:40]}"
    owner = ast.unparse(node.value)
    if owner == "torch" and node.attr not in _TORCH:
        return f"torch.{node.attr[:40]}"
    if owner == "nn" and not _is_layer(node.attr):
        return f"nn.{node.attr[:40]}"
    if owner == "nn.functional" and isinstance(vars(nn.functional).get(node.attr), ModuleType):
        return f"nn.functional.{node.attr[:40]}"
    return None


def _is_layer(name: str) -> bool:
    known = vars(nn).get(name)
    if name in ("functional", "Parameter"):
        return True
    return isinstance(known, type) and issubclass(known, nn.Module)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    for one in node.names:
        words = f" as {one.asname}" if one.asname else ""
        if isinstance(node, ast.Import):
            yield f"{one.name}{words}"
        else:
            yield f"from {'.' * node.level}{node.module or ''} import {one.name}{words}"
