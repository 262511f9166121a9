"""One class as text: its constructor and its forward, line by line, with a shape behind each line."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from builder.layers.base import TensorType
from builder.network import line, words
from builder.network.blocks import repeat_source
from builder.network.variants import Classes, Drawn, texts_of
from builder.network.walk import Placed
from builder.spec.arithmetic import Term, parse, show
from builder.spec.network import Expr

WIDE = 100


class Printed(NamedTuple):
    """A class as text, the line of each node in it (1-based, from the first line), and its input nodes in order."""

    text: str
    lines: dict[str, int]
    inputs: tuple[str, ...]


def text_of(words_: str, longest: int = 80) -> str:
    """A user's words for a comment or docstring: one line of ASCII that can end neither."""
    flat = " ".join(words_.split())[:longest]
    return ascii(flat)[1:-1].replace('"', "'")


def print_class(drawn: Drawn, classes: Classes, *, taps: bool, summary: str) -> Printed:
    """The class, after two empty lines."""
    inputs = list(drawn.walked.graph.of_kind("input"))
    rows = ["", "", f"class {drawn.name}(nn.Module):", f'    """{summary}"""', ""]
    rows += [f"    def __init__({_parameters(drawn)}) -> None:", "        super().__init__()"]
    if taps:
        rows.append("        self.taps = {}")
    for placed in drawn.nodes:
        rows += _init(placed, drawn, classes)
    rows.append("")
    lines: dict[str, int] = {}
    outputs = drawn.walked.of_kind("output")
    arguments = ", ".join(["self", *(f"{drawn.called[n.id]}: torch.Tensor" for n in inputs)])
    gives = "torch.Tensor" if len(outputs) == 1 else "tuple[torch.Tensor, ...]"
    signature = f"    def forward({arguments}) -> {gives}:"
    if len(signature) > WIDE:
        rows.append("    def forward(")
        rows += ["        self,", *(f"        {drawn.called[n.id]}: torch.Tensor," for n in inputs)]
        signature = f"    ) -> {gives}:"
    rows.append(signature)
    lines |= dict.fromkeys([node.id for node in inputs], len(rows))
    rows.append(f'        """{_contract(drawn)}"""')
    if taps:
        rows += [_tap(drawn.called[node.id], drawn.called[node.id]) for node in inputs]
    for placed in drawn.nodes:
        made, running = _forward(placed, drawn, classes)
        lines[placed.node.id] = len(rows) + 1 + running
        rows += made
        if taps:
            rows.append(_tap(drawn.called[placed.node.id], _names(placed, drawn)[0]))
    answers = [_source(drawn, placed.sources[0][0]) for placed in outputs]
    if taps:
        rows += [
            _tap(drawn.called[placed.node.id], answer)
            for placed, answer in zip(outputs, answers, strict=True)
        ]
    rows.append(f"        return {', '.join(answers)}")
    lines |= dict.fromkeys([placed.node.id for placed in outputs], len(rows))
    return Printed("\n".join(rows) + "\n", lines, tuple(node.id for node in inputs))


def _parameters(drawn: Drawn) -> str:
    sizes: dict[str, Any] = {}
    for given in drawn.arguments.values():
        sizes |= given
    said = [f"{name}: {_annotation(value)}" for name, value in sizes.items()]
    said += [
        f"{drawn.safe[name]}: {_annotation(value)} = {value!r}"
        for name, value in drawn.keywords.items()
    ]
    short = f"    def __init__({', '.join(['self', *said])}) -> None:"
    if len(short) <= WIDE:
        return ", ".join(["self", *said])
    return "\n" + "".join(f"        {one},\n" for one in ["self", *said]) + "    "


def _annotation(value: Any) -> str:
    if isinstance(value, tuple):
        return "tuple[int, ...]"
    return type(value).__name__ if value is not None else "Any"


def _init(placed: Placed, drawn: Drawn, classes: Classes) -> list[str]:
    name = drawn.called[placed.node.id]
    label = text_of(placed.node.name)
    note = f"  # {label}" if label and label.lower().replace(" ", "_") != name else ""
    if placed.rounds:
        return [
            *_block_init(placed, drawn, classes),
            *([f"        {note.strip()}"] if note else []),
        ]
    call = placed.measured.call
    if call is None or call.constructor is None:
        return []
    texts = _argument_texts(placed, drawn)
    arguments = [f"{key}={texts.get(key) or repr(value)}" for key, value in call.arguments.items()]
    made = f"{call.constructor.removeprefix('modules.')}"
    return _assignment(f"self.{name} = {made}", arguments, note)


def _assignment(head: str, arguments: list[str], note: str = "") -> list[str]:
    """One line where it fits, else an argument a line."""
    short = f"        {head}({', '.join(arguments)}){note}"
    if len(short) <= WIDE:
        return [short]
    return [f"        {head}({note}", *(f"            {one}," for one in arguments), "        )"]


def _argument_texts(placed: Placed, drawn: Drawn) -> dict[str, str]:
    """Source text of arguments that are not literal: expressions, and sizes that differ from use to use."""
    found = {
        name: _shown(text, drawn.safe)
        for name, text in texts_of(placed, drawn.walked.scope).items()
    }
    for (node_id, name), parameter in drawn.sizes.items():
        if node_id == placed.node.id:
            found[name] = parameter
    return found


def _shown(text: Any, names: Mapping[str, str]) -> str:
    if isinstance(text, Term):
        return show(text, names)
    parts = [show(part, names) if isinstance(part, Term) else repr(part) for part in text]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _block_init(placed: Placed, drawn: Drawn, classes: Classes) -> list[str]:
    name = drawn.called[placed.node.id]
    made = [_instance(placed, place, drawn, classes) for place in range(len(placed.rounds))]
    if placed.repeat == 1 or placed.node.share_weights:
        head, arguments = made[0]
        return _assignment(f"self.{name} = {head}", arguments)
    whole = [f"{head}({', '.join(arguments)})" for head, arguments in made]
    if not placed.node.repeat_knobs and len(set(whole)) == 1:
        times = repeat_source(placed, drawn.safe)
        repeated = f"{whole[0]} for _ in range({times})"
        short = _assignment(f"self.{name} = nn.ModuleList", [repeated])
        if len(short) == 1:
            return short
        return [short[0], f"            {repeated}", short[-1]]  # no comma behind a generator
    whole += [whole[-1]] * (placed.repeat - len(whole))
    rows = [f"        self.{name} = nn.ModuleList(", "            ["]
    return [*rows, *(f"                {one}," for one in whole), "            ]", "        )"]


def _instance(placed: Placed, place: int, drawn: Drawn, classes: Classes) -> tuple[str, list[str]]:
    """The class of one repetition and its arguments."""
    inner = placed.rounds[place]
    theirs = classes.of(inner)
    knobs: dict[str, Any] = dict(placed.node.knobs)
    if placed.node.repeat_knobs:
        knobs |= placed.node.repeat_knobs[place]
    arguments = []
    for name, value in classes.passed(placed, inner).items():
        variable = next((v for v, safe in theirs.safe.items() if safe == name), name)
        raw = knobs.get(variable)
        said = drawn.sizes.get((placed.node.id, f"{place}.{name}")) or repr(value)
        if isinstance(raw, Expr) and variable in theirs.keywords:
            said = show(parse(raw.expr), drawn.safe)
        arguments.append(f"{name}={said}")
    return theirs.name, arguments


def _forward(placed: Placed, drawn: Drawn, classes: Classes) -> tuple[list[str], int]:
    """The lines that run a node, and which of them (from 0) it runs in."""
    shape = f"  # {words.tensors(placed.outputs).replace(' and ', ', ')}"
    module = f"self.{drawn.called[placed.node.id]}"
    results = _names(placed, drawn)
    sources = [[_source(drawn, place) for place in wired] for wired in placed.sources]
    if not placed.rounds:
        call = placed.measured.call
        assert call is not None and placed.layer is not None
        made = line.forward(call, placed.layer, sources, module)
        return [f"        {', '.join(results)} = {made}{shape}"], 0
    given = [wired[0] for wired in sources]
    left = ", ".join(results)
    if placed.repeat == 1:
        return [f"        {left} = {module}({', '.join(given)}){shape}"], 0
    looped = [*results, *given[len(results) :]]
    loop = (
        f"        for _ in range({placed.repeat}):"
        if placed.node.share_weights
        else f"        for layer in {module}:"
    )
    called = module if placed.node.share_weights else "layer"
    start = f"        {left} = {', '.join(given[: len(results)])}"
    return [start, loop, f"            {left} = {called}({', '.join(looped)}){shape}"], 2


def _names(placed: Placed, drawn: Drawn) -> list[str]:
    """The local variables a node fills: its identifier, with the port behind it when there are several."""
    name = drawn.called[placed.node.id]
    if len(placed.outputs) < 2:
        return [name]
    taken = set(drawn.called.values())
    found = []
    for port in placed.ports[: len(placed.outputs)]:
        local = f"{name}_{port}"
        while local in taken:
            local += "_"
        found.append(local)
    return found


def _source(drawn: Drawn, place: tuple[str, str]) -> str:
    node_id, port = place
    placed = drawn.walked.placed[node_id]
    if placed.node.kind == "input":
        return drawn.called[node_id]
    return _names(placed, drawn)[placed.ports.index(port)]


def _tap(name: str, value: str) -> str:
    return f'        self.taps["{name}"] = {value}'


def _contract(drawn: Drawn) -> str:
    inputs = [
        f"{drawn.called[placed.node.id]}: {_tensor(placed.outputs[0])}"
        for placed in drawn.walked.of_kind("input")
    ]
    outputs = ", ".join(_tensor(made) for made in drawn.walked.answers)
    first = " in its first use" if len(drawn.arguments) > 1 and drawn.sizes else ""
    return f"{'; '.join(inputs)}. Gives {outputs}{first}."


def _tensor(given: TensorType) -> str:
    return f"{given.dtype} ({', '.join(['B', *map(str, given.shape)])})"
