"""Which kinds usually come right after another: each says after which families it likes to stand."""

from functools import cache

from builder.layers.base import LayerType, TensorType
from builder.layers.catalogue import all_kinds

_TYPICAL = {
    "image": TensorType((8, 8, 8), "float32", "image"),
    "sequence": TensorType((8, 8), "float32", "sequence"),
    "features": TensorType((8,), "float32", "features"),
}


@cache
def followers(before: type[LayerType]) -> tuple[type[LayerType], ...]:
    """Kinds that usually come right after this one and take what it gives, likeliest first."""
    given = _given(before)
    likely = [
        kind
        for kind in all_kinds()
        if before.family in kind.usual_after and (given is None or kind().suits(given))
    ]
    return tuple(sorted(likely, key=lambda kind: kind.usual_after.index(before.family)))


def _given(kind: type[LayerType]) -> TensorType | None:
    """What such a layer typically gives; None where that is what it gets, or where its settings alone decide."""
    roles = kind().call(*kind.example).roles if kind.inputs else ()
    if not roles or all(kind().suits(one) for one in _TYPICAL.values()):
        return None
    return _TYPICAL.get(roles[0], TensorType(kind.example[0][0].shape, role="any"))
