"""Frames around signals, images and volumes: zeros, a number, a mirror, the edge, or the other side."""

from functools import partial
from typing import Any, ClassVar, Generic, Literal

from builder.layers import needs, sliding
from builder.layers.base import Call, Inputs, LayerType, Mismatch, TensorType, knob
from builder.layers.bounds import Amount, AmountPair, AmountTriple, Number, sides, times
from builder.layers.sliding import A

STEPS: Inputs = ((TensorType((3, 8)),),)
IMAGE: Inputs = ((TensorType((3, 4, 4), "float32", "image"),),)
VOLUME: Inputs = ((TensorType((2, 4, 4, 4)),),)

_width = partial(
    knob,
    title="Width of the frame",
    description="Values added on each side, along each axis. 2 makes 32 of 28. "
    "More costs time in the layers after it.",
    essential=True,
)


class _Pad(LayerType, Generic[A]):
    """What all frames have in common; `spare` is how many values more than the frame an axis needs."""

    family: ClassVar[Literal["shape"]] = "shape"
    slug: ClassVar[str] = "pad"
    axes: ClassVar[int]
    spare: ClassVar[int | None] = None

    padding: A = _width(2)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = sliding.laid_out(given, self.axes)
        if wrong:
            return wrong
        frame = sides(self.padding, self.axes)
        for size, pad in zip(given.shape[1:], frame, strict=True):
            if self.spare is not None and pad > size - self.spare:
                return Mismatch(
                    f"at least {pad + self.spare} values along each axis to fill a frame of {pad}; "
                    f"there are {size}",
                    f"Set width of the frame to {max(size - self.spare, 0)} or less.",
                    knob="padding",
                )
        made = (size + 2 * pad for size, pad in zip(given.shape[1:], frame, strict=True))
        return needs.holdable((*given.shape[:1], *made), knob="padding")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        frame = sides(self.padding, self.axes)
        each = tuple(pad for pad in reversed(frame) for _ in range(2))  # torch: last axis first
        padding = frame[0] if len(set(frame)) == 1 else each
        arguments = {"padding": padding, **self.settings()}
        return Call(f"nn.{self.title}", arguments=arguments, roles=(sliding.ROLES[self.axes],))

    def settings(self) -> dict[str, Any]:
        """Arguments that only this kind of frame has."""
        return {}

    def brief(self) -> str:
        return times(sides(self.padding, self.axes))


class _ConstantPad(_Pad[A], Generic[A]):
    """What frames of one number have in common."""

    value: Number = knob(
        1.0,
        "Filled with",
        "The number the frame is made of. 0 is ZeroPad; -1 or 1 where that means empty.",
        essential=True,
        step=0.1,
    )

    def settings(self) -> dict[str, Any]:
        return {"value": self.value}

    def brief(self) -> str:
        return f"{super().brief()} · {self.value:g}"


class ZeroPad1d(_Pad[Amount]):
    """A frame of zeros around channels × steps."""

    kind: ClassVar[str] = "zero_pad1d"
    title: ClassVar[str] = "ZeroPad1d"
    reference: ClassVar[str] = "torch.nn.ZeroPad1d"
    summary: ClassVar[str] = "Puts a frame of zeros around channels × steps."
    when: ClassVar[str] = "Before Conv1d, to keep the number of steps."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "border", "frame")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1


class ZeroPad2d(_Pad[AmountPair]):
    """A frame of zeros around an image."""

    kind: ClassVar[str] = "zero_pad2d"
    title: ClassVar[str] = "ZeroPad2d"
    reference: ClassVar[str] = "torch.nn.ZeroPad2d"
    summary: ClassVar[str] = "Puts a frame of zeros around an image."
    when: ClassVar[str] = "To reach a size that halves evenly, such as 32 from 28."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "border", "frame")
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class ZeroPad3d(_Pad[AmountTriple]):
    """A frame of zeros around a volume."""

    kind: ClassVar[str] = "zero_pad3d"
    title: ClassVar[str] = "ZeroPad3d"
    reference: ClassVar[str] = "torch.nn.ZeroPad3d"
    summary: ClassVar[str] = "Puts a frame of zeros around a volume."
    when: ClassVar[str] = "Before Conv3d, to keep the size."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "border", "frame")
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3


class ConstantPad1d(_ConstantPad[Amount]):
    """A frame of one number around channels × steps."""

    kind: ClassVar[str] = "constant_pad1d"
    title: ClassVar[str] = "ConstantPad1d"
    reference: ClassVar[str] = "torch.nn.ConstantPad1d"
    summary: ClassVar[str] = "Puts a frame of one chosen number around channels × steps."
    when: ClassVar[str] = "Where 0 would mean something, and another number means empty."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "border", "frame", "fill")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1


class ConstantPad2d(_ConstantPad[AmountPair]):
    """A frame of one number around an image."""

    kind: ClassVar[str] = "constant_pad2d"
    title: ClassVar[str] = "ConstantPad2d"
    reference: ClassVar[str] = "torch.nn.ConstantPad2d"
    summary: ClassVar[str] = "Puts a frame of one chosen number around an image."
    when: ClassVar[str] = "Where 0 would mean something, and another number means empty."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "border", "frame", "fill")
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class ConstantPad3d(_ConstantPad[AmountTriple]):
    """A frame of one number around a volume."""

    kind: ClassVar[str] = "constant_pad3d"
    title: ClassVar[str] = "ConstantPad3d"
    reference: ClassVar[str] = "torch.nn.ConstantPad3d"
    summary: ClassVar[str] = "Puts a frame of one chosen number around a volume."
    when: ClassVar[str] = "Where 0 would mean something, and another number means empty."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "border", "frame", "fill")
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3


class ReflectionPad1d(_Pad[Amount]):
    """A mirror image around channels × steps."""

    kind: ClassVar[str] = "reflection_pad1d"
    title: ClassVar[str] = "ReflectionPad1d"
    reference: ClassVar[str] = "torch.nn.ReflectionPad1d"
    summary: ClassVar[str] = "Frames channels × steps with its own mirror image."
    when: ClassVar[str] = "Before filters on signals, to avoid a jump at the ends."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "mirror", "border")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1
    spare: ClassVar[int | None] = 1


class ReflectionPad2d(_Pad[AmountPair]):
    """A mirror image around an image."""

    kind: ClassVar[str] = "reflection_pad2d"
    title: ClassVar[str] = "ReflectionPad2d"
    reference: ClassVar[str] = "torch.nn.ReflectionPad2d"
    summary: ClassVar[str] = "Frames an image with its own mirror image."
    when: ClassVar[str] = "In image-to-image networks, to avoid dark edges."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "mirror", "border")
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2
    spare: ClassVar[int | None] = 1


class ReflectionPad3d(_Pad[AmountTriple]):
    """A mirror image around a volume."""

    kind: ClassVar[str] = "reflection_pad3d"
    title: ClassVar[str] = "ReflectionPad3d"
    reference: ClassVar[str] = "torch.nn.ReflectionPad3d"
    summary: ClassVar[str] = "Frames a volume with its own mirror image."
    when: ClassVar[str] = "Before filters on volumes, to avoid false edges."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "mirror", "border")
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3
    spare: ClassVar[int | None] = 1


class ReplicationPad1d(_Pad[Amount]):
    """The edge of channels × steps, repeated."""

    kind: ClassVar[str] = "replication_pad1d"
    title: ClassVar[str] = "ReplicationPad1d"
    reference: ClassVar[str] = "torch.nn.ReplicationPad1d"
    summary: ClassVar[str] = "Frames channels × steps by repeating its outermost steps."
    when: ClassVar[str] = "Where the outside is likely to look like the edge."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "edge", "repeat", "border")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1


class ReplicationPad2d(_Pad[AmountPair]):
    """The edge of an image, repeated."""

    kind: ClassVar[str] = "replication_pad2d"
    title: ClassVar[str] = "ReplicationPad2d"
    reference: ClassVar[str] = "torch.nn.ReplicationPad2d"
    summary: ClassVar[str] = "Frames an image by repeating its outermost pixels."
    when: ClassVar[str] = "Where the outside is likely to look like the edge."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "edge", "repeat", "border")
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class ReplicationPad3d(_Pad[AmountTriple]):
    """The edge of a volume, repeated."""

    kind: ClassVar[str] = "replication_pad3d"
    title: ClassVar[str] = "ReplicationPad3d"
    reference: ClassVar[str] = "torch.nn.ReplicationPad3d"
    summary: ClassVar[str] = "Frames a volume by repeating its outermost points."
    when: ClassVar[str] = "Where the outside is likely to look like the edge."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "edge", "repeat", "border")
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3


class CircularPad1d(_Pad[Amount]):
    """The other side of channels × steps, wrapped round."""

    kind: ClassVar[str] = "circular_pad1d"
    title: ClassVar[str] = "CircularPad1d"
    reference: ClassVar[str] = "torch.nn.CircularPad1d"
    summary: ClassVar[str] = "Frames channels × steps with what stands at the opposite side."
    when: ClassVar[str] = "For what repeats, such as hours of a day or angles."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "wrap", "periodic", "border")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1
    spare: ClassVar[int | None] = 0


class CircularPad2d(_Pad[AmountPair]):
    """The other side of an image, wrapped round."""

    kind: ClassVar[str] = "circular_pad2d"
    title: ClassVar[str] = "CircularPad2d"
    reference: ClassVar[str] = "torch.nn.CircularPad2d"
    summary: ClassVar[str] = "Frames an image with what stands at the opposite side."
    when: ClassVar[str] = "For panoramas and patterns that wrap round."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "wrap", "periodic", "border")
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2
    spare: ClassVar[int | None] = 0


class CircularPad3d(_Pad[AmountTriple]):
    """The other side of a volume, wrapped round."""

    kind: ClassVar[str] = "circular_pad3d"
    title: ClassVar[str] = "CircularPad3d"
    reference: ClassVar[str] = "torch.nn.CircularPad3d"
    summary: ClassVar[str] = "Frames a volume with what stands at the opposite side."
    when: ClassVar[str] = "For volumes that repeat, as in simulations."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "wrap", "periodic", "border")
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3
    spare: ClassVar[int | None] = 0
