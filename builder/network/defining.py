"""The fix for a name that no variable has: make the variable."""

from collections.abc import Mapping
from typing import Any

from builder.spec.arithmetic import Number
from builder.spec.edits import SetVariable
from builder.spec.expressions import names_in
from builder.spec.network import Expr, Knob, Variable
from builder.spec.problems import Fix

USUAL = 64


def missing(value: Knob, scope: Mapping[str, Number]) -> tuple[str, ...]:
    """Names a setting uses that no variable of the scope has."""
    parts = value if isinstance(value, tuple) else (value,)
    texts = [part.expr for part in parts if isinstance(part, Expr)]
    found = [name for text in texts for name in names_in(text) if name not in scope]
    return tuple(dict.fromkeys(found))


def define_fixes(
    value: Knob, scope: Mapping[str, Number], graph: str, usual: Any = None
) -> tuple[Fix, ...]:
    """One fix for each name that is missing: `Create d_model = 64`.

    A setting that is nothing but the name takes `usual`, the default of the setting, where that is a number.
    """
    fixes = []
    for name in missing(value, scope):
        alone = isinstance(value, Expr) and value.expr.strip() == name
        number = usual if alone and _is_number(usual) else USUAL
        edit = SetVariable(graph=graph, variable=Variable(name=name[:40], value=number))
        fixes.append(Fix(sentence=f"Create {name} = {number}", edits=(edit,)))
    return tuple(fixes)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
