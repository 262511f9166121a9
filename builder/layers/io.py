"""Where data enters a network and where answers leave it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from builder.layers.base import Call, LayerType, Port, TensorType, guess_role, knob
from builder.layers.bounds import times
from builder.spec.data import Dtype

RoleName = Annotated[str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_]{0,39})?$")]
InputSizes = Annotated[
    tuple[Annotated[int, Field(ge=1, le=1_000_000_000)], ...], Field(max_length=6)
]


class Input(LayerType):
    """The start of a network: one field of the data."""

    kind: ClassVar[str] = "input"
    family: ClassVar[Literal["input_output"]] = "input_output"
    title: ClassVar[str] = "Input"
    reference: ClassVar[str] = "https://docs.pytorch.org/docs/stable/tensors.html"
    summary: ClassVar[str] = "Where one field of the data enters the network."
    when: ClassVar[str] = "Every network starts with one; several fields need several."
    synonyms: ClassVar[tuple[str, ...]] = ("data", "source", "placeholder", "features", "x")
    inputs: ClassVar[tuple[Port, ...]] = ()
    slug: ClassVar[str] = "input"
    example: ClassVar[tuple[tuple[TensorType, ...], ...]] = ()

    role: RoleName = knob(
        "",
        "Field",
        "Which field of the data enters here. Choose one when there are several. Empty means the only one.",
        essential=True,
    )
    shape: InputSizes = knob(
        (),
        "Shape",
        "Sizes of one sample, without the batch. Empty takes them from the data. "
        "Set them to draw before there is data.",
    )
    dtype: Dtype = knob(
        "float32",
        "Number type",
        "What the values are: decimal numbers, whole numbers such as tokens, or yes and no. "
        "Counts only where a shape is set.",
    )

    def declared(self) -> TensorType | None:
        """The type these knobs say, or None when it comes from the data."""
        if not self.shape:
            return None
        return TensorType(self.shape, self.dtype, guess_role(self.shape, self.dtype))

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        declared = self.declared()
        return Call(None, "{in}", roles=(declared.role,) if declared else ())

    def brief(self) -> str:
        return " · ".join(part for part in (self.role, times(self.shape)) if part)


class Output(LayerType):
    """The end of a network: one answer."""

    kind: ClassVar[str] = "output"
    family: ClassVar[Literal["input_output"]] = "input_output"
    title: ClassVar[str] = "Output"
    reference: ClassVar[str] = "https://docs.pytorch.org/docs/stable/nn.html#loss-functions"
    summary: ClassVar[str] = "What the network answers; the task compares it with the truth."
    when: ClassVar[str] = "Every network ends with one."
    synonyms: ClassVar[tuple[str, ...]] = ("target", "prediction", "answer", "head", "y")
    outputs: ClassVar[tuple[str, ...]] = ()
    slug: ClassVar[str] = "output"
    example: ClassVar[tuple[tuple[TensorType, ...], ...]] = (
        (TensorType((10,), "float32", "features"),),
    )

    role: RoleName = knob(
        "",
        "Answer",
        "Which answer of the task this is. Choose one when the task asks for several. "
        "Empty means the only one.",
        essential=True,
    )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call(None, "{in}", roles=(inputs[0][0].role,))

    def brief(self) -> str:
        return self.role
