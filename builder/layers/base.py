"""What a layer type is: knobs, ports, words, and `call`, the one line of torch it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from pydantic import Field

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


DOCUMENTATION = "https://docs.pytorch.org/docs/stable/generated/"


class TensorType(NamedTuple):
    """What flows through a wire, without the batch axis: (32, 14, 14), float32, image."""

    shape: tuple[int, ...]
    dtype: Dtype = "float32"
    role: Role = "any"


Inputs: TypeAlias = tuple[tuple[TensorType, ...], ...]
"""What flows into a layer: one tuple a port, empty where nothing is wired, several in a `many` port."""


def guess_role(shape: tuple[int, ...], dtype: Dtype = "float32") -> Role:
    """The role a shape usually has: c×h×w image, steps×features sequence, whole numbers tokens."""
    if dtype != "float32":
        return "tokens" if dtype == "int64" else "mask"
    by_rank: dict[int, Role] = {1: "features", 2: "sequence", 3: "image"}
    return by_rank.get(len(shape), "any")


class Port(NamedTuple):
    """A named place for wires. `many` takes any number, in order; `optional` may stay free."""

    name: str
    label: str = ""
    optional: bool = False
    many: bool = False


class Mismatch(NamedTuple):
    """Why an input does not suit: `needs` in words (`channels × height × width`) and what to do instead.

    `code` is the stable word for this kind of problem (docs/problems.md).
    """

    needs: str
    advice: str = ""
    port: str = "in"
    knob: str | None = None
    code: str = "mismatch"


class Reach(NamedTuple):
    """How one place of a layer's output looks at its input along one axis.

    It sees `size` places of it, and the next place of the output looks `step` places further on; a layer that
    makes its input larger has a step below 1.
    """

    size: float = 1.0
    step: float = 1.0


@dataclass(frozen=True)
class Call:
    """The torch a placed layer stands for.

    `constructor` is what builds the module (`nn.Conv2d`, or a class of layers/modules/ such as
    `modules.LastStep`), None for a plain function. `arguments` are its keyword arguments. `forward` is the
    line that runs it, a template over `{self}` (the module) and the input ports' names; a `many` port gives a
    comma-separated list: `{self}({in})`, `torch.cat([{in}], dim={dim})`. `values` fill further names in the
    template. Whole and literal: no user text ever enters any of these.

    An unwired optional port is absent from the template. Arguments carry the knob's own name wherever torch has
    one for it, so that an expression can be printed in the value's place.
    """

    constructor: str | None
    forward: str = "{self}({in})"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    roles: tuple[Role, ...] = ()
    """Role of each output where the layer decides it (image, sequence, ...); empty: guessed from the shape."""
    joins: str = ", "
    """What stands between the inputs of a `many` port in the forward line: `", "`, or `" + "` for a sum."""


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
    reference: ClassVar[str]
    """Where it is explained: a page of torch's documentation by name (`torch.nn.Conv2d`) or a full address."""
    summary: ClassVar[str]
    """One sentence: what it does."""
    when: ClassVar[str]
    """One sentence: when to use it."""
    synonyms: ClassVar[tuple[str, ...]] = ()
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"),)
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    """Output ports with default settings; see `outputs_with` for kinds whose settings add some."""
    slug: ClassVar[str] = ""
    """Stem of default names (conv -> conv1, conv2); the kind when empty."""
    mixes_samples: ClassVar[bool] = False
    """True where training mixes the samples of a batch by design (batch normalisation)."""
    unrolls: ClassVar[bool] = False
    """True for recurrent kinds: their shapes are computed on 2 steps (meta tensors unroll them). The real number
    of steps is put back as the first axis of each output that has as many axes as the input."""
    linear_map: ClassVar[bool] = False
    """True for weighted sums: two in a row, with no activation between them, do no more than one."""
    passes: ClassVar[bool] = False
    """True where values are only moved, dropped or scaled: a weighted sum before it stays one."""
    last_axis: ClassVar[bool] = False
    """True where only the last axis is worked on: torch takes an image too, and the error surfaces far away."""
    limits: ClassVar[tuple[float, float] | None] = None
    """The range that all values are squeezed into; the slope fades towards its ends."""
    shares: ClassVar[bool] = False
    """True where values become shares of a whole, or their logarithms."""
    drops: ClassVar[bool] = False
    """True where random values are set to 0 while training."""
    normalises: ClassVar[Literal["", "channels", "samples"]] = ""
    """What gets mean 0 and spread 1: each channel by itself, which undoes a bias just before it, or each sample."""
    vocabulary: ClassVar[str] = ""
    """The knob that has to be as large as the number of different tokens."""
    more: ClassVar[str] = ""
    """One sentence: what more of it does, or what it costs."""
    usual_after: ClassVar[tuple[Family, ...]] = ()
    """Families it usually comes right after, the most usual first; ranks the proposals."""
    example: ClassVar[Inputs]
    """Inputs that suit the default knobs; the contract test runs every kind on them."""

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

    def flops(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> int | None:
        """FLOPs of one sample (2 x multiply-adds), or None where torch's own counter is right."""
        return None

    def reach(self, given: TensorType, made: TensorType) -> tuple[Reach, ...]:
        """How far it sees along each axis after the first; from its own window knobs and the two sizes.

        A window is what the knobs `kernel_size`, `stride` and `dilation` say. Where sizes change without one, a
        place sees as many as become one.
        """
        named = [getattr(self, name, 1) for name in ("kernel_size", "stride", "dilation")]
        found = []
        for axis, (before, after) in enumerate(zip(given.shape[1:], made.shape[1:], strict=True)):
            kernel, stride, dilation = (
                one[axis] if isinstance(one, tuple) else one for one in named
            )
            size = dilation * (kernel - 1) + 1
            if stride > 1 and after > before:  # a transposed window
                found.append(Reach(max(size / stride, 1.0), 1 / stride))
            elif size == stride == 1 and after != before:
                found.append(Reach(max(before / max(after, 1), 1.0), before / max(after, 1)))
            else:
                found.append(Reach(size, stride))
        return tuple(found)

    @classmethod
    def shrink(cls, given: TensorType) -> dict[str, Any] | None:
        """Knobs with which this kind makes `given` much smaller along height and width; None: it does not."""
        return None

    @classmethod
    def outputs_with(cls, knobs: Mapping[str, Any]) -> tuple[str, ...]:
        """Output ports with these raw settings; for most kinds they are always the same."""
        return cls.outputs

    @property
    def gives(self) -> tuple[str, ...]:
        """Output ports of this very layer."""
        return self.outputs_with(dict(self))

    @classmethod
    def link(cls) -> str:
        """Address of the page that explains this kind."""
        page = cls.reference
        return page if page.startswith("https://") else f"{DOCUMENTATION}{page}.html"

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: "LayerType", wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Knobs with which this kind, put in between, turns `given` into what `consumer` accepts; None: it cannot.

        With `wanted`, the shape after this layer is to be exactly that (an output's width, the shape of the other
        summands of an Add).
        """
        return None

    def suits(self, given: TensorType) -> bool:
        """True if this layer accepts `given` at its first port with every other port free."""
        free: Inputs = ((),) * (len(self.inputs) - 1)
        return self.accepts((given,), *free) is None


def knob(
    default: Any,
    title: str,
    description: str,
    *,
    essential: bool = False,
    unit: str = "",
    step: float | None = None,
    needs: str = "",
) -> Any:
    """A pydantic field with the words of the form; bounds belong to the field's annotated type.

    `needs` says what is allowed where the type cannot: a text of a certain form.
    """
    extra: dict[str, Any] = {"essential": essential, "unit": unit, "step": step, "needs": needs}
    return Field(default, title=title, description=description, json_schema_extra=extra)


def beyond_defaults(**values: tuple[Any, Any]) -> dict[str, Any]:
    """The arguments that differ from torch's own default: `beyond_defaults(bias=(False, True))`."""
    return {name: value for name, (value, default) in values.items() if value != default}


def registered() -> tuple[type["LayerType"], ...]:
    """Every kind whose file has been imported, in the order of import."""
    return tuple(_REGISTRY.values())


_REGISTRY: dict[str, type[LayerType]] = {}
