"""Our own torch modules, printed whole into generated source; each stands alone on torch and math."""

import math
from typing import Any

import torch
from torch import nn


class PaddedRecurrent(nn.Module):
    """Recurrent layers over padded sequences; what stands beyond a sample's length never changes its answer."""

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        last: bool = True,
        **settings: Any,
    ) -> None:
        super().__init__()
        make = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}[cell]
        width = 2 * hidden_size if bidirectional else hidden_size
        sizes = [input_size] + [width] * (num_layers - 1)
        self.forwards = nn.ModuleList(
            [make(size, hidden_size, batch_first=True, **settings) for size in sizes]
        )
        self.backwards = nn.ModuleList(
            [make(size, hidden_size, batch_first=True, **settings) for size in sizes]
            if bidirectional
            else []
        )
        self.dropout = nn.Dropout(dropout)
        self.hidden_size = hidden_size
        self.last = last

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, T, F); lengths: int64 (B,), 1 to T. Gives (B, T, H), 0 beyond a length, or (B, H)."""
        steps = torch.arange(x.shape[1], device=x.device)
        ends = lengths[:, None]
        padding = (steps >= ends)[:, :, None]  # (B, T, 1)
        # The real steps in reverse, the padding where it was: 2 1 0 3 4 for length 3 of 5.
        turned = torch.where(steps < ends, ends - 1 - steps, steps)[:, :, None]  # (B, T, 1)
        x = x.masked_fill(padding, 0.0)
        for i, reader in enumerate(self.forwards):
            if i > 0:
                x = self.dropout(x)
            y = reader(x)[0]  # (B, T, H)
            if len(self.backwards) > 0:
                back = self.backwards[i](x.gather(1, turned.expand_as(x)))[0]
                y = torch.cat([y, back.gather(1, turned.expand_as(back))], dim=2)  # (B, T, 2H)
            x = y.masked_fill(padding, 0.0)
        if not self.last:
            return x
        at_end = (ends - 1)[:, :, None].expand(-1, 1, self.hidden_size)
        final = x[:, :, : self.hidden_size].gather(1, at_end)[:, 0]  # (B, H)
        if len(self.backwards) == 0:
            return final
        return torch.cat([final, x[:, 0, self.hidden_size :]], dim=1)  # (B, 2H)


class PooledSteps(nn.Module):
    """The mean or the largest value of the real steps of padded sequences."""

    def __init__(self, how: str = "mean") -> None:
        super().__init__()
        self.how = how

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, T, F); lengths: int64 (B,), 1 to T. Gives (B, F)."""
        padding = (torch.arange(x.shape[1], device=x.device) >= lengths[:, None])[:, :, None]
        if self.how == "max":
            return x.masked_fill(padding, -math.inf).amax(dim=1)
        return x.masked_fill(padding, 0.0).sum(dim=1) / lengths[:, None]


class TransformerEncoder(nn.Module):
    """Encoder layers one after the other; unlike torch's own stack each starts from weights of its own."""

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int, num_layers: int, **settings: Any
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.TransformerEncoderLayer(
                    d_model, nhead, dim_feedforward, batch_first=True, **settings
                )
                for _ in range(num_layers)
            ]
        )
        self.norm = nn.LayerNorm(d_model) if settings.get("norm_first") else nn.Identity()

    def forward(self, x: torch.Tensor, **hidden: Any) -> torch.Tensor:
        """x: float32 (B, T, F); hidden: torch's masks. Gives (B, T, F)."""
        for layer in self.layers:
            x = layer(x, **hidden)
        made: torch.Tensor = self.norm(x)
        return made


class TransformerDecoder(nn.Module):
    """Decoder layers one after the other; unlike torch's own stack each starts from weights of its own."""

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int, num_layers: int, **settings: Any
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.TransformerDecoderLayer(
                    d_model, nhead, dim_feedforward, batch_first=True, **settings
                )
                for _ in range(num_layers)
            ]
        )
        self.norm = nn.LayerNorm(d_model) if settings.get("norm_first") else nn.Identity()

    def forward(self, x: torch.Tensor, memory: torch.Tensor, **hidden: Any) -> torch.Tensor:
        """x: float32 (B, T, F); memory: float32 (B, S, F); hidden: torch's masks. Gives (B, T, F)."""
        for layer in self.layers:
            x = layer(x, memory, **hidden)
        made: torch.Tensor = self.norm(x)
        return made


class Transformer(nn.Module):
    """Encoder and decoder as first published, https://arxiv.org/abs/1706.03762, each layer with weights of its own."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        num_encoder_layers: int,
        num_decoder_layers: int,
        **settings: Any,
    ) -> None:
        super().__init__()
        sizes = (d_model, nhead, dim_feedforward)
        self.encoder = nn.ModuleList(
            [
                nn.TransformerEncoderLayer(*sizes, batch_first=True, **settings)
                for _ in range(num_encoder_layers)
            ]
        )
        self.encoder_norm = nn.LayerNorm(d_model)
        self.decoder = nn.ModuleList(
            [
                nn.TransformerDecoderLayer(*sizes, batch_first=True, **settings)
                for _ in range(num_decoder_layers)
            ]
        )
        self.decoder_norm = nn.LayerNorm(d_model)

    def forward(
        self, x: torch.Tensor, target: torch.Tensor, *, padding: Any = None, **hidden: Any
    ) -> torch.Tensor:
        """x: float32 (B, S, F); target: float32 (B, T, F); padding: bool (B, S), True beyond x. Gives (B, T, F)."""
        for layer in self.encoder:
            x = layer(x, src_key_padding_mask=padding)
        memory = self.encoder_norm(x)
        for layer in self.decoder:
            target = layer(target, memory, memory_key_padding_mask=padding, **hidden)
        made: torch.Tensor = self.decoder_norm(target)
        return made


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


class SinusoidalPositions(nn.Module):
    """Adds waves of falling frequency to each step, https://arxiv.org/abs/1706.03762 section 3.5."""

    table: torch.Tensor

    def __init__(self, steps: int, features: int) -> None:
        super().__init__()
        places = torch.arange(steps, dtype=torch.float32)[:, None]  # (T, 1)
        pairs = torch.arange(0, features, 2, dtype=torch.float32)  # (F / 2,)
        angles = places * torch.exp(pairs * (-math.log(10000.0) / features))  # (T, F / 2)
        table = torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, :features]
        self.register_buffer("table", table, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, T, F), T at most `steps`. Gives (B, T, F)."""
        return x + self.table[: x.shape[1]]


class LearnedPositions(nn.Module):
    """Adds a learned row to each step."""

    def __init__(self, steps: int, features: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(steps, features) * 0.02)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, T, F), T at most `steps`. Gives (B, T, F)."""
        return x + self.table[: x.shape[1]]


class LearnedValues(nn.Module):
    """Learned numbers, the same for every sample of the batch."""

    def __init__(self, shape: tuple[int, ...], spread: float = 0.02) -> None:
        super().__init__()
        self.values = nn.Parameter(torch.randn(shape) * spread)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: anything (B, ...). Gives (B, *shape)."""
        return self.values.expand(x.shape[0], *self.values.shape)
