"""A small classifier trained on real labelled samples, which says what new samples look like."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from builder.data.batches import Tensors

SURE = 0.9
"""From this certainty on the judge is sure."""
STEPS, BATCH, FEATURES = 700, 64, 128
CHUNK = 1024


class Judge(NamedTuple):
    """Tells classes of prepared samples (N, ...): shares (N, classes), and features (N, 128) before the last layer."""

    network: nn.Sequential

    def shares(self, samples: Tensor) -> NDArray[np.float64]:
        """Probabilities of the classes."""
        return _in_pieces(self.network, samples).softmax(1).double().numpy()

    def features(self, samples: Tensor) -> Tensor:
        """What the layer before the last gives, float32 (N, 128)."""
        return _in_pieces(self.network[:-1], samples)

    def accuracy(self, measured: Tensors) -> float:
        """The share of real labelled samples it names rightly."""
        assert measured.target is not None
        (samples,) = measured.inputs.values()
        return float((self.shares(samples).argmax(1) == measured.target.numpy()).mean())

    def sure_share(self, samples: Tensor) -> float:
        """The share of samples it is at least 0.9 sure of."""
        return float((self.shares(samples).max(1) >= SURE).mean())


def train_judge(train: Tensors, classes: int, *, seed: int = 0) -> Judge:
    """A judge trained on these samples; the same for the same seed, and no other generator is touched."""
    assert train.target is not None
    (samples,) = train.inputs.values()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _network(samples, classes)
        optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=STEPS)
        network.train()
        for _ in range(STEPS):
            chosen = torch.randint(len(samples), (BATCH,))
            loss = F.cross_entropy(network(samples[chosen]), train.target[chosen])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
    return Judge(network.eval())


def _network(samples: Tensor, classes: int) -> nn.Sequential:
    """Two convolutions and a layer for pictures, two layers for anything else; the last one gives logits."""
    body: Callable[..., list[nn.Module]] = _convolutions if samples.ndim == 4 else _flat
    front = body(samples)
    with torch.no_grad():
        width = nn.Sequential(*front)(samples[:2]).shape[1]
    last = [nn.Linear(width, FEATURES), nn.ReLU(), nn.Linear(FEATURES, classes)]
    return nn.Sequential(*front, *last)


def _convolutions(samples: Tensor) -> list[nn.Module]:
    halve = [nn.MaxPool2d(2)] if min(samples.shape[2:]) >= 16 else []
    return [
        nn.Conv2d(samples.shape[1], 16, 3, padding=1),
        nn.ReLU(),
        *halve,
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
    ]


def _flat(samples: Tensor) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(samples[0].numel(), FEATURES), nn.ReLU(), nn.Dropout(0.3)]


@torch.no_grad()
def _in_pieces(network: nn.Module, samples: Tensor) -> Tensor:
    return torch.cat([network(samples[i : i + CHUNK]) for i in range(0, len(samples), CHUNK)])
