"""Our modules that pool, learn, steer or disturb values."""

import math

import torch
from torch import nn


class FractionalMaxPool2d(nn.Module):
    """The largest of windows drawn by lot for each sample while training, evenly spread afterwards."""

    def __init__(self, kernel_size: int | tuple[int, ...], output_ratio: float) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.output_ratio = output_ratio

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, C, H, W). Gives the same axes, each output_ratio as long, rounded down."""
        sizes = [int(size * self.output_ratio) for size in x.shape[2:]]
        lots = torch.full((x.shape[0], x.shape[1], 2), 0.5, dtype=x.dtype, device=x.device)
        if self.training:
            lots = torch.rand_like(lots)
        return nn.functional.fractional_max_pool2d(
            x, self.kernel_size, output_size=sizes, _random_samples=lots
        )


class FractionalMaxPool3d(nn.Module):
    """The largest of windows drawn by lot for each sample while training, evenly spread afterwards."""

    def __init__(self, kernel_size: int | tuple[int, ...], output_ratio: float) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.output_ratio = output_ratio

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, C, D, H, W). Gives the same axes, each output_ratio as long, rounded down."""
        sizes = [int(size * self.output_ratio) for size in x.shape[2:]]
        lots = torch.full((x.shape[0], x.shape[1], 3), 0.5, dtype=x.dtype, device=x.device)
        if self.training:
            lots = torch.rand_like(lots)
        return nn.functional.fractional_max_pool3d(
            x, self.kernel_size, output_size=sizes, _random_samples=lots
        )


class LearnedValues(nn.Module):
    """Learned numbers, the same for every sample of the batch."""

    def __init__(self, shape: tuple[int, ...], spread: float = 0.02) -> None:
        super().__init__()
        self.values = nn.Parameter(torch.randn(shape) * spread)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: anything (B, ...). Gives (B, *shape)."""
        return self.values.expand(x.shape[0], *self.values.shape)


class TimeEmbedding(nn.Module):
    """Waves of falling frequency for one number a sample, https://arxiv.org/abs/2006.11239 appendix B."""

    turns: torch.Tensor

    def __init__(self, features: int, *, longest: float = 10000.0) -> None:
        super().__init__()
        pairs = torch.arange(0, features, 2, dtype=torch.float32)  # (F / 2,)
        self.register_buffer("turns", torch.exp(pairs * (-math.log(longest) / features)), False)
        self.features = features

    def forward(self, time: torch.Tensor) -> torch.Tensor:
        """time: int64 or float32 (B,) or (B, 1). Gives float32 (B, F)."""
        angles = time.reshape(-1, 1) * self.turns  # (B, F / 2)
        return torch.cat([angles.sin(), angles.cos()], dim=1)[:, : self.features]


class FiLM(nn.Module):
    """Scales and shifts each feature as a condition says, https://arxiv.org/abs/1709.07871."""

    def __init__(self, condition_features: int, sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.say = nn.Linear(condition_features, 2 * math.prod(sizes))
        self.sizes = sizes

    def forward(self, x: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, ...), condition: float32 (B, K). Gives the shape of x; `sizes` fits it, 1 where all share."""
        scale, shift = self.say(condition).chunk(2, dim=1)
        scale, shift = scale.reshape(-1, *self.sizes), shift.reshape(-1, *self.sizes)
        made: torch.Tensor = x * (1 + scale) + shift
        return made


class Reparameterise(nn.Module):
    """A draw from a normal distribution that gradients can pass, https://arxiv.org/abs/1312.6114; its mean in eval."""

    def forward(self, mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
        """mean, log_variance: float32 (B, ...). Gives (B, ...)."""
        if not self.training:
            return mean
        return mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)


class DropPath(nn.Module):
    """Sets whole samples to 0 while training, so that only the shortcut around it is left: stochastic depth."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, ...). Gives the same shape; what is kept is scaled up by 1 / (1 - p)."""
        if not self.training or self.p == 0:
            return x
        kept = torch.rand(x.shape[:1], device=x.device) >= self.p  # (B,)
        return x * (kept / (1 - self.p)).reshape(-1, *[1] * (x.ndim - 1))


class GaussianNoise(nn.Module):
    """Adds random numbers of a normal distribution while training."""

    def __init__(self, std: float = 0.1) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, ...). Gives the same shape."""
        return x + self.std * torch.randn_like(x) if self.training else x


class LayerScale(nn.Module):
    """One learned factor for each feature, small at first, https://arxiv.org/abs/2103.17239."""

    def __init__(self, sizes: tuple[int, ...], start: float = 0.01) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full(sizes, start))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, ...). Gives the same shape; `sizes` fits it, 1 where all share."""
        return x * self.scale
