"""A drawing as PyTorch source: what a good engineer would have written by hand, self-contained."""

import ast
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from builder.errors import NetworkError
from builder.layers import modules
from builder.network import line
from builder.network.check import look
from builder.network.expectation import EMPTY, Expectation
from builder.network.feeding import feed_names
from builder.network.identifiers import RESERVED, class_name
from builder.network.printing import print_class, text_of
from builder.network.variants import Classes, Drawn, drawn_class, printed
from builder.network.walk import Walked
from builder.spec.network import Network
from builder.spec.project import Project


@dataclass(frozen=True)
class Source:
    """The text of `model.py` and where everything stands in it.

    `classes` gives class names, `identifiers` names of layers by node id, `lines` the line of `forward` a node runs in
    (1-based); all by network name. `inputs` names what each argument of `forward` is fed, in order; `outputs` what it
    returns: one tensor, or a tuple in this order. `parts` lists every built layer: its place in the module, a key
    of node ids that stays when layers are renamed or added, and the constructor it came from.
    """

    text: str
    classes: dict[str, str] = field(default_factory=dict)
    identifiers: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: dict[str, dict[str, int]] = field(default_factory=dict)
    inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: dict[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)


def generate(
    project: Project,
    expectations: Mapping[str, Expectation] | None = None,
    *,
    taps: bool = False,
) -> Source:
    """The source of all networks of a project; the same drawing always gives the same text.

    With `taps`, every class also keeps what each layer gave in `self.taps`, by identifier; those lines are the
    only difference.

    Raises:
        NetworkError: a network has errors; the first is told.
    """
    known = expectations or {}
    walks = {n.name: _sound(project, n.name, known.get(n.name, EMPTY)) for n in project.networks}
    ours = _own_modules(walks.values())
    taken = set(ours) | RESERVED
    titles = {name: class_name(name.replace("_", " ").title(), "Network", taken) for name in walks}
    classes = Classes(walks.values(), taken)
    networks = {
        name: drawn_class(titles[name], walked, taken, _wishes(walked, known.get(name, EMPTY)))
        for name, walked in walks.items()
    }
    text = _head(project, ours)
    for drawn in classes.blocks:
        text += print_class(drawn, classes, taps=taps, summary=_summary(drawn)).text
    found = Source("", titles)
    for name, drawn in networks.items():
        expectation = known.get(name, EMPTY)
        before = text.count("\n")
        made = print_class(drawn, classes, taps=taps, summary=_of_network(project, name))
        text += made.text
        found.identifiers[name] = drawn.called
        found.lines[name] = {node: before + row for node, row in made.lines.items()}
        found.inputs[name] = tuple(_wishes(drawn.walked, expectation)[node] for node in made.inputs)
        found.outputs[name] = _answers(drawn, expectation)
        found.parts[name] = tuple(parts(drawn.walked, drawn.called, classes))
    return Source(
        text,
        found.classes,
        found.identifiers,
        found.lines,
        found.inputs,
        found.outputs,
        found.parts,
    )


def parts(
    walked: Walked, called: Mapping[str, str], classes: Classes, place: str = "", key: str = ""
) -> Iterable[tuple[str, str, str]]:
    """Every layer that is built: its place in the module, its key of node ids, its constructor."""
    for placed in printed(walked):
        here, own = f"{place}{called[placed.node.id]}", f"{key}{placed.node.id}"
        call = placed.measured.call
        if call is not None and call.constructor is not None:
            yield here, own, line.constructor(call)
        for index in range(placed.repeat if placed.rounds else 0):
            inner = placed.rounds[min(index, len(placed.rounds) - 1)]
            shared = placed.node.share_weights or placed.repeat == 1
            if index and shared:
                break
            inside = f"{here}." if shared else f"{here}.{index}."
            # The use a block was made from has the block's id: its layers keep the key, so the weights, they had.
            made_here = index == 0 and placed.node.id == placed.node.block
            deeper = key if made_here else f"{own}/{index}/"
            yield from parts(inner, classes.of(inner).called, classes, inside, deeper)


def _sound(project: Project, name: str, expectation: Expectation) -> Walked:
    looked = look(project, name, expectation)
    errors = [one for one in looked.problems if one.severity == "error"]
    if errors:
        more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
        raise NetworkError(f"The network {name} is not ready. {errors[0].what}{more}")
    return looked.walked


def _wishes(walked: Walked, expectation: Expectation) -> dict[str, str]:
    assert isinstance(walked.graph, Network)
    return feed_names(walked.graph, expectation)


def _head(project: Project, ours: Mapping[str, str]) -> str:
    body = "".join(f"\n\n{text}" for text in ours.values())
    math = "import math\n" if "math." in body else ""
    typing = "from typing import Any\n" if "Any" in body else ""
    standard = f"{math}{typing}\n" if math or typing else ""
    title = text_of(project.name) or "Untitled"
    words = f'"""{title}: PyTorch source drawn with LayerLoom."""'
    return f"{words}\n\n{standard}import torch\nfrom torch import nn\n{body}"


def _of_network(project: Project, name: str) -> str:
    title = text_of(project.name)
    return f"{title}." if len(project.networks) == 1 else f"{title}, the {text_of(name)}."


def _summary(drawn: Drawn) -> str:
    words = text_of(getattr(drawn.walked.graph, "name", ""))
    more = text_of(getattr(drawn.walked.graph, "summary", ""))
    return f"The block {words}." + (f" {more}" if more else "")


def _answers(drawn: Drawn, expectation: Expectation) -> tuple[str, ...]:
    found = []
    for placed in drawn.walked.of_kind("output"):
        role = placed.node.knobs.get("role")
        want = expectation.want(role if isinstance(role, str) else "")
        found.append(want.name if want else str(role or drawn.called[placed.node.id]))
    return tuple(found)


def _own_modules(walks: Iterable[Walked]) -> dict[str, str]:
    """The text of each of our own modules in use, and of those they use, in the order of their file."""
    shelf = _shelf()
    wanted = {name for walked in walks for name in _constructors(walked)}
    grown = True
    while grown:
        names = {used for name in wanted for used in shelf[name].uses}
        grown = not names <= wanted
        wanted |= names
    return {name: module.text for name, module in shelf.items() if name in wanted}


class _OwnModule(NamedTuple):
    text: str
    uses: frozenset[str]
    """Further names of the file that its text speaks of."""


@cache
def _shelf() -> dict[str, _OwnModule]:
    """Everything layers/modules defines, by name, in the order of its files, each read once."""
    shelf: dict[str, _OwnModule] = {}
    for file in modules.FILES:
        shelf |= _defined_in(inspect.getsource(file))
    return shelf


def _defined_in(whole: str) -> dict[str, _OwnModule]:
    lines = whole.splitlines(keepends=True)
    defined = [n for n in ast.parse(whole).body if isinstance(n, (ast.ClassDef, ast.FunctionDef))]
    names = {one.name for one in defined}
    return {
        one.name: _OwnModule(
            text="".join(lines[_first_line(one) - 1 : one.end_lineno]),
            uses=frozenset(
                n.id for n in ast.walk(one) if isinstance(n, ast.Name) and n.id in names
            ),
        )
        for one in defined
    }


def _first_line(one: ast.ClassDef | ast.FunctionDef) -> int:
    return min([one.lineno, *(decorator.lineno for decorator in one.decorator_list)])


def _constructors(walked: Walked) -> set[str]:
    found = set()
    for placed in walked.placed.values():
        call = placed.measured.call
        if call is not None and call.constructor and call.constructor.startswith("modules."):
            found.add(call.constructor.removeprefix("modules."))
        for inner in placed.rounds:
            found |= _constructors(inner)
    return found
