"""The benchmark's networks as a person writes them."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class HandMLP(nn.Module):
    """The tiny network as a person writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(64, 64)
        self.out = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Images (B, 1, 8, 8) to logits (B, 10)."""
        logits: Tensor = self.out(torch.relu(self.hidden(x.flatten(1))))
        return logits


class HandCNN(nn.Module):
    """The convolutional network as a person writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.out = nn.Linear(32 * 7 * 7, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Images (B, 1, 28, 28) to logits (B, 10)."""
        x = F.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = F.max_pool2d(torch.relu(self.conv2(x)), 2)
        logits: Tensor = self.out(x.flatten(1))
        return logits


class HandLSTM(nn.Module):
    """The recurrent network as a person writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 64, batch_first=True)
        self.out = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Images (B, 1, 8, 8), rows as steps, to logits (B, 10)."""
        steps, _ = self.lstm(x.reshape(-1, 8, 8))
        logits: Tensor = self.out(steps[:, -1])
        return logits
