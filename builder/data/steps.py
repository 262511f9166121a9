"""The torch modules of preparation: raw numbers in, what the network sees out.

Each keeps its constructor's arguments as attributes of the same names, so that it can be printed.
"""

import torch
from torch import Tensor, nn


class Scale(nn.Module):
    """Pixels 0…maximum to 0…1, channels first.

    x: images, uint8 or float (B, H, W, C) -> float32 (B, C, H, W).
    """

    def __init__(self, maximum: int) -> None:
        super().__init__()
        self.maximum = maximum

    def forward(self, x: Tensor) -> Tensor:
        """The pixels in 0…1, channels first."""
        return x.permute(0, 3, 1, 2).to(torch.float32) / self.maximum

    def inverse(self, x: Tensor) -> Tensor:
        """Pixels 0…maximum, channels last, as float32."""
        return x.permute(0, 2, 3, 1) * self.maximum


class ChannelsFirst(nn.Module):
    """Pixels as they are, channels first: (B, H, W, C) -> float32 (B, C, H, W)."""

    def forward(self, x: Tensor) -> Tensor:
        """The pixels unchanged, channels first."""
        return x.permute(0, 3, 1, 2).to(torch.float32)

    def inverse(self, x: Tensor) -> Tensor:
        """The pixels unchanged, channels last."""
        return x.permute(0, 2, 3, 1)


class Normalise(nn.Module):
    """Each channel minus its mean, divided by its spread: float32 (B, C, H, W) -> the same."""

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("std", torch.ones(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """The normalised images."""
        return (x - self.mean) / self.std

    def inverse(self, x: Tensor) -> Tensor:
        """The images before they were normalised."""
        return x * self.std + self.mean


class Impute(nn.Module):
    """A value of the training rows where a number is missing: float64 (B, n) with NaN -> float64 (B, n)."""

    fill: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns
        self.register_buffer("fill", torch.zeros(columns, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        """The numbers without gaps."""
        return torch.where(torch.isnan(x), self.fill, x)


class Standardise(nn.Module):
    """Each column minus its mean, divided by its spread, in double precision: float64 (B, n) -> float64 (B, n)."""

    mean: Tensor
    std: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns
        self.register_buffer("mean", torch.zeros(columns, dtype=torch.float64))
        self.register_buffer("std", torch.ones(columns, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        """The standardised numbers."""
        return (x - self.mean) / self.std

    def inverse(self, x: Tensor) -> Tensor:
        """Standardised numbers back in their own unit; keeps the dtype of `x`."""
        return (x.to(self.std.dtype) * self.std + self.mean).to(x.dtype)


class OneHot(nn.Module):
    """Category codes as columns of 0 and 1; the last column of each is for missing, unknown and rare ones.

    codes: int64 (B, m), -1 where unknown -> float32 (B, sum of the columns' slots).
    `table` maps the code of a column (row by row, code + 1) to its slot.
    """

    table: Tensor

    def __init__(self, categories: list[int], slots: list[int]) -> None:
        super().__init__()
        self.categories = categories
        self.slots = slots
        rows = max([1 + count for count in categories], default=1)
        unknown = torch.tensor([slot - 1 for slot in slots], dtype=torch.int64)
        self.register_buffer("table", unknown[:, None].repeat(1, rows))  # (m, most categories + 1)

    def forward(self, codes: Tensor) -> Tensor:
        """One column a category."""
        last = self.table.shape[1] - 1
        known = torch.where(codes < last, codes + 1, 0)
        parts = []
        for place, slots in enumerate(self.slots):
            slot = self.table[place][known[:, place]]
            parts.append(
                (slot[:, None] == torch.arange(slots, device=slot.device)).to(torch.float32)
            )
        return torch.cat(parts, dim=1)


class Carry(nn.Module):
    """The last known value where one is missing, the mean of the training rows where none came before.

    x: windows, float64 (B, steps, n) with NaN -> the same without.
    """

    fill: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns
        self.register_buffer("fill", torch.zeros(columns, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        """The windows without gaps; each round carries twice as far as the one before."""
        reach = 1
        while reach < x.shape[1]:
            earlier = torch.cat([x[:, :1].expand(-1, reach, -1), x[:, :-reach]], dim=1)
            x = torch.where(torch.isnan(x), earlier, x)
            reach *= 2
        return torch.where(torch.isnan(x), self.fill, x)


class Images(nn.Module):
    """Raw images to what the network sees: uint8 (B, H, W, C) -> float32 (B, C, H, W)."""

    def __init__(self, steps: list[nn.Module]) -> None:
        super().__init__()
        self.steps = nn.Sequential(*steps)

    def forward(self, image: Tensor) -> Tensor:
        """What the network sees of these images."""
        prepared: Tensor = self.steps(image)
        return prepared

    def inverse(self, prepared: Tensor) -> Tensor:
        """Pixels, float32 (B, H, W, C), of what a network sees or makes: (B, C, H, W)."""
        for step in reversed(list(self.steps)):
            prepared = step.inverse(prepared)  # type: ignore[operator]
        return prepared


class Numbers(nn.Module):
    """Raw numbers to what the network sees: float64 (B, n) with NaN -> float32 (B, n)."""

    def __init__(self, steps: list[nn.Module]) -> None:
        super().__init__()
        self.steps = nn.Sequential(*steps)

    def forward(self, numbers: Tensor) -> Tensor:
        """What the network sees of these numbers."""
        prepared: Tensor = self.steps(numbers.to(torch.float64))
        return prepared.to(torch.float32)


class Window(nn.Module):
    """Raw windows to what the network sees: float64 (B, steps, n) with NaN -> float32 (B, steps, n)."""

    def __init__(self, steps: list[nn.Module]) -> None:
        super().__init__()
        self.steps = nn.Sequential(*steps)

    def forward(self, window: Tensor) -> Tensor:
        """What the network sees of these windows."""
        prepared: Tensor = self.steps(window.to(torch.float64))
        return prepared.to(torch.float32)


class Table(nn.Module):
    """Numbers and categories side by side: float64 (B, n), int64 (B, m) -> float32 (B, features)."""

    def __init__(self, numbers: Numbers, one_hot: OneHot) -> None:
        super().__init__()
        self.numbers = numbers
        self.one_hot = one_hot

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        """Numbers first, then categories."""
        return torch.cat([self.numbers(numbers), self.one_hot(categories)], dim=1)


class Tokens(nn.Module):
    """Codes of a text's pieces as numbers of tokens: 0 where the text is over, 1 for pieces that are not known.

    codes: int64 (B, length), -1 behind the end -> int64 (B, length), below `vocabulary`.
    `known` holds the codes of the known pieces in ascending order, `numbers` the token of each.
    """

    known: Tensor
    numbers: Tensor

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        never = torch.full((vocabulary - 2,), torch.iinfo(torch.int64).max)
        self.register_buffer("known", never)
        self.register_buffer("numbers", torch.ones_like(never))

    def forward(self, codes: Tensor) -> Tensor:
        """The tokens. A binary search by hand, so that the graph has no operator that other runtimes lack."""
        count = self.vocabulary - 2
        place = torch.zeros_like(codes)
        stride = 1 << (count - 1).bit_length() >> 1
        while stride:
            probe = place + stride
            inside = (probe < count) & (self.known[probe.clamp(max=count - 1)] <= codes)
            place = torch.where(inside, probe, place)
            stride >>= 1
        token = torch.where(self.known[place] == codes, self.numbers[place], 1)
        return torch.where(codes < 0, 0, token)


class TextLength(nn.Module):
    """How many pieces a text has, at least 1: codes int64 (B, length), -1 behind the end -> int64 (B,)."""

    def forward(self, codes: Tensor) -> Tensor:
        """The number of pieces before the end."""
        return (codes >= 0).sum(1).clamp(min=1)


class SameTarget(nn.Module):
    """A target that is trained as it is: class codes of samples or pixels as int64, or numbers as float32."""

    def forward(self, target: Tensor) -> Tensor:
        """The target to train on."""
        return target.to(torch.float32 if target.is_floating_point() else torch.int64)

    def inverse(self, answer: Tensor) -> Tensor:
        """The network's answer, unchanged."""
        return answer


class ScaledTarget(nn.Module):
    """Numbers trained with mean 0 and spread 1: float64 (B, width) -> float32 (B, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.standardise = Standardise(width)

    def forward(self, target: Tensor) -> Tensor:
        """The target to train on."""
        scaled: Tensor = self.standardise(target.to(torch.float64))
        return scaled.to(torch.float32)

    def inverse(self, answer: Tensor) -> Tensor:
        """The network's answer in the target's own unit, float32 (B, width)."""
        return self.standardise.inverse(answer)


class SeriesTarget(nn.Module):
    """Steps ahead trained with the scale of their series: float64 (B, horizon, series) -> float32, the same shape.

    `naive_error` (series,) is what repeating the last season is off by, on average over the training rows.
    """

    naive_error: Tensor

    def __init__(self, series: int) -> None:
        super().__init__()
        self.series = series
        self.standardise = Standardise(series)
        self.register_buffer("naive_error", torch.ones(series, dtype=torch.float64))

    def forward(self, target: Tensor) -> Tensor:
        """The target to train on."""
        scaled: Tensor = self.standardise(target.to(torch.float64))
        return scaled.to(torch.float32)

    def inverse(self, answer: Tensor) -> Tensor:
        """The forecast in its own unit, float32 (B, ..., horizon, series)."""
        return self.standardise.inverse(answer)
