"""Layers that reorder axes, add one of size 1 or take one away."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, TensorType, guess_role, knob
from builder.layers.bounds import Axis
from builder.layers.examples import SEQUENCE

Order = Annotated[tuple[Annotated[int, Field(ge=0, le=5)], ...], Field(max_length=6)]


class Permute(LayerType):
    """The axes in another order."""

    kind: ClassVar[str] = "permute"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Permute"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.permute"
    summary: ClassVar[str] = "Puts the axes into another order."
    when: ClassVar[str] = "Between steps × features and the channels × steps of Conv1d."
    synonyms: ClassVar[tuple[str, ...]] = ("swap axes", "channels last", "rearrange", "reorder")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    order: Order = knob(
        (1, 0),
        "Order",
        "The old axes in their new order, without the batch. 1, 0 swaps two axes. "
        "An image needs three.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        rank = len(inputs[0][0].shape)
        if sorted(self.order) == list(range(rank)):
            return None
        good = ", ".join(str(axis) for axis in reversed(range(rank)))
        return Mismatch(
            f"an order of {rank} axes, each of 0 to {rank - 1} once, not {_listed(self.order)}",
            f"Set order to {good}." if rank > 1 else "Take it out: there is one axis only.",
            knob="order",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        order = ", ".join(str(axis) for axis in (0, *(axis + 1 for axis in self.order)))
        made = tuple(given.shape[axis] for axis in self.order)
        swapped = given.role == "sequence" and self.order == (1, 0)
        swapped |= given.role == "image" and self.order[:1] != (0,)  # its channels are elsewhere
        role = "any" if swapped else guess_role(made, given.dtype)
        return Call(None, "{in}.permute({order})", values={"order": order}, roles=(role,))

    def brief(self) -> str:
        return _listed(self.order)

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Swaps the two axes of a sequence or of channels × steps."""
        if len(given.shape) != 2 or wanted not in ((), given.shape[::-1]):
            return None
        role = "any" if given.role == "sequence" else guess_role(given.shape, given.dtype)
        made = TensorType(given.shape[::-1], given.dtype, role)
        return {"order": (1, 0)} if consumer.suits(made) else None


class Transpose(LayerType):
    """Two axes change places."""

    kind: ClassVar[str] = "transpose"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Transpose"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.transpose"
    summary: ClassVar[str] = "Swaps two axes."
    when: ClassVar[str] = "Between steps × features and channels × steps, or before MatMul."
    synonyms: ClassVar[tuple[str, ...]] = ("swap axes", "permute", "t", "channels last")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    first: Axis = knob(
        0,
        "First axis",
        "One of the axes that change places. 0 is the first after the batch.",
        essential=True,
    )
    second: Axis = knob(
        -1, "Second axis", "The other axis that changes places. -1 is the last.", essential=True
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if len(given.shape) < 2:
            return Mismatch("at least two axes", "Take it out: there is nothing to swap.")
        return needs.axis_there(self.first, given, knob="first") or needs.axis_there(
            self.second, given, knob="second"
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        rank = len(given.shape)
        one, two = self.first % rank, self.second % rank
        made = list(given.shape)
        made[one], made[two] = made[two], made[one]
        same = one == two
        swapped = given.role == "sequence" and not same
        role = given.role if same else "any" if swapped else guess_role(tuple(made), given.dtype)
        line = "{in}.transpose({one}, {two})"
        return Call(None, line, values={"one": one + 1, "two": two + 1}, roles=(role,))

    def brief(self) -> str:
        return f"axes {self.first} and {self.second}"


class Squeeze(LayerType):
    """An axis of size 1 is taken away."""

    kind: ClassVar[str] = "squeeze"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Squeeze"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.squeeze"
    summary: ClassVar[str] = "Takes away an axis of size 1."
    when: ClassVar[str] = "To drop the channel of a grey image, or the single value of a distance."
    synonyms: ClassVar[tuple[str, ...]] = ("drop axis", "remove axis", "reshape")
    example: ClassVar[Inputs] = ((TensorType((1, 6, 1), "float32", "image"),),)

    axis: Axis = knob(
        0,
        "Axis",
        "The axis of size 1 to take away. 0 is the first after the batch.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if not given.shape:
            return Mismatch("at least one axis", "Take it out: there is no axis left.")
        wrong = needs.axis_there(self.axis, given)
        if wrong or given.shape[self.axis] == 1:
            return wrong
        return Mismatch(
            f"size 1 along axis {self.axis}, not {given.shape[self.axis]}",
            "Choose the axis of size 1, or use Mean to average one away.",
            knob="axis",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        axis = self.axis % len(given.shape)
        made = (*given.shape[:axis], *given.shape[axis + 1 :])
        role = guess_role(made, given.dtype)
        return Call(None, "{in}.squeeze({dim})", values={"dim": axis + 1}, roles=(role,))

    def brief(self) -> str:
        return f"axis {self.axis}"


class Unsqueeze(LayerType):
    """An axis of size 1 is added."""

    kind: ClassVar[str] = "unsqueeze"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Unsqueeze"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.unsqueeze"
    summary: ClassVar[str] = "Adds an axis of size 1."
    when: ClassVar[str] = "To give a picture its channel, or to make shapes fit for Multiply."
    synonyms: ClassVar[tuple[str, ...]] = ("add axis", "expand dims", "new axis", "reshape")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    axis: Axis = knob(
        0,
        "Axis",
        "Where the new axis stands. 0 is before the others, -1 behind them.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if len(given.shape) >= 6:
            return Mismatch("at most five axes", "Put Flatten or Reshape before it.")
        return needs.axis_there(self.axis, TensorType((*given.shape, 1)))

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        axis = self.axis % (len(given.shape) + 1)
        made = (*given.shape[:axis], 1, *given.shape[axis:])
        role = guess_role(made, given.dtype)
        return Call(None, "{in}.unsqueeze({dim})", values={"dim": axis + 1}, roles=(role,))

    def brief(self) -> str:
        return f"axis {self.axis}"


class Flip(LayerType):
    """One axis runs the other way round."""

    kind: ClassVar[str] = "flip"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Flip"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.flip"
    summary: ClassVar[str] = "Turns one axis round: the last comes first."
    when: ClassVar[str] = "To read a sequence backwards, or to mirror an image."
    synonyms: ClassVar[tuple[str, ...]] = ("reverse", "mirror", "backwards")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    axis: Axis = knob(
        0,
        "Axis",
        "Which axis is turned round. 0 is the first: steps. -1 is the last: width of an image.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if not given.shape:
            return Mismatch("at least one axis", "Take it out: there is nothing to turn.")
        return needs.axis_there(self.axis, given)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        dim = self.axis % len(given.shape) + 1
        return Call(None, "{in}.flip({dim})", values={"dim": dim}, roles=(given.role,))

    def brief(self) -> str:
        return f"axis {self.axis}"


def _listed(sizes: tuple[int, ...]) -> str:
    return ", ".join(str(size) for size in sizes) or "none"
