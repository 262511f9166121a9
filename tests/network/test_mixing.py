import torch
from torch import nn

from builder.network.mixing import mixing_problem


class OverTheBatch(nn.Module):
    def forward(self, x):
        return x.softmax(dim=0)


def test_layers_that_keep_samples_apart_pass():
    network = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))
    assert mixing_problem(network, [torch.randn(2, 4)]) is None


def test_a_layer_along_the_batch_is_found():
    network = nn.Sequential(nn.Linear(4, 8), OverTheBatch())
    assert "another sample of the batch" in mixing_problem(network, [torch.randn(2, 4)])


def test_looking_changes_nothing():
    network = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))
    network[2].eval()
    state, generator = (
        {k: v.clone() for k, v in network.state_dict().items()},
        torch.get_rng_state(),
    )
    mixing_problem(network, [torch.randn(2, 4, generator=torch.Generator().manual_seed(0))])
    assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())
    assert network.training and not network[2].training
    assert torch.equal(generator, torch.get_rng_state())
