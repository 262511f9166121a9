"""One optimisation step, as it is printed into exports: standard library and torch only."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def optimise(
    optimizer: torch.optim.Optimizer,
    compute_loss: Callable[[], Tensor],
    *,
    parameters: Sequence[Tensor],
    clip_norm: float | None = None,
    by_closure: bool = False,
) -> Tensor:
    """Changes `parameters` once, against the gradient of the loss.

    A recipe with several networks calls this once for each optimizer, with the parameters that one drives.

    Args:
        optimizer: what turns gradients into changes.
        compute_loss: runs the forward pass and returns the loss, a scalar that remembers its graph.
        parameters: those of this optimizer; their old gradients are dropped first.
        clip_norm: longest total gradient allowed; longer ones are scaled down to it.
        by_closure: the optimizer computes the loss as often as it likes (LBFGS).

    Returns:
        The loss before the change, a scalar without graph, still on its device (no sync point).
    """

    def loss_and_gradients() -> Tensor:
        for parameter in parameters:
            parameter.grad = None
        loss = compute_loss()
        torch.autograd.backward(loss)
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters, clip_norm)
        return loss

    if by_closure:
        first: Tensor = optimizer.step(loss_and_gradients)  # type: ignore[assignment, arg-type]
        return first.detach()
    loss = loss_and_gradients()
    optimizer.step()
    return loss.detach()


def optimise_together(
    optimizers: Sequence[torch.optim.Optimizer],
    compute_loss: Callable[[], Tensor],
    *,
    parameters: Sequence[Tensor],
    clip_norm: float | None = None,
) -> Tensor:
    """Changes the parameters of several networks once, against the gradient of the one loss they share.

    Arguments and result are those of `optimise`; `parameters` are those of all optimizers.
    """
    for parameter in parameters:
        parameter.grad = None
    loss = compute_loss()
    torch.autograd.backward(loss)
    if clip_norm is not None:
        torch.nn.utils.clip_grad_norm_(parameters, clip_norm)
    for optimizer in optimizers:
        optimizer.step()
    return loss.detach()
