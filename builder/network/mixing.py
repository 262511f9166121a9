"""Whether a network keeps the samples of a batch apart: one sample changed must leave the others as they are."""

from collections.abc import Sequence

import torch
from torch import nn


def mixing_problem(module: nn.Module, example: Sequence[torch.Tensor]) -> str | None:
    """The sentence that says so when the answer for sample 1 depends on sample 2; None when it does not.

    `example` has one tensor an argument of forward, with two samples or more. Runs in evaluation mode without
    gradients; mode, buffers and torch's generator are left as they were.
    """
    was_training = [(one, one.training) for one in module.modules()]
    before = torch.get_rng_state()
    try:
        module.eval()
        with torch.no_grad():
            plain = _first_rows(module(*example))
            changed = _first_rows(module(*[_second_changed(one) for one in example]))
    finally:
        torch.set_rng_state(before)
        for one, mode in was_training:
            one.training = mode
    if all(
        torch.equal(a.nan_to_num(), b.nan_to_num()) for a, b in zip(plain, changed, strict=True)
    ):
        return None
    return (
        "The answer for one sample changes when another sample of the batch does, so it would depend on its "
        "neighbours. Look for a layer that works along the batch, and set its axis to another one."
    )


def _first_rows(made: torch.Tensor | tuple[torch.Tensor, ...]) -> list[torch.Tensor]:
    return [one[0] for one in (made if isinstance(made, tuple) else (made,))]


def _second_changed(given: torch.Tensor) -> torch.Tensor:
    """The same batch with another second sample: shifted where numbers are continuous, turned round elsewhere."""
    changed = given.clone()
    if given.is_floating_point():
        changed[1] = given[1] * -0.5 + 1.0
    elif given.ndim > 1:
        changed[1] = given[1].flip(0)
    else:
        changed[1] = given[0]
    return changed
