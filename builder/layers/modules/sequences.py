"""Our modules over the steps of a sequence: recurrence without padding, pooling, causal windows, selective state."""

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
