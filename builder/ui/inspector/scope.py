"""The variables that expressions of the drawing looked at may use."""

from collections.abc import Mapping

from builder.network.expectation import EMPTY, Expectation
from builder.network.sizes import sizes_of
from builder.readiness import expect
from builder.ui.canvas.drawing import Drawing


def expected(drawing: Drawing) -> Expectation:
    """What the network looked at is to live up to."""
    return expect.expectations(drawing.document.project).get(drawing.root, EMPTY)


def scope_of(drawing: Drawing) -> Mapping[str, int | float]:
    """By name: the drawing's own variables, those from the data, and in a block the sizes of what flows in."""
    own = {variable.name: variable.value for variable in drawing.network.variables}
    return {**_flowing_in(drawing), **own, **expected(drawing).variables}


def _flowing_in(drawing: Drawing) -> Mapping[str, int | float]:
    """What expressions inside an open block may say of its first input; of its first use, as checked."""
    if not drawing.path:
        return {}
    outer = drawing.path[-2].block.id if len(drawing.path) > 1 else drawing.root
    told = drawing.told(outer, drawing.path[-1].node.id)
    return sizes_of(told.inputs) if told else {}
