"""GAN and diffusion learn a small distribution, keep what they show, and resume bit for bit."""

import pytest
import torch

from builder.errors import TrainError
from builder.spec.training import OptimizerSpec
from builder.train import events, saving
from builder.train.frechet import pixel_frechet
from builder.train.learner import forward_of
from builder.train.loop import train
from builder.train.recipes.catalogue import find
from builder.train.recipes.options import Draw

from .generating import PARTS, SCHEMA, make, pictures

CASES = [
    ("gan", {}, "hinge"),
    ("gan", {"discriminator_updates": 2, "average": 0.0}, "wasserstein"),
    ("gan", {"by_class": True}, "non_saturating"),
    ("diffusion", {}, "mse"),
    (
        "diffusion",
        {"by_class": True, "predicts": "noise", "noise_schedule": "linear", "guidance": 1.0},
        "huber",
    ),
]
CALM = {"average": 0.95}
QUICK = OptimizerSpec(learning_rate=5e-3, weight_decay=0.0)
IDS = [f"{kind}-{loss}" for kind, _, loss in CASES]


def hexes(happened):
    found = {}
    for event in happened:
        if isinstance(event, events.StepsDone):
            columns = [event.losses, *event.more_losses.values()]
            for place, step in enumerate(event.steps.tolist()):
                found[step] = tuple(float(column[place]).hex() for column in columns)
    return found


def ends(happened):
    return {e.epoch: dict(e.validation) for e in happened if isinstance(e, events.EpochEnded)}


@pytest.fixture(autouse=True)
def attend_every_step(monkeypatch):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)


@pytest.mark.parametrize(("kind", "settings", "loss"), CASES, ids=IDS)
@pytest.mark.parametrize("step", [1, 9])
def test_a_resume_is_bit_identical(tmp_path, kind, settings, loss, step):
    whole_job = make(kind, settings=settings, loss=loss)
    whole = list(train(whole_job))
    job = make(kind, tmp_path, settings=settings, loss=loss)
    real = job.learner.step

    def stopping(inputs, target):
        if job.progress.step + 1 == step:
            job.control.stop()
        return real(inputs, target)

    job.learner.step = stopping
    first = list(train(job))
    assert first[-1].step == step
    second_job = make(kind, tmp_path, settings=settings, loss=loss)
    second = list(train(second_job))
    assert hexes(first) | hexes(second) == hexes(whole)
    assert ends(first) | ends(second) == ends(whole)
    for name, network in whole_job.learner.kept().items():
        again = second_job.learner.kept()[name].state_dict()
        assert all(torch.equal(value, again[key]) for key, value in network.state_dict().items())


def test_forgetting_the_average_is_seen(tmp_path, monkeypatch):
    whole = make("diffusion")
    list(train(whole))
    list(train(make("diffusion", tmp_path, max_steps=9)))
    job = make("diffusion", tmp_path)
    monkeypatch.setattr(type(job.learner), "restore", lambda self, state: None)
    job = make("diffusion", tmp_path, max_steps=24)
    job.progress.over = ""
    list(train(job))
    ours = job.learner.kept()["network"].state_dict()
    theirs = whole.learner.kept()["network"].state_dict()
    assert any(not torch.equal(value, theirs[key]) for key, value in ours.items())


@pytest.mark.parametrize(("kind", "settings", "loss"), CASES, ids=IDS)
def test_it_learns_what_the_pictures_are_like(kind, settings, loss):
    job = make(kind, settings={**CALM, **settings}, loss=loss, epochs=100, optimizer=QUICK)
    shown = job.learner.shown(job.train.inputs)["generated"]
    before = pixel_frechet(shown, job.train.inputs["image"])
    list(train(job))
    for network in job.networks.values():
        network.eval()
    shown = job.learner.shown(job.train.inputs)["generated"]
    assert shown.shape[1:] == (1, 4, 4)
    after = pixel_frechet(shown, job.train.inputs["image"])
    assert after < before / 2
    sides = shown.mean((1, 2, 3)) > 0
    assert 0.2 < sides.float().mean() < 0.8
    if settings.get("by_class"):
        asked = torch.arange(len(shown)) % 2 == 1
        assert (sides == asked).float().mean() > 0.8


@pytest.mark.parametrize("kind", ["gan", "diffusion"])
def test_what_is_shown_and_measured_changes_nothing(kind):
    def losses(looks):
        job = make(kind)
        real = job.learner.step

        def step(inputs, target):
            if looks:
                for network in job.networks.values():
                    network.eval()
                job.learner.shown(job.train.inputs)
                job.learner.fed(job.train.inputs)
                job.learner.measure(job.train.inputs, job.train.target, chunk=32)
                job.learner.train_mode()
            return real(inputs, target)

        job.learner.step = step
        return hexes(train(job))

    assert losses(True) == losses(False)


@pytest.mark.parametrize("kind", ["gan", "diffusion"])
def test_the_best_weights_are_the_averaged_ones(kind, tmp_path):
    job = make(kind, tmp_path, epochs=1)
    list(train(job))
    stored = job.checkpoints.best().tensors["model"]
    name = next(iter(job.networks))
    key = "layers.0.weight"
    average = job.learner.kept()[name].state_dict()[key]
    assert torch.equal(stored[f"{name}/{key}"], average)
    assert not torch.equal(average, job.networks[name].state_dict()[key])


def test_both_losses_of_a_duel_are_told_by_name():
    happened = list(train(make("gan", epochs=1)))
    steps = next(event for event in happened if isinstance(event, events.StepsDone))
    assert list(steps.more_losses) == ["generator", "discriminator"]
    assert (steps.losses == steps.more_losses["generator"]).all()
    end = next(event for event in happened if isinstance(event, events.EpochEnded))
    assert set(end.validation) == {"loss", "generator", "discriminator", "pixel_frechet"}


def test_a_step_of_each_network_leaves_the_other_as_it_was():
    job = make("gan")
    batch = pictures(16)
    frozen = {name: [p.clone() for p in n.parameters()] for name, n in job.networks.items()}
    real = job.learner._update

    def update(role, compute_loss):
        before = [p.clone() for p in job.networks[_other(role)].parameters()]
        loss = real(role, compute_loss)
        after = list(job.networks[_other(role)].parameters())
        assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
        return loss

    job.learner._update = update
    job.learner.step(batch.inputs, batch.target)
    for name, network in job.networks.items():
        moved = [
            not torch.equal(a, b) for a, b in zip(frozen[name], network.parameters(), strict=True)
        ]
        assert any(moved), name


def _other(role):
    return "discriminator" if role == "generator" else "generator"


@pytest.mark.parametrize("kind", ["gan", "diffusion"])
def test_draws_are_those_of_their_seed(kind):
    job = make(kind, settings={"by_class": True})
    for network in job.networks.values():
        network.eval()
    recipe, options = find(kind), job.resolved.options
    feeds = PARTS[kind](True)[1]
    forwards = {role: forward_of(job.networks[role], feeds[role]) for role in feeds}

    def draw(**asked):
        with torch.no_grad():
            return recipe.generate(forwards, Draw(6, **asked), options, SCHEMA)

    assert torch.equal(draw(seed=1), draw(seed=1))
    assert not torch.equal(draw(seed=1), draw(seed=2))
    assert not torch.equal(draw(seed=1, label=0), draw(seed=1, label=1))


@pytest.mark.parametrize("kind", ["gan", "diffusion"])
def test_data_without_pictures_are_refused_in_words(kind):
    table = SCHEMA.model_copy(
        update={
            "fields": (SCHEMA.fields[0].model_copy(update={"role": "features", "shape": (4,)}),)
        }
    )
    assert "makes pictures" in find(kind).fits(table)
    assert find(kind).fits(SCHEMA) is None


def test_settings_out_of_bounds_are_refused_by_name():
    with pytest.raises(TrainError, match="noise_features"):
        make("gan", settings={"noise_features": 0})
    with pytest.raises(TrainError, match="label_dropped"):
        make("diffusion", settings={"label_dropped": 1.0})


def test_saving_keeps_the_average(tmp_path):
    job = make("gan", tmp_path)
    batch = pictures(16)
    job.learner.step(batch.inputs, batch.target)
    saving.save_last(job)
    again = make("gan", tmp_path)
    for name, value in job.learner.state()["average"].items():
        assert torch.equal(value, again.learner.state()["average"][name])
