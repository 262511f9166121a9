"""What layers ask of their inputs, as sentences: numbers, images, sequences, windows that fit."""

from math import prod

from builder.layers.base import Mismatch, TensorType

MOST_VALUES = 10**12
"""More values in one sample than any machine holds; beyond it torch's own sizes overflow."""


def numbers(given: TensorType, *, port: str = "in") -> Mismatch | None:
    """Refuses whole numbers and masks."""
    if given.dtype == "float32":
        return None
    tokens = given.dtype == "int64"
    advice = "Put Embedding before it." if tokens else "Use it as a mask only."
    code = "tokens_as_numbers" if tokens else "wrong_dtype"
    return Mismatch("decimal numbers (float32)", advice, port, code=code)


def axes(given: TensorType, least: int = 1, *, port: str = "in") -> Mismatch | None:
    """Refuses what is not numbers or has fewer than `least` axes besides the batch."""
    if len(given.shape) >= least:
        return numbers(given, port=port)
    counted = "one axis" if least == 1 else f"{least} axes"
    advice = "Put it before the layer that merges the axes."
    return Mismatch(f"at least {counted}", advice, port, code="wrong_rank")


def image(given: TensorType, *, instead: str = "") -> Mismatch | None:
    """Refuses everything but channels × height × width."""
    wrong = numbers(given)
    if wrong or len(given.shape) == 3:
        return wrong
    other = f", or use {instead}" if instead else ""
    first = {
        1: "Put it before Flatten",
        2: "Put Reshape before it to add the channels",
    }.get(len(given.shape), "Put Reshape before it")
    return Mismatch("channels × height × width", f"{first}{other}.", code="wrong_rank")


def volume(given: TensorType, *, instead: str = "") -> Mismatch | None:
    """Refuses everything but channels × depth × height × width."""
    wrong = numbers(given)
    if wrong or len(given.shape) == 4:
        return wrong
    other = f", or use {instead}" if instead else ""
    return Mismatch(
        "channels × depth × height × width", f"Put Reshape before it{other}.", code="wrong_rank"
    )


def channels_first(given: TensorType, *, instead: str = "") -> Mismatch | None:
    """Refuses everything but channels × steps; a sequence (steps × features) is the other way round."""
    wrong = numbers(given)
    if wrong:
        return wrong
    other = f", or use {instead}" if instead else ""
    if len(given.shape) != 2:
        first = (
            "Put Flatten or Reshape before it" if len(given.shape) > 2 else "Put Reshape before it"
        )
        return Mismatch("channels × steps", f"{first}{other}.", code="wrong_rank")
    if given.role == "sequence":
        return Mismatch(
            "channels × steps, and a sequence is steps × features",
            "Put Permute before it to swap the two.",
            code="wrong_layout",
        )
    return None


def sequence(given: TensorType, *, port: str = "in") -> Mismatch | None:
    """Refuses everything but steps × features."""
    wrong = numbers(given, port=port)
    if wrong or len(given.shape) == 2:
        return wrong
    advice = "Put Reshape before it."
    if len(given.shape) == 1:
        advice = "Put Reshape before it, or take every step of the layer before."
    code = "no_steps" if len(given.shape) == 1 else "wrong_rank"
    return Mismatch("a sequence: steps × features", advice, port, code=code)


def lengths(wired: tuple[TensorType, ...], *, port: str = "lengths") -> Mismatch | None:
    """Refuses anything but one whole number a sample at an optional port for lengths."""
    if not wired or (wired[0].dtype == "int64" and wired[0].shape == ()):
        return None
    return Mismatch(
        "one whole number a sample, its length",
        "Connect the lengths of the data, or leave it free.",
        port,
        code="wrong_dtype",
    )


def divides(part: int, whole: int, *, knob: str, named: str, words: str) -> Mismatch | None:
    """Refuses a knob that does not divide a size: heads and features, groups and channels.

    `named` is the knob and `words` what it divides, as the form says them.
    """
    if part <= whole and whole % part == 0:
        return None
    good = [n for n in range(1, min(whole, 4096) + 1) if whole % n == 0]
    nearest = sorted(sorted(good, key=lambda n: abs(n - part))[:3])
    return Mismatch(
        f"{words} that {part} divides, not {whole}",
        f"Set {named} to {_choice(nearest)}.",
        knob=knob,
        code=f"{named.replace(' ', '_')}_do_not_divide",
    )


def window(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    *,
    padding: tuple[int, ...],
    dilation: tuple[int, ...] = (1, 1, 1),
) -> Mismatch | None:
    """Refuses a window larger than the padded input it slides over."""
    for size, width, pad, spread in zip(sizes, kernel, padding, dilation, strict=False):
        reach = spread * (width - 1) + 1
        room = size + 2 * pad
        if room < reach:
            fits = (room - 1) // spread + 1
            padded = f" with its padding of {pad}" if pad else ""
            return Mismatch(
                f"at least {reach} values along each axis the kernel slides over; "
                f"{size}{padded} is too small for kernel size {width}",
                f"Set kernel size to {fits} or less, or pool less before it.",
                knob="kernel_size",
                code="kernel_too_large" if room > 1 else "shrunk_away",
            )
    return None


def holdable(shape: tuple[int, ...], *, knob: str | None = None) -> Mismatch | None:
    """Refuses an output that no machine could hold, before torch's sizes overflow."""
    if prod(shape) <= MOST_VALUES:
        return None
    return Mismatch(
        f"an output of at most {MOST_VALUES:,} values a sample",
        "Make the sizes smaller.",
        knob=knob,
        code="output_too_large",
    )


def same_steps(shapes: list[TensorType], *, port: str) -> Mismatch | None:
    """Refuses sequences of different numbers of steps."""
    if len({given.shape[0] for given in shapes}) == 1:
        return None
    counts = " and ".join(str(given.shape[0]) for given in shapes)
    needed = f"the same number of steps, not {counts}"
    return Mismatch(needed, "Use the same sequence.", port, code="steps_differ")


def same_features(given: TensorType, other: TensorType, *, port: str) -> Mismatch | None:
    """Refuses a second sequence with another number of features."""
    if given.shape[1] == other.shape[1]:
        return None
    return Mismatch(
        f"a sequence of {given.shape[1]} features, like the other one, not {other.shape[1]}",
        f"Put Linear with {given.shape[1]} units before it.",
        port,
    )


def _choice(numbers_: list[int]) -> str:
    words = [str(n) for n in numbers_]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def axis_there(axis: int, given: TensorType, *, knob: str = "axis") -> Mismatch | None:
    """Refuses an axis the input does not have."""
    rank = len(given.shape)
    if -rank <= axis < rank:
        return None
    return Mismatch(
        f"an axis that is there: {rank} axes are numbered 0 to {rank - 1}, and {axis} is none of them",
        f"Set {knob} to {rank - 1} or less." if axis >= 0 else f"Set {knob} to -1.",
        knob=knob,
        code="no_such_axis",
    )


def in_order(
    low: float, high: float, *, knobs: tuple[str, str], usual: tuple[float, float]
) -> Mismatch | None:
    """Refuses a lowest value that is not below the highest; the knob that is not as usual is to blame."""
    if low < high:
        return None
    blamed = knobs[0] if low != usual[0] else knobs[1]
    return Mismatch(
        f"a lowest value below the highest, not {low:g} and {high:g}",
        f"Set lowest to less than {high:g}."
        if blamed == knobs[0]
        else f"Set highest to more than {low:g}.",
        knob=blamed,
    )
