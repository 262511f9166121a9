"""What is wrong with a drawing, as values: the layer, what it got, what it needs, and fixes to click."""

from typing import Literal

from builder.spec.base import Frozen
from builder.spec.edits import Edit

Severity = Literal["error", "warning", "hint"]


class Fix(Frozen):
    """One click that mends a problem: a sentence and the edits that do it."""

    sentence: str
    edits: tuple[Edit, ...]


class Problem(Frozen):
    """Something that stops training (error), will probably hurt (warning), or could be better (hint).

    `code` is a stable word for tests and silencing (docs/problems.md lists all); `node` is a node id, or None for
    the whole project; `field` names the knob or setting, when there is one. `at_input` says that what flows into
    the node is at fault, not a setting of it.
    """

    code: str
    severity: Severity
    what: str
    got: str = ""
    expected: str = ""
    network: str | None = None
    node: str | None = None
    field: str | None = None
    at_input: bool = False
    fixes: tuple[Fix, ...] = ()
