"""What layers ask of several inputs at once: two or more of them, shapes that fit each other."""

from builder.layers import needs
from builder.layers.base import Mismatch, TensorType
from builder.spec.data import Role


def several(given: tuple[TensorType, ...]) -> Mismatch | None:
    """Refuses fewer than two inputs, and what is no numbers."""
    if len(given) < 2:
        return Mismatch("two or more connections", "Connect another layer to it.")
    return next((wrong for one in given if (wrong := needs.numbers(one))), None)


def same(given: tuple[TensorType, ...]) -> Mismatch | None:
    """Refuses shapes that are not the same; an axis of size 1 fits any size."""
    ranks = {len(one.shape) for one in given}
    if len(ranks) == 1 and all(
        len(set(sizes) - {1}) <= 1 for sizes in zip(*(one.shape for one in given), strict=True)
    ):
        return None
    return Mismatch(
        "inputs of the same shape",
        "Bring them to the same shape, with Linear or a 1×1 Conv2d.",
        code="shapes_differ",
    )


def role(given: tuple[TensorType, ...]) -> Role:
    """The role they share, or any."""
    return given[0].role if len({one.role for one in given}) == 1 else "any"
