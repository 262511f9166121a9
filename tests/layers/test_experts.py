import torch
from torch import nn

from builder.layers import modules


def test_the_mixture_is_what_its_chosen_experts_say():
    torch.manual_seed(0)
    mixture = modules.MixtureOfExperts(6, 9, experts=5, active=2)
    x = torch.randn(3, 4, 6)
    answer = mixture(x)
    for i in range(3):
        for t in range(4):
            scores = mixture.gate(x[i, t])
            best = scores.topk(2)
            expected = torch.zeros(6)
            for share, e in zip(best.values.softmax(0), best.indices.tolist(), strict=True):
                inner = x[i, t] @ mixture.enter[e] + mixture.enter_bias[e]
                said = nn.functional.gelu(inner) @ mixture.leave[e] + mixture.leave_bias[e]
                expected = expected + share * said
            torch.testing.assert_close(answer[i, t], expected)


def test_all_experts_active_is_a_soft_mixture():
    mixture = modules.MixtureOfExperts(4, 4, experts=3, active=3)
    x = torch.randn(2, 4, requires_grad=True)
    mixture(x).square().sum().backward()
    assert all(bool(p.grad.abs().sum() > 0) for p in mixture.parameters())
