"""What is wrong with a drawing, as values: the layer, what it got, what it needs, and fixes to click."""

from typing import Literal

from builder.spec.base import Frozen
from builder.spec.edits import Edit

Severity = Literal["error", "warning", "hint"]


class Change(Frozen):
    """One thing a fix changes: what, at which node, from what to what, in words.

    `name` is the node's name; `before` and `after` are empty where there is nothing to say.
    """

    what: Literal["added", "removed", "setting", "connection", "shape", "parameters", "training"]
    name: str = ""
    node: str | None = None
    before: str = ""
    after: str = ""


class Fix(Frozen):
    """One click that mends a problem: a sentence, the edits that do it, and what they were seen to change.

    `changes` is empty until the fix has been tried.
    """

    sentence: str
    edits: tuple[Edit, ...]
    changes: tuple[Change, ...] = ()


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
