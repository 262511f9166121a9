"""A few real steps before a run, on the smallest data there are."""

import pytest
import torch

from builder.errors import BuilderError
from builder.projects.templates import templates
from builder.spec.training import OptimizerSpec
from builder.train.optimizers import all_optimizers, find_optimizer
from builder.train.rehearsal import rehearse


@pytest.fixture
def mlp():
    return next(one.project for one in templates() if one.id == "mlp-digits")


def test_a_rehearsal_tells_steps_time_and_memory_and_leaves_nothing(mlp, tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    threads = torch.get_num_threads()
    told = rehearse(mlp, seconds=0.3)
    assert told.steps_taken > 0 and told.steps_per_epoch > 0
    assert told.seconds_per_epoch > 0 and told.seconds_per_step > 0
    assert told.held_bytes > 0
    assert torch.get_num_threads() == threads
    assert not (tmp_path / "runs").exists()


def test_another_batch_size_holds_in_proportion(mlp, tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    small = rehearse(mlp, batch_size=32, seconds=0.0).held_bytes
    large = rehearse(mlp, batch_size=128, seconds=0.0).held_bytes
    assert large == pytest.approx(4 * small, rel=0.05)


def test_a_network_that_cannot_train_says_why(mlp):
    network = mlp.networks[0]
    broken = mlp.with_network(network.model_copy(update={"wires": network.wires[1:]}))
    with pytest.raises(BuilderError):
        rehearse(broken)


@pytest.mark.parametrize("kind", [kind.kind for kind in all_optimizers()])
def test_an_optimizer_remembers_as_many_numbers_a_weight_as_it_says(kind):
    optimizer = find_optimizer(OptimizerSpec(kind=kind))
    weight = torch.nn.Parameter(torch.randn(50, 20))
    built = optimizer.build([{"params": [weight], "weight_decay": 0.0}], lr=1e-3, fused=False)

    def loss():
        built.zero_grad()
        value = (weight**2).sum() + torch.sin(weight * 3).sum()
        value.backward()
        return value

    for _ in range(40):
        built.step(loss)
    held = 0
    for state in built.state.values():
        flat = [
            one
            for value in state.values()
            for one in (value if isinstance(value, list) else [value])
        ]
        held += sum(
            one.numel() for one in flat if isinstance(one, torch.Tensor) and one.numel() > 1
        )
    assert held / weight.numel() == pytest.approx(
        optimizer.copies(), abs=2 if optimizer.by_closure else 0.01
    )
