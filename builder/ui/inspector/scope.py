"""The variables that expressions of the drawing looked at may use."""

from collections.abc import Mapping

from builder.network.expectation import EMPTY, Expectation
from builder.readiness import expect
from builder.ui.canvas.drawing import Drawing


def expected(drawing: Drawing) -> Expectation:
    """What the network looked at is to live up to."""
    return expect.expectations(drawing.document.project).get(drawing.network_name, EMPTY)


def scope_of(drawing: Drawing) -> Mapping[str, int | float]:
    """By name: the drawing's own variables and those that come from the data."""
    own = {variable.name: variable.value for variable in drawing.network.variables}
    return {**own, **expected(drawing).variables}
