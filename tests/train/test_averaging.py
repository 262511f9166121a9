"""The average follows the weights as the formula says, and resumes exactly."""

import torch
from torch import nn

from builder.train.averaging import Average


def test_it_is_the_running_average_of_the_weights_and_buffers():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    average = Average(network, 0.9)
    expected = network[0].weight.detach().clone()
    for step in range(1, 120):
        with torch.no_grad():
            network[0].weight.add_(torch.randn(2, 3))
            network[1].running_mean.fill_(float(step))
            network[1].num_batches_tracked.fill_(step)
        average.follow()
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * network[0].weight
    torch.testing.assert_close(average.network[0].weight, expected)
    assert 0 < average.network[1].running_mean[0] < 119
    assert average.network[1].num_batches_tracked == 119
    assert not average.network.training
    assert not any(p.requires_grad for p in average.network.parameters())


def test_its_state_brings_it_back_bit_for_bit():
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    first = Average(network, 0.9)
    for _ in range(5):
        with torch.no_grad():
            network.weight.mul_(1.1)
        first.follow()
    second = Average(nn.Linear(3, 2), 0.9)
    second.restore({name: value.clone() for name, value in first.state().items()})
    assert torch.equal(second.network.weight, first.network.weight)
    assert torch.equal(second.updates, first.updates)
