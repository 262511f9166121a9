import torch

from builder.layers import modules


def test_drop_path_skips_whole_samples_and_keeps_the_mean():
    torch.manual_seed(0)
    drop = modules.DropPath(0.25)
    x = torch.ones(4000, 3, 2)
    made = drop(x)
    samples = made.flatten(1)
    skipped = (samples == 0).all(1)
    assert torch.equal(samples[~skipped], torch.full_like(samples[~skipped], 4 / 3))
    assert 0.2 < skipped.float().mean() < 0.3 and 0.95 < made.mean() < 1.05
    assert torch.equal(drop.eval()(x), x)


def test_noise_has_the_asked_spread_and_is_gone_after_training():
    torch.manual_seed(0)
    noise = modules.GaussianNoise(0.5)
    x = torch.full((10_000,), 3.0)
    assert 0.48 < noise(x).std() < 0.52 and 2.97 < noise(x).mean() < 3.03
    assert torch.equal(noise.eval()(x), x)


def test_layer_scale_has_a_factor_for_each_channel():
    scale = modules.LayerScale((3, 1, 1), 0.5)
    x = torch.randn(2, 3, 4, 4)
    torch.testing.assert_close(scale(x), x * 0.5)
    scale(x).sum().backward()
    torch.testing.assert_close(scale.scale.grad.flatten(), x.sum((0, 2, 3)))
