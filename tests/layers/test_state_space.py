"""Mamba against the recurrence it stands for, one step at a time."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from builder.layers import modules
from builder.layers.base import TensorType
from builder.layers.catalogue import parse
from builder.network.shapes import measure


def one_step_at_a_time(mamba: modules.Mamba, x: torch.Tensor) -> torch.Tensor:
    """Algorithm 2 of the paper, with a loop instead of a scan."""
    u, gate = mamba.enter(x).chunk(2, 2)
    u = nn.functional.pad(u.transpose(1, 2), (mamba.behind, 0))
    u = nn.functional.silu(mamba.window(u).transpose(1, 2))
    pace, write, read = mamba.select(u).split(mamba.sizes, 2)
    pace, decay = nn.functional.softplus(mamba.pace(pace)), -mamba.log_decay.exp()
    h = x.new_zeros(x.shape[0], u.shape[2], decay.shape[1])
    answers = []
    for t in range(x.shape[1]):
        keep = torch.exp(pace[:, t, :, None] * decay)
        h = keep * h + (pace[:, t] * u[:, t])[..., None] * write[:, t, None]
        answers.append((h * read[:, t, None]).sum(-1))
    y = torch.stack(answers, 1) + mamba.through * u
    return mamba.leave(y * nn.functional.silu(gate))


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 8, 9, 33])
@pytest.mark.parametrize("chunk", [1, 4, 64])
def test_the_parallel_scan_is_the_recurrence_and_so_are_its_gradients(steps, chunk):
    torch.manual_seed(steps)
    mamba = modules.Mamba(6, states=5, chunk=chunk).double()
    x = torch.randn(2, steps, 6, dtype=torch.float64)
    found = []
    for run in (mamba, lambda given: one_step_at_a_time(mamba, given)):
        mamba.zero_grad()
        leaf = x.clone().requires_grad_()
        answer = run(leaf)
        (answer * torch.arange(answer.numel()).view_as(answer).cos()).sum().backward()
        found.append([answer, leaf.grad, *(p.grad.clone() for p in mamba.parameters())])
    for scanned, stepped in zip(*found, strict=True):
        torch.testing.assert_close(scanned, stepped, atol=1e-12, rtol=1e-9)


def test_what_comes_later_never_changes_what_came_before():
    mamba = modules.Mamba(8, chunk=4).eval()
    x = torch.randn(2, 11, 8)
    later = x.clone()
    later[:, 6:] += 10
    before, after = mamba(x), mamba(later)
    torch.testing.assert_close(before[:, :6], after[:, :6])
    assert not torch.allclose(before[:, 6:], after[:, 6:])


def test_a_strong_decay_over_a_long_sequence_stays_finite():
    """Products of decays underflow to 0; nothing is ever divided by them."""
    mamba = modules.Mamba(4)
    with torch.no_grad():
        mamba.pace.bias += 40
    x = torch.randn(1, 500, 4, requires_grad=True)
    mamba(x).square().sum().backward()
    assert x.grad is not None and torch.isfinite(x.grad).all()


def test_twice_the_steps_cost_twice_the_operations():
    layer = parse("mamba", {})
    given = [((TensorType((steps, 16), "float32", "sequence"),),) for steps in (64, 128, 256)]
    costs = [measure(layer, inputs).flops for inputs in given]
    assert all(b == 2 * a for a, b in pairwise(costs))


def test_it_exports_for_any_batch():
    mamba = modules.Mamba(8).eval()
    x = torch.randn(3, 10, 8)
    program = torch.export.export(mamba, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    more = torch.randn(7, 10, 8)
    torch.testing.assert_close(program.module()(more), mamba(more))


def test_paces_start_between_a_thousandth_and_a_tenth():
    pace = nn.functional.softplus(modules.Mamba(64).pace.bias)
    assert 0.0009 < pace.min() < 0.01 and 0.01 < pace.max() < 0.101
