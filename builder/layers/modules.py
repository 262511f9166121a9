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


class CausalConv1d(nn.Module):
    """A window over a sequence that ends at each step, so that nothing later is seen."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        kernel_size: int,
        *,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.behind = dilation * (kernel_size - 1)
        self.window = nn.Conv1d(
            in_features, out_features, kernel_size, dilation=dilation, groups=groups, bias=bias
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, T, F). Gives (B, T, out_features)."""
        x = nn.functional.pad(x.transpose(1, 2), (self.behind, 0))  # (B, F, behind + T)
        made: torch.Tensor = self.window(x).transpose(1, 2)
        return made


class Mamba(nn.Module):
    """Selective state space, https://arxiv.org/abs/2312.00752: each step decides what its state keeps and writes.

    The recurrence h[t] = keep[t] * h[t - 1] + write[t] runs as a parallel scan (pairs, pairs of pairs, ...) over
    chunks of the sequence, so its depth grows with the logarithm of a chunk and its memory stays in the cache.
    """

    def __init__(
        self,
        features: int,
        *,
        expand: int = 2,
        states: int = 16,
        kernel_size: int = 4,
        chunk: int = 64,
    ) -> None:
        super().__init__()
        inner, rank = expand * features, math.ceil(features / 16)
        self.enter = nn.Linear(features, 2 * inner, bias=False)
        self.window = nn.Conv1d(inner, inner, kernel_size, groups=inner)
        self.select = nn.Linear(inner, rank + 2 * states, bias=False)
        self.pace = nn.Linear(rank, inner)
        # Paces from 0.001 to 0.1 at the start, through the inverse of softplus.
        low, high = math.log(0.001), math.log(0.1)
        pace = (low + (high - low) * torch.rand(inner)).exp()
        self.pace.bias = nn.Parameter(pace + (1 - (-pace).exp()).log())
        self.log_decay = nn.Parameter(torch.arange(1.0, states + 1).log().repeat(inner, 1))
        self.through = nn.Parameter(torch.ones(inner))
        self.leave = nn.Linear(inner, features, bias=False)
        self.sizes = (rank, states, states)
        self.behind = kernel_size - 1
        self.chunk = chunk

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (B, T, F). Gives (B, T, F); step t depends on steps 0 to t only."""
        steps = x.shape[1]
        chunk = min(self.chunk, 2 ** math.ceil(math.log2(steps)))
        u, gate = self.enter(x).chunk(2, dim=2)  # (B, T, D) each
        u = nn.functional.pad(u.transpose(1, 2), (self.behind, -steps % chunk))
        u = nn.functional.silu(self.window(u).transpose(1, 2))  # (B, T + padding, D)
        pace, write, read = self.select(u).split(self.sizes, dim=2)  # (B, T, R), (B, T, N) twice
        pace = nn.functional.softplus(self.pace(pace))  # (B, T, D)
        decay = -self.log_decay.exp()  # (D, N)
        state = torch.zeros_like(u[:, :1, :, None]) * decay  # (B, 1, D, N)
        answers = []
        parts = zip(
            *(one.split(chunk, dim=1) for one in (pace, pace * u, write, read)), strict=True
        )
        for wait, given, place, seen in parts:
            keep = (wait[..., None] * decay).exp()  # (B, C, D, N)
            states = self.scan(keep, given[..., None] * place[:, :, None], state)
            state = states[:, -1:]
            answers.append(torch.matmul(states, seen[..., None])[..., 0])  # (B, C, D)
        y = torch.cat(answers, dim=1) + self.through * u
        made: torch.Tensor = self.leave(y[:, :steps] * nn.functional.silu(gate))
        return made

    def scan(self, keep: torch.Tensor, new: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
        """Every h[t] = keep[t] * h[t - 1] + new[t]; keep, new: (B, C, D, N), C a power of 2; state: (B, 1, D, N)."""
        if keep.shape[1] == 1:
            return keep * state + new
        pairs = (keep.shape[0], keep.shape[1] // 2, 2, *keep.shape[2:])
        keep_even, keep_odd = keep.reshape(pairs).unbind(2)  # (B, C / 2, D, N) each
        new_even, new_odd = new.reshape(pairs).unbind(2)
        odd = self.scan(keep_even * keep_odd, keep_odd * new_even + new_odd, state)
        before = torch.cat([state, odd[:, :-1]], dim=1)
        return torch.stack([keep_even * before + new_even, odd], dim=2).flatten(1, 2)


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
