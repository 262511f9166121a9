import torch
from torch import nn

from builder.layers import modules


def test_a_causal_window_is_a_convolution_of_the_steps_so_far():
    layer = modules.CausalConv1d(3, 5, 3, dilation=2)
    x = torch.randn(2, 9, 3)
    padded = nn.functional.pad(x.transpose(1, 2), (4, 0))
    expected = nn.functional.conv1d(padded, layer.window.weight, layer.window.bias, dilation=2)
    torch.testing.assert_close(layer(x), expected.transpose(1, 2))
    later = x.clone()
    later[:, 5:] += 10
    torch.testing.assert_close(layer(later)[:, :5], layer(x)[:, :5])
