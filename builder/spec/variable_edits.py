"""Edits of variables; those of a block are its exposed settings, so every use of the block follows."""

from collections.abc import Callable
from typing import Literal

from builder.errors import SpecError
from builder.spec.base import Id, Name
from builder.spec.change import G, GraphEdit, with_node
from builder.spec.expressions import users, with_names
from builder.spec.network import Expr, Graph, Knobs, Node, Variable
from builder.spec.project import Project

MOST_VARIABLES = 200


class SetVariable(GraphEdit):
    """Adds a variable, or changes the value and note of the one with this name."""

    kind: Literal["set_variable"] = "set_variable"
    variable: Variable

    def change(self, graph: G) -> G:
        name = self.variable.name
        if _find(graph, name):
            kept = (self.variable if v.name == name else v for v in graph.variables)
            return graph.model_copy(update={"variables": tuple(kept)})
        if len(graph.variables) >= MOST_VARIABLES:
            raise SpecError(f"A network has {MOST_VARIABLES} variables at most; remove one first.")
        return graph.model_copy(update={"variables": (*graph.variables, self.variable)})

    def label(self, project: Project) -> str:
        said = f"{self.variable.name} = {self.variable.value}"
        before = _find(self.find(project), self.variable.name)
        if before is None:
            return f"Added the variable {said}"
        if before.value == self.variable.value:
            return f"Changed the note of {self.variable.name}"
        return f"Set {said}"


class RenameVariable(GraphEdit):
    """Renames a variable; every expression that uses it, and every use of a block it belongs to, follows."""

    kind: Literal["rename_variable"] = "rename_variable"
    name: Name
    to: Name

    def change(self, graph: G) -> G:
        _require(graph, self.name)
        if self.to == self.name:
            return graph
        if _find(graph, self.to):
            raise SpecError(f"There is a variable {self.to} already. Choose another name.")
        variables = (
            v.model_copy(update={"name": self.to}) if v.name == self.name else v
            for v in graph.variables
        )
        nodes = (with_names(node, {self.name: self.to}) for node in graph.nodes)
        return graph.model_copy(update={"variables": tuple(variables), "nodes": tuple(nodes)})

    def apply(self, project: Project) -> Project:
        """The project with the variable renamed, also where the block it belongs to is placed."""
        changed = super().apply(project)
        if project.network(self.graph) is not None:
            return changed

        def renamed(knobs: Knobs) -> Knobs:
            return {self.to if k == self.name else k: value for k, value in knobs.items()}

        return _in_uses(changed, self.graph, renamed)

    def label(self, project: Project) -> str:
        return f"Renamed the variable {self.name} to {self.to}"


class RemoveVariable(GraphEdit):
    """Removes a variable. Where it is used, its value takes its place; uses of its block lose their own value."""

    kind: Literal["remove_variable"] = "remove_variable"
    name: Name

    def change(self, graph: G) -> G:
        value = _require(graph, self.name).value
        kept = tuple(v for v in graph.variables if v.name != self.name)
        nodes = tuple(with_names(node, {self.name: value}) for node in graph.nodes)
        return graph.model_copy(update={"variables": kept, "nodes": nodes})

    def apply(self, project: Project) -> Project:
        """The project without the variable, also where the block it belongs to is placed."""
        changed = super().apply(project)
        if project.network(self.graph) is not None:
            return changed
        return _in_uses(
            changed,
            self.graph,
            lambda knobs: {k: value for k, value in knobs.items() if k != self.name},
        )

    def label(self, project: Project) -> str:
        graph = self.find(project)
        variable = _find(graph, self.name)
        if variable is None or not users(graph, self.name):
            return f"Removed the variable {self.name}"
        return f"Replaced the variable {self.name} by {variable.value}"


class ExposeKnob(GraphEdit):
    """Makes a variable of one setting of a layer; of a block's layer, that is a setting of the block from now on.

    `value` is what the setting is now: the layer's own value, or the default of its kind.
    """

    kind: Literal["expose_knob"] = "expose_knob"
    node: Id
    knob: Name
    variable: Name
    value: int | float

    def change(self, graph: G) -> G:
        if _find(graph, self.variable):
            raise SpecError(f"There is a variable {self.variable} already. Choose another name.")
        added = Variable(name=self.variable, value=self.value)
        changed = with_node(graph, self.node, self._expressed)
        return SetVariable(graph=self.graph, variable=added).change(changed)

    def _expressed(self, node: Node) -> Node:
        now = node.knobs.get(self.knob, self.value)
        if isinstance(now, bool) or not isinstance(now, int | float):
            words = self.knob.replace("_", " ")
            raise SpecError(f"{words.capitalize()} of {node.name} is not one plain number.")
        return node.model_copy(
            update={"knobs": {**node.knobs, self.knob: Expr(expr=self.variable)}}
        )

    def label(self, project: Project) -> str:
        words = self.knob.replace("_", " ")
        return f"Made {words} of {self.name_of(project, self.node)} the setting {self.variable}"


def free_variable(wanted: str, graph: Graph) -> str:
    """`wanted`, or with the next free number when a variable is called so already."""
    taken = {variable.name for variable in graph.variables}
    name, number = wanted[:40], 2
    while name in taken:
        name, number = f"{wanted[:36]}{number}", number + 1
    return name


def _find(graph: Graph, name: str) -> Variable | None:
    return next((variable for variable in graph.variables if variable.name == name), None)


def _require(graph: Graph, name: str) -> Variable:
    found = _find(graph, name)
    if found is None:
        raise SpecError(f"There is no variable {name} here any more; reload the network.")
    return found


def _in_uses(project: Project, block: str, change: Callable[[Knobs], Knobs]) -> Project:
    """The project with the arguments of every use of a block changed."""

    def changed(graph: G) -> G:
        if not any(node.block == block for node in graph.nodes):
            return graph
        nodes = tuple(_use(node, change) if node.block == block else node for node in graph.nodes)
        return graph.model_copy(update={"nodes": nodes})

    return project.model_copy(
        update={
            "networks": tuple(changed(network) for network in project.networks),
            "blocks": tuple(changed(one) for one in project.blocks),
        }
    )


def _use(node: Node, change: Callable[[Knobs], Knobs]) -> Node:
    listed = tuple(change(knobs) for knobs in node.repeat_knobs)
    return node.model_copy(update={"knobs": change(node.knobs), "repeat_knobs": listed})
