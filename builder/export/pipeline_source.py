"""Prints pipeline.py of a bundle: preparation with its settings, network and answers, put together."""

import inspect
from typing import TYPE_CHECKING

from torch import nn

from builder.export.model import fed_inputs
from builder.train.unusual import threshold

if TYPE_CHECKING:
    from builder.train.trained import Trained

_TEMPLATE = '''"""The trained model from stored data to answers; `load()` gives it ready to use."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from model import {network} as Network
from steps import {steps}

HERE = Path(__file__).resolve().parent
KIND = {kind!r}
CLASSES = {classes!r}
TARGET = {target!r}
FIELDS = {fields!r}
READ = {read!r}
ANSWER = {place!r}
THRESHOLD = {threshold!r}


class Model(nn.Module):
    """Preparation, network, and answers in their own unit."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs = nn.ModuleDict({{{inputs}}})
        self.network = Network()
        self.target = {inverse}

    def prepared(self, *raw: Tensor) -> dict[str, Tensor]:
        given = dict(zip(FIELDS, raw, strict=True))
        return {{
{calls}
        }}

    def prepare(self, *raw: Tensor) -> list[Tensor]:
        return list(self.prepared(*raw).values())

    def answer(self, inputs: dict[str, Tensor]) -> Tensor:
        made = self.network(*inputs.values())
        return self.target.inverse(made[ANSWER] if isinstance(made, tuple) else made)

    def forward(self, *raw: Tensor) -> Tensor:
        return self.answer(self.prepared(*raw))


def load() -> Model:
    """The model with its trained weights, ready to predict."""
    model = Model()
    model.network.load_state_dict(load_file(HERE / "weights.safetensors"))
    fitted = load_file(HERE / "preparation.safetensors")
    model.inputs.load_state_dict(_part(fitted, "inputs."))
    model.target.load_state_dict(_part(fitted, "target."), strict=bool(TARGET))
    return model.eval()


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {{k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}}
'''


_MAKER = '''"""The trained model that makes new samples; `load()` gives it ready to use."""

from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor, nn

from model import {network} as Network
from steps import {steps}

HERE = Path(__file__).resolve().parent
SHAPES = {shapes!r}
CLASSES = {classes!r}
SETTINGS = {settings!r}
READ = {read!r}
ANSWER = {place!r}


class Model(nn.Module):
    """The network, and what turns its samples into pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs = nn.ModuleDict({{{inputs}}})
        self.network = Network()

    def forward(self, *fed: Tensor) -> Tensor:
        made = self.network(*fed)
        return made[ANSWER] if isinstance(made, tuple) else made

    def shown(self, samples: Tensor) -> Tensor:
        (module,) = self.inputs.values()
        if READ["kind"] != "image":
            return samples
        return (module.inverse(samples) / READ["maximum"]).clamp(0, 1)


def load() -> Model:
    """The model with its trained weights, ready to make samples."""
    model = Model()
    model.network.load_state_dict(load_file(HERE / "weights.safetensors"))
    fitted = load_file(HERE / "preparation.safetensors")
    found = {{k.removeprefix("inputs."): v for k, v in fitted.items() if k.startswith("inputs.")}}
    model.inputs.load_state_dict(found)
    return model.eval()
'''


def maker_source(trained: "Trained") -> str:
    """The text of pipeline.py for a network that makes new samples."""
    preparation, project = trained.preparation, trained.project
    used: set[str] = set()
    inputs = [f"{name!r}: {_expression(m, used)}" for name, m in preparation.inputs.items()]
    network = trained.recipe.networks_of(project)[trained.recipe.networks[0]]
    expected = trained.recipe.expectations(project, trained.schema)[network.name]
    shapes = {feed.name: feed.type.shape for feed in expected.inputs}
    return _MAKER.format(
        network=trained.class_name,
        steps=", ".join(sorted(used)),
        shapes={name: shapes[name] for name in trained.feeds},
        classes=tuple(preparation.classes),
        settings=trained.recipe.options(project.training).model_dump(),
        read=preparation.settings,
        place=trained.answer_place,
        inputs=", ".join(inputs),
    )


def pipeline_source(trained: "Trained") -> str:
    """The text of pipeline.py; only class names of our own and literals enter it."""
    if trained.recipe.shows == "generated":
        return maker_source(trained)
    preparation = trained.preparation
    used: set[str] = set()
    inputs = [f"{name!r}: {_expression(m, used)}" for name, m in preparation.inputs.items()]
    inverse = _expression(trained.target, used)
    fed = {name: preparation.reads[name] for name in fed_inputs(trained)}
    calls = [
        f"            {name!r}: self.inputs[{name!r}]({', '.join(f'given[{part!r}]' for part in parts)}),"
        for name, parts in fed.items()
    ]
    fields = tuple(dict.fromkeys(part for parts in fed.values() for part in parts))
    target = preparation.schema.target
    kind = trained.recipe.shows
    return _TEMPLATE.format(
        kind=kind,
        place=trained.answer_place,
        threshold=threshold(trained).value if kind == "reconstructions" else None,
        network=trained.class_name,
        steps=", ".join(sorted(used)),
        classes=tuple(preparation.classes) if trained.recipe.needs_target else (),
        target=target.name if target and trained.recipe.needs_target else "",
        fields=fields,
        read=preparation.settings,
        inputs=", ".join(inputs),
        inverse=inverse,
        calls="\n".join(calls),
    ).replace("import torch\n", "")


def _expression(value: object, used: set[str]) -> str:
    """`Scale(maximum=16)`: a printable module as the call that builds it; lists of modules, numbers and text alike."""
    if isinstance(value, nn.Sequential | nn.ModuleList | list | tuple):
        return f"[{', '.join(_expression(item, used) for item in value)}]"
    if not isinstance(value, nn.Module):
        return repr(value)
    used.add(type(value).__name__)
    names = [name for name in inspect.signature(type(value).__init__).parameters if name != "self"]
    if type(value).__init__ is nn.Module.__init__:
        names = []
    arguments = (f"{name}={_expression(getattr(value, name), used)}" for name in names)
    return f"{type(value).__name__}({', '.join(arguments)})"
