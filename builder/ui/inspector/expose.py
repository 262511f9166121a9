"""The pin beside a setting inside a block, and variables made on the spot."""

from collections.abc import Callable

from builder.layers.catalogue import KnobInfo
from builder.spec.edits import ExposeKnob, RemoveVariable, SetVariable
from builder.spec.network import Expr, Knob, Node, Variable
from builder.spec.variable_edits import free_variable
from builder.ui.canvas.drawing import Drawing
from builder.ui.knobs import Pin
from builder.ui.words import cut, plain


def define(drawing: Drawing, name: str, value: int | float) -> bool:
    """Makes a variable; False, with a notice, when that cannot be."""
    variable = Variable(name=name, value=value)
    return drawing.apply(SetVariable(graph=drawing.network_name, variable=variable))


def pin(drawing: Drawing, node: Node) -> Pin | None:
    """Inside a block, a button that makes a number a setting of the block, or takes it back; else none."""
    if not drawing.path or node.kind in ("input", "output"):
        return None
    title = plain(cut(drawing.path[-1].block.name, 40))

    def button(info: KnobInfo, stored: Knob) -> tuple[str, str, Callable[[], None]] | None:
        variable = _alone(drawing, stored)
        if variable is not None:
            words = f"{variable} is a setting of the block {title}. Press to make it a plain number again"
            return "keep_off", words, lambda: hide(drawing, variable)
        if info.type not in ("int", "float", "pair") or isinstance(stored, bool):
            return None
        if not isinstance(stored, int | float):
            return None
        words = f"Make it a setting of the block {title}: each use can have its own"
        return "keep", words, lambda: expose(drawing, node, info, stored)

    return button


def expose(drawing: Drawing, node: Node, info: KnobInfo, value: int | float) -> None:
    """Makes a setting of a layer a setting of its block, named after it."""
    name = free_variable(info.name, drawing.network)
    edit = ExposeKnob(
        graph=drawing.network_name, node=node.id, knob=info.name, variable=name, value=value
    )
    if drawing.apply(edit):
        drawing.state.say(
            f"{name} is now a setting of {drawing.path[-1].block.name}", undo=drawing.undo
        )


def hide(drawing: Drawing, name: str) -> None:
    """Puts a plain number in place of a variable."""
    edit = RemoveVariable(graph=drawing.network_name, name=name)
    label = edit.label(drawing.document.project)
    if drawing.apply(edit):
        drawing.state.say(label, undo=drawing.undo)


def _alone(drawing: Drawing, stored: Knob) -> str | None:
    """The variable of this drawing that a setting consists of, when it is nothing else."""
    if not isinstance(stored, Expr):
        return None
    wanted = stored.expr.strip()
    return next((v.name for v in drawing.network.variables if v.name == wanted), None)
