"""What a layer type is: knobs, ports, words, and `call`, the one line of torch it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple

from builder.spec.base import Frozen
from builder.spec.data import Dtype, Role

Family = Literal[
    "input_output",
    "dense",
    "convolution",
    "pooling",
    "activation",
    "normalisation",
    "recurrent",
    "attention",
    "shape",
    "merge",
]


class TensorType(NamedTuple):
    """What flows through a wire, without the batch axis: (32, 14, 14), float32, image."""

    shape: tuple[int, ...]
    dtype: Dtype = "float32"
    role: Role = "any"


class Port(NamedTuple):
    """A named place for wires. `many` takes any number, in order; `optional` may stay free."""

    name: str
    label: str = ""
    optional: bool = False
    many: bool = False


class Mismatch(NamedTuple):
    """Why an input does not suit: `needs` in words (`channels × height × width`) and what to do instead."""

    needs: str
    advice: str = ""
    port: str = "in"
    knob: str | None = None


@dataclass(frozen=True)
class Call:
    """The torch a placed layer stands for.

    `constructor` is what builds the module (`nn.Conv2d`, or a class of layers/modules.py such as
    `modules.LastStep`), None for a plain function. `arguments` are its keyword arguments. `forward` is the
    line that runs it, a template over `{self}` (the module) and the input ports' names; a `many` port gives a
    comma-separated list: `{self}({in})`, `torch.cat([{in}], dim={dim})`. `values` fill further names in the
    template. Whole and literal: no user text ever enters any of these.
    """

    constructor: str | None
    forward: str = "{self}({in})"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    roles: tuple[Role, ...] = ()
    """Role of each output where the layer decides it (image, sequence, ...); empty: guessed from the shape."""


class LayerType(Frozen):
    """One class = everything about one layer; instances hold resolved knob values.

    A subclass that sets `kind` is registered by existing. Knobs are pydantic fields: bounds, `title` (the words on the
    form), `description` (what it is / when / what more of it does), and in `json_schema_extra`: `unit`,
    `essential` (shown first, at most four), `pair` (one number or two). Axes never count the batch.
    """

    kind: ClassVar[str]
    family: ClassVar[Family]
    title: ClassVar[str]
    """torch's name: Conv2d."""
    summary: ClassVar[str]
    """One sentence: what it does."""
    when: ClassVar[str]
    """One sentence: when to use it."""
    synonyms: ClassVar[tuple[str, ...]] = ()
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"),)
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    slug: ClassVar[str] = ""
    """Stem of default names (conv -> conv1, conv2); the kind when empty."""
    mixes_samples: ClassVar[bool] = False
    """True where training mixes the samples of a batch by design (batch normalisation)."""
    unrolls: ClassVar[bool] = False
    """True for recurrent kinds: their shapes are computed on 2 steps (meta tensors unroll them)."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "kind" in cls.__dict__:
            known = _REGISTRY.setdefault(cls.kind, cls)
            if known is not cls:
                raise TypeError(f"Two layer types are called {cls.kind!r}: {known} and {cls}.")

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        """Why these inputs do not suit, or None. `inputs` has one tuple a port (a `many` port has several)."""
        return None

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        """The torch this layer stands for, given what flows in; sizes that follow from it are never asked."""
        raise NotImplementedError

    def brief(self) -> str:
        """The two telling settings for the canvas: `32 filters · 3×3`; empty when there is nothing to tell."""
        return ""


_REGISTRY: dict[str, type[LayerType]] = {}
