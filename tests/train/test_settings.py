"""Settings are filled in with reasons, and what cannot work is refused."""

import math

import pytest

from builder.errors import TrainError
from builder.spec.training import OptimizerSpec, ScheduleSpec, TrainingSpec
from builder.train.optimizers import all_optimizers, find_optimizer
from builder.train.recipes.catalogue import all_recipes, find
from builder.train.schedules import all_schedules, find_schedule, share_at
from builder.train.settings import resolve

from .conftest import SCHEMA


def test_every_open_setting_is_inferred_with_a_reason():
    resolved = resolve(TrainingSpec(), SCHEMA, find("classification"), samples=100)
    for name, setting in resolved.settings.items():
        assert setting.origin == "inferred", name
        assert setting.reason, name


def test_the_batch_grows_with_the_data_and_lbfgs_takes_all_of_it():
    def size(samples, kind="adamw"):
        spec = TrainingSpec(optimizer=OptimizerSpec(kind=kind))
        return resolve(spec, SCHEMA, find("classification"), samples=samples).batch_size

    assert size(100) <= size(1000) <= size(100_000) == 128
    assert size(5) == 5
    assert size(777, "lbfgs") == 777


@pytest.mark.parametrize("kind", [kind.kind for kind in all_optimizers()])
def test_every_optimizer_builds_with_its_defaults_and_describes_itself(kind):
    import torch

    optimizer = find_optimizer(OptimizerSpec(kind=kind))
    weight = torch.nn.Parameter(torch.ones(3, 2))
    built = optimizer.build(
        [{"params": [weight], "weight_decay": 0.0}], lr=optimizer.learning_rate, fused=True
    )
    assert isinstance(built, torch.optim.Optimizer)
    for field in type(optimizer).model_fields.values():
        assert field.title
        assert field.description
    assert optimizer.title
    assert optimizer.summary
    assert optimizer.when


@pytest.mark.parametrize("kind", [kind.kind for kind in all_schedules()])
def test_every_schedule_stays_between_nothing_and_the_whole_rate(kind):
    schedule = find_schedule(ScheduleSpec(kind=kind))
    shares = [share_at(schedule, step, steps=100, warmup_steps=10) for step in range(100)]
    assert all(0 <= share <= 1 for share in shares)
    assert max(shares) == pytest.approx(1, abs=0.01)


def test_cosine_is_the_one_of_torch():
    import torch

    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    schedule = find_schedule(ScheduleSpec(kind="cosine"))
    for step in range(50):
        ours = share_at(schedule, step, steps=50, warmup_steps=0)
        assert ours == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        theirs.step()


def test_one_cycle_rises_and_falls():
    schedule = find_schedule(ScheduleSpec(kind="one_cycle"))
    shares = [schedule.share(step / 100) for step in range(101)]
    assert shares[0] == pytest.approx(0.04)
    assert shares.index(max(shares)) == 30
    assert shares[-1] == pytest.approx(0, abs=1e-9)


def test_weight_decay_spares_norms_and_biases():
    from torch import nn

    from builder.train.learner import parameter_groups

    model = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    decayed, spared = parameter_groups(model, 0.1)
    assert {id(p) for p in decayed["params"]} == {id(model[0].weight), id(model[3].weight)}
    assert spared["weight_decay"] == 0.0
    assert len(decayed["params"]) + len(spared["params"]) == len(list(model.parameters()))


def test_frozen_weights_have_no_optimizer():
    from torch import nn

    from builder.train.learner import parameter_groups

    model = nn.Linear(2, 2)
    model.weight.requires_grad_(False)
    groups = parameter_groups(model, 0.1)
    assert [id(p) for group in groups for p in group["params"]] == [id(model.bias)]


def test_unknown_settings_are_refused_by_name():
    with pytest.raises(TrainError, match="momentun"):
        find_optimizer(OptimizerSpec(kind="sgd", settings={"momentun": 0.5}))


@pytest.mark.parametrize("recipe", all_recipes(), ids=lambda recipe: recipe.kind)
def test_every_recipe_says_what_it_is(recipe):
    assert recipe.title
    assert recipe.summary
    assert recipe.losses
    for metric in recipe.metrics:
        assert metric.improves(1.0, None)
        assert not metric.improves(math.nan, None)
        assert metric.improves(1.0, 0.5) == (metric.better == "higher")


def test_torch_is_not_imported_by_what_the_web_process_reads():
    import subprocess
    import sys

    code = (
        "import sys; import builder.train.settings, builder.train.recipes.catalogue as c; "
        "c.all_recipes(); import builder.train.events, builder.train.control, builder.evaluate.results, "
        "builder.readiness.expect, builder.readiness.report; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
