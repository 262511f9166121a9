"""Our modules around attention: transformers, positions, experts."""

import math
from typing import Any

import torch
from torch import nn


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


class MixtureOfExperts(nn.Module):
    """Several small networks of which a gate picks a few for each step, https://arxiv.org/abs/1701.06538.

    All experts run and a mask decides who counts, so that nothing depends on the values.
    """

    def __init__(self, features: int, hidden: int, *, experts: int = 4, active: int = 2) -> None:
        super().__init__()
        self.gate = nn.Linear(features, experts, bias=False)
        wide, narrow = 1 / math.sqrt(features), 1 / math.sqrt(hidden)
        self.enter = nn.Parameter((2 * torch.rand(experts, features, hidden) - 1) * wide)
        self.enter_bias = nn.Parameter(torch.zeros(experts, hidden))
        self.leave = nn.Parameter((2 * torch.rand(experts, hidden, features) - 1) * narrow)
        self.leave_bias = nn.Parameter(torch.zeros(experts, features))
        self.active = active

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, ..., F). Gives (B, ..., F)."""
        scores = self.gate(x)  # (B, ..., E)
        least = scores.topk(self.active, dim=-1).values[..., -1:]
        shares = scores.masked_fill(scores < least, -math.inf).softmax(dim=-1)
        inner = torch.einsum("...f,efh->...eh", x, self.enter) + self.enter_bias
        made = torch.einsum("...eh,ehf->...ef", nn.functional.gelu(inner), self.leave)
        blended: torch.Tensor = ((made + self.leave_bias) * shares[..., None]).sum(dim=-2)
        return blended


class RotaryPositions(nn.Module):
    """Turns pairs of features by an angle that grows with the step, https://arxiv.org/abs/2104.09864."""

    turns: torch.Tensor

    def __init__(self, features: int, *, base: float = 10000.0) -> None:
        super().__init__()
        pairs = torch.arange(0, features, 2, dtype=torch.float32)  # (F / 2,)
        turns = torch.exp(pairs * (-math.log(base) / features))
        self.register_buffer("turns", turns, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, T, F), F even. Gives (B, T, F); the lengths of all pairs stay."""
        places = torch.arange(x.shape[1], dtype=torch.float32, device=x.device)
        angles = places[:, None] * self.turns  # (T, F / 2)
        one, two = x.chunk(2, dim=2)  # feature i is paired with feature i + F / 2
        left = one * angles.cos() - two * angles.sin()
        return torch.cat([left, one * angles.sin() + two * angles.cos()], dim=2)


class RotaryAttention(nn.Module):
    """Self-attention whose queries and keys are turned by their step, https://arxiv.org/abs/2104.09864."""

    turns: torch.Tensor

    def __init__(
        self,
        features: int,
        num_heads: int,
        *,
        causal: bool = False,
        dropout: float = 0.0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.enter = nn.Linear(features, 3 * features, bias=bias)
        self.leave = nn.Linear(features, features, bias=bias)
        self.heads = num_heads
        self.causal = causal
        self.dropout = dropout
        width = features // num_heads
        pairs = torch.arange(0, width, 2, dtype=torch.float32)
        turns = torch.exp(pairs * (-math.log(10000.0) / width))  # (W / 2,)
        self.register_buffer("turns", turns, persistent=False)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """x: float32 (B, T, F); lengths: int64 (B,). Gives (B, T, F)."""
        steps = torch.arange(x.shape[1], device=x.device)
        angles = steps[:, None] * self.turns  # (T, W / 2)
        heads = self.enter(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key, value = heads.unbind(0)  # (B, H, T, W) each
        mask = torch.ones_like(steps[None, None, None, :] + steps[:, None], dtype=torch.bool)
        if self.causal:
            mask = mask.tril()
        if lengths is not None:
            mask = mask * (steps < lengths[:, None, None, None])  # (B, 1, T, T)
        made = nn.functional.scaled_dot_product_attention(
            self.turned(query, angles),
            self.turned(key, angles),
            value,
            attn_mask=mask,
            dropout_p=self.dropout if self.training else 0.0,
        )
        blended: torch.Tensor = self.leave(made.transpose(1, 2).flatten(2))
        return blended

    def turned(self, x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, H, T, W) with its pairs of features turned; angles: (T, W / 2)."""
        one, two = x.chunk(2, dim=3)
        left = one * angles.cos() - two * angles.sin()
        return torch.cat([left, one * angles.sin() + two * angles.cos()], dim=3)
