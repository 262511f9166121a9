"""One step serves several networks, several optimizers, and optimizers that ask for the loss themselves."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from builder.data.batches import Tensors
from builder.train import events
from builder.train.learner import Learner
from builder.train.loop import train
from builder.train.step import optimise


def test_one_step_is_what_torch_does_by_hand():
    torch.manual_seed(0)
    ours, theirs = nn.Linear(3, 1), nn.Linear(3, 1)
    theirs.load_state_dict(ours.state_dict())
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    optimizer = torch.optim.SGD(ours.parameters(), lr=0.1)
    loss = optimise(
        optimizer, lambda: F.mse_loss(ours(x), y), parameters=list(ours.parameters()), clip_norm=0.5
    )
    other = torch.optim.SGD(theirs.parameters(), lr=0.1)
    expected = F.mse_loss(theirs(x), y)
    expected.backward()
    nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
    other.step()
    assert loss.item() == expected.item()
    assert not loss.requires_grad
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_lbfgs_asks_for_the_loss_as_often_as_it_likes_and_solves_a_line():
    torch.manual_seed(0)
    model = nn.Linear(2, 1)
    x = torch.randn(50, 2)
    y = x @ torch.tensor([[2.0], [-1.0]]) + 0.5
    asked = []

    def loss():
        asked.append(1)
        return F.mse_loss(model(x), y)

    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=20, line_search_fn="strong_wolfe")
    first = optimise(optimizer, loss, parameters=list(model.parameters()), by_closure=True)
    assert len(asked) > 2
    assert first > 0.1
    assert loss() < 1e-6


@dataclass
class Duel(Learner):
    """A tiny GAN: the generator moves noise to where the data is, the critic tells them apart."""

    def step(self, inputs, target):
        real = inputs["numbers"]
        generator, critic = self.networks["generator"], self.networks["critic"]
        noise = torch.randn(len(real), 1)
        ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
        judge = F.binary_cross_entropy_with_logits
        critic_loss = optimise(
            self.optimizers["critic"],
            lambda: judge(critic(real), ones) + judge(critic(generator(noise).detach()), zeros),
            parameters=list(critic.parameters()),
        )
        generator_loss = optimise(
            self.optimizers["generator"],
            lambda: judge(critic(generator(noise)), ones),
            parameters=list(generator.parameters()),
        )
        return torch.stack([generator_loss, critic_loss])

    def measure(self, inputs, target, *, chunk):
        generator = self.networks["generator"].eval()
        with torch.no_grad():
            made = generator(torch.linspace(-2, 2, 64)[:, None])
        self.networks["generator"].train()
        return {"loss": float((made.mean() - inputs["numbers"].mean()).abs())}


def duel():
    torch.manual_seed(0)
    networks = {
        "generator": nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1)),
        "critic": nn.Sequential(nn.Linear(1, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1)),
    }
    optimizers = {
        role: torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.5, 0.9))
        for role, network in networks.items()
    }
    return Duel(networks, optimizers, loss_names=("generator", "critic"))


@pytest.fixture
def duel_job(make_job):
    def make(folder=None, **training):
        job = make_job(None, batch_size=64, metric="loss", **training)
        data = torch.randn(512, 1, generator=torch.Generator().manual_seed(1)) * 0.5 + 3
        job.train = job.validation = Tensors({"numbers": data}, torch.zeros(512))
        job.learner = duel()
        driver = job.resolved.drivers["network"]
        job.resolved.drivers.update(generator=driver, critic=driver)
        torch.manual_seed(5)
        if folder is not None:
            from builder.train import saving
            from builder.train.checkpoint import Checkpoints

            job.checkpoints = Checkpoints(folder, writes=True)
            newest = job.checkpoints.newest()
            if newest is not None:
                saving.restore(job, newest)
        return job

    return make


def test_two_networks_with_two_optimizers_learn_in_one_recipe(duel_job):
    happened = list(train(duel_job(epochs=60)))
    ends = [e.validation["loss"] for e in happened if isinstance(e, events.EpochEnded)]
    steps = [e for e in happened if isinstance(e, events.StepsDone)]
    assert ends[0] > 2.0
    assert min(ends) < 0.5
    assert set(steps[0].more_losses) == {"critic"}
    assert isinstance(happened[-1], events.Finished)


def test_two_networks_resume_bit_identically(duel_job, tmp_path):
    def losses(job, stop_after=None):
        found = {}
        for event in train(job):
            if isinstance(event, events.StepsDone):
                rows = zip(
                    event.steps.tolist(), event.losses, event.more_losses["critic"], strict=True
                )
                found |= {s: (float(a).hex(), float(b).hex()) for s, a, b in rows}
            if isinstance(event, events.EpochEnded) and event.epoch == stop_after:
                job.control.stop()
        return found

    whole = losses(duel_job(epochs=5))
    first = losses(duel_job(tmp_path, epochs=5), stop_after=2)
    second = losses(duel_job(tmp_path, epochs=5))
    assert first | second == whole
