"""An average of a network's weights over its last steps, which makes calmer pictures than the last step alone."""

import copy

import torch
from torch import Tensor, nn


class Average:
    """A copy of a network that follows it slowly: `average.network` is what is used after training.

    Args:
        network: what is trained.
        decay: share of the average kept at a step, 0 to 1; early on less is kept, so that the start is forgotten.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay
        self.updates = torch.zeros((), dtype=torch.int64)
        self._follows = network

    @torch.no_grad()
    def follow(self) -> None:
        """Moves the average a little towards the network of now."""
        self.updates += 1
        done = float(self.updates)
        share = 1 - min(self.decay, (1 + done) / (10 + done))
        pairs = list(zip(_held(self.network), _held(self._follows), strict=True))
        moving = [(mine, theirs) for mine, theirs in pairs if mine.is_floating_point()]
        torch._foreach_lerp_([mine for mine, _ in moving], [theirs for _, theirs in moving], share)
        for mine, theirs in pairs:
            if not mine.is_floating_point():
                mine.copy_(theirs)

    def state(self) -> dict[str, Tensor]:
        """Everything an exact resume needs."""
        return {**self.network.state_dict(), "updates": self.updates}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Puts `state` back; RuntimeError when it belongs to another network."""
        rest = dict(state)
        self.updates.copy_(rest.pop("updates"))
        self.network.load_state_dict(rest)


def _held(network: nn.Module) -> list[Tensor]:
    """Parameters and buffers, in a fixed order."""
    return [*network.parameters(), *network.buffers()]
