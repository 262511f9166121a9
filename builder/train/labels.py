"""Classes as networks that are asked for one are fed them: 1 at the class, 0 elsewhere, all 0 for none."""

import torch
from torch import Tensor
from torch.nn import functional as F

from builder.spec.data import DataSchema
from builder.train.recipes.options import Draw
from builder.train.recipes.pictures import LABEL


def one_hot(codes: Tensor, schema: DataSchema) -> dict[str, Tensor]:
    """Class codes int64 (N,) as float32 (N, classes), by the name of the feed."""
    return {LABEL: F.one_hot(codes, len(schema.target.classes)).float()}


def in_turn(
    count: int, schema: DataSchema, device: torch.device | str = "cpu"
) -> dict[str, Tensor]:
    """Every class as often as any other: 0, 1, 2, ... and again."""
    return one_hot(torch.arange(count, device=device) % len(schema.target.classes), schema)


def asked(draw: Draw, schema: DataSchema, device: torch.device | str = "cpu") -> dict[str, Tensor]:
    """The class asked for, for every sample; all classes in turn where none is."""
    if draw.label is None:
        return in_turn(draw.count, schema, device)
    return one_hot(torch.full((draw.count,), draw.label, device=device), schema)
