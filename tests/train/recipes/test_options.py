"""Settings of a recipe: declared once, checked by bounds, shown by forms."""

import pytest

from builder.errors import TrainError
from builder.spec.training import TrainingSpec
from builder.train.recipes.catalogue import all_recipes, find
from builder.train.recipes.options import described
from builder.train.settings import resolve
from tests.train.drawn import digits


def test_a_setting_out_of_bounds_is_refused_by_name():
    training = TrainingSpec(recipe="autoencoder", recipe_settings={"hidden": 3.0})
    with pytest.raises(TrainError, match="hidden"):
        resolve(training, digits().snapshot, find("autoencoder"))


def test_an_unknown_setting_is_refused_by_name():
    training = TrainingSpec(recipe="autoencoder", recipe_settings={"niose": 0.3})
    with pytest.raises(TrainError, match="niose"):
        resolve(training, digits().snapshot, find("autoencoder"))


def test_settings_of_loss_and_recipe_stand_side_by_side():
    training = TrainingSpec(
        recipe="autoencoder", loss="huber", recipe_settings={"noise": 0.3, "delta": 2.0}
    )
    fixed = resolve(training, digits().snapshot, find("autoencoder"))
    assert fixed.options.noise == 0.3
    assert fixed.loss.delta == 2.0


@pytest.mark.parametrize("recipe", all_recipes(), ids=lambda recipe: recipe.kind)
def test_every_setting_says_what_it_is(recipe):
    for kind in (recipe.Options, *recipe.losses):
        for info in described(kind):
            assert info.title
            assert info.help
            assert info.type in ("bool", "int", "float", "choice")
    names = [info.name for kind in (recipe.Options, *recipe.losses) for info in described(kind)]
    assert len(names) == len(set(names))
