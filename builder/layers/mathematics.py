"""Functions that mathematics has names for, value by value: limits, powers, roots, logarithms."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, TensorType, knob
from builder.layers.bounds import Axis, Epsilon, Number

Exponent = Annotated[int, Field(ge=1, le=8)]


class _Function(LayerType):
    """What functions of one value have in common: any numbers in, the same shape out."""

    family: ClassVar[Literal["merge"]] = "merge"
    example: ClassVar[Inputs] = ((TensorType((16,), "float32", "features"),),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.numbers(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        line, values = self.line()
        return Call(None, line, values=values, roles=(inputs[0][0].role,))

    def line(self) -> tuple[str, dict[str, Any]]:
        """The forward line and the values in it."""
        raise NotImplementedError


class Clamp(_Function):
    """Values outside two limits become the limit."""

    kind: ClassVar[str] = "clamp"
    title: ClassVar[str] = "Clamp"
    reference: ClassVar[str] = "torch.clamp"
    summary: ClassVar[str] = "Keeps values between two limits."
    when: ClassVar[str] = "Before Divide and Logarithm, or to keep a spread from running away."
    synonyms: ClassVar[tuple[str, ...]] = ("clip", "limit", "bound", "truncate")

    low: Number = knob(
        0.0,
        "Lowest",
        "Values below it become it. Must be less than the highest.",
        essential=True,
        step=0.1,
    )
    high: Number = knob(
        1.0,
        "Highest",
        "Values above it become it. Must be more than the lowest.",
        essential=True,
        step=0.1,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        wrong = needs.numbers(inputs[0][0])
        return wrong or needs.in_order(self.low, self.high, knobs=("low", "high"), usual=(0, 1))

    def line(self) -> tuple[str, dict[str, Any]]:
        return "{in}.clamp(min={low}, max={high})", {"low": self.low, "high": self.high}

    def brief(self) -> str:
        return f"{self.low:g} to {self.high:g}"


class Scale(_Function):
    """Every value times one number, plus another."""

    kind: ClassVar[str] = "scale"
    title: ClassVar[str] = "Scale"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.mul"
    summary: ClassVar[str] = "Multiplies every value by one number and adds another."
    when: ClassVar[str] = "To bring answers to the range of the data, or to weaken a branch."
    synonyms: ClassVar[tuple[str, ...]] = (
        "factor",
        "multiply by",
        "gain",
        "shift",
        "offset",
        "affine",
    )

    factor: Number = knob(
        1.0,
        "Factor",
        "What every value is multiplied by. 1 leaves it. More makes it stronger.",
        essential=True,
        step=0.1,
    )
    shift: Number = knob(
        0.0, "Shift", "What is added afterwards. 0 adds nothing.", essential=True, step=0.1
    )

    def line(self) -> tuple[str, dict[str, Any]]:
        line = "{in} * {factor} + {shift}" if self.shift else "{in} * {factor}"
        return line, {"factor": self.factor, "shift": self.shift}

    def brief(self) -> str:
        return f"×{self.factor:g}" + (f" {self.shift:+g}" if self.shift else "")


class Power(_Function):
    """Every value times itself, so many times."""

    kind: ClassVar[str] = "power"
    title: ClassVar[str] = "Power"
    reference: ClassVar[str] = "torch.pow"
    summary: ClassVar[str] = "Raises every value to a whole power."
    when: ClassVar[str] = "To square a difference, or for polynomial features."
    synonyms: ClassVar[tuple[str, ...]] = ("square", "pow", "exponent", "polynomial")

    exponent: Exponent = knob(
        2,
        "Exponent",
        "2 squares. Even ones drop the sign. More makes large values dominate.",
        essential=True,
    )

    def line(self) -> tuple[str, dict[str, Any]]:
        return "{in} ** {exponent}", {"exponent": self.exponent}

    def brief(self) -> str:
        return f"to the {self.exponent}"


class SquareRoot(_Function):
    """The square root, with a floor."""

    kind: ClassVar[str] = "square_root"
    title: ClassVar[str] = "Square root"
    reference: ClassVar[str] = "torch.sqrt"
    summary: ClassVar[str] = "Takes the square root of every value, of a small floor below it."
    when: ClassVar[str] = "For a spread from a variance, or a length from a sum of squares."
    synonyms: ClassVar[tuple[str, ...]] = ("sqrt", "root", "spread")

    floor: Epsilon = knob(
        1e-6, "Floor", "Smaller values count as it, so that there is always a root and a gradient."
    )

    def line(self) -> tuple[str, dict[str, Any]]:
        return "{in}.clamp(min={floor}).sqrt()", {"floor": self.floor}


class Exponential(_Function):
    """e to the power of every value."""

    kind: ClassVar[str] = "exponential"
    title: ClassVar[str] = "Exponential"
    reference: ClassVar[str] = "torch.exp"
    summary: ClassVar[str] = "Raises e to every value: always positive."
    when: ClassVar[str] = "For a spread from its logarithm, as in a VAE."
    more: ClassVar[str] = "Values above 88 give infinity: put Clamp before it."
    synonyms: ClassVar[tuple[str, ...]] = ("exp", "e", "growth", "positive")

    def line(self) -> tuple[str, dict[str, Any]]:
        return "{in}.exp()", {}


class Logarithm(_Function):
    """The natural logarithm, with a floor."""

    kind: ClassVar[str] = "logarithm"
    title: ClassVar[str] = "Logarithm"
    reference: ClassVar[str] = "torch.log"
    summary: ClassVar[str] = (
        "Takes the natural logarithm of every value, of a small floor below it."
    )
    when: ClassVar[str] = "For spectrograms and values that span many sizes."
    synonyms: ClassVar[tuple[str, ...]] = ("log", "ln", "decibel")

    floor: Epsilon = knob(
        1e-6, "Floor", "Smaller values count as it, so that there is always a logarithm."
    )

    def line(self) -> tuple[str, dict[str, Any]]:
        return "{in}.clamp(min={floor}).log()", {"floor": self.floor}


class Absolute(_Function):
    """Values without their sign."""

    kind: ClassVar[str] = "absolute"
    title: ClassVar[str] = "Absolute value"
    reference: ClassVar[str] = "torch.abs"
    summary: ClassVar[str] = "Drops the sign of every value."
    when: ClassVar[str] = "For the size of a difference, whatever its direction."
    synonyms: ClassVar[tuple[str, ...]] = ("abs", "magnitude", "modulus")

    def line(self) -> tuple[str, dict[str, Any]]:
        return "{in}.abs()", {}


class UnitLength(LayerType):
    """The values along an axis scaled to length 1."""

    kind: ClassVar[str] = "unit_length"
    family: ClassVar[Literal["merge"]] = "merge"
    title: ClassVar[str] = "Unit length"
    reference: ClassVar[str] = "torch.nn.functional.normalize"
    summary: ClassVar[str] = (
        "Scales the values along an axis to length 1; only the direction stays."
    )
    when: ClassVar[str] = "At the end of encoders that are compared by angle."
    synonyms: ClassVar[tuple[str, ...]] = ("l2 normalise", "normalize", "unit vector", "embedding")
    example: ClassVar[Inputs] = ((TensorType((6, 8), "float32", "sequence"),),)

    axis: Axis = knob(
        -1,
        "Axis",
        "Along which axis the length counts. -1 is the last: the features.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0]) or needs.axis_there(self.axis, inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        dim = self.axis % len(given.shape) + 1
        line = "nn.functional.normalize({in}, dim={dim})"
        return Call(None, line, values={"dim": dim}, roles=(given.role,))

    def brief(self) -> str:
        return f"axis {self.axis}"
