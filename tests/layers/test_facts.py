"""What the rules ask a layer for is what torch does: the range values are squeezed into."""

from typing import Any

import pytest
import torch

from builder.layers.base import LayerType
from builder.layers.catalogue import all_kinds

ACTIVATIONS = [kind for kind in all_kinds() if kind.family == "activation"]
ONE_SIDED = {"relu6"}
"""Cut off above only so that small numbers suffice; in use it is a ReLU, whose slope does not fade."""


def ident(kind: type[LayerType]) -> str:
    return kind.kind


@pytest.mark.parametrize("kind", ACTIVATIONS, ids=ident)
def test_an_activation_has_limits_exactly_where_torch_squeezes_its_values(
    kind: type[LayerType], run: Any
) -> None:
    placed = run.place(kind(), kind.example)
    given = run.tensor(kind.example[0][0], 64) * 1e4
    with torch.no_grad():
        made = placed(given)
    if kind.limits is not None:
        low, high = kind.limits
        assert low <= made.min() and made.max() <= high
        assert made.max() - made.min() > 0.9 * (high - low), "wider than it is"
    elif kind.kind not in ONE_SIDED:
        assert kind.shares or made.abs().max() > 100
