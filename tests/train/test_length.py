"""A run whose length was left open takes about as many steps as such data needs, whatever the size of the data."""

import pytest

from builder.projects.templates import templates
from builder.spec.data import FieldSchema
from builder.spec.training import EarlyStopping, OptimizerSpec, TrainingSpec
from builder.train.length import FEWEST, MOST, propose_epochs, propose_patience
from builder.train.loop import train
from builder.train.optimizers import find_optimizer
from builder.train.recipes.catalogue import find, infer
from builder.train.settings import resolve

from .conftest import SCHEMA

ADAMW = find_optimizer(OptimizerSpec())
PICTURES = SCHEMA.model_copy(
    update={"fields": (FieldSchema(name="image", shape=(1, 28, 28), role="image"),)}
)


def resolved(samples: int, schema=SCHEMA, **training):
    return resolve(TrainingSpec(**training), schema, find("classification"), samples=samples)


@pytest.mark.parametrize("samples", [100, 156, 370, 1168, 6500, 20_000])
def test_small_and_large_tables_get_about_the_same_number_of_steps(samples):
    settings = resolved(samples)
    steps = settings.epochs * -(-samples // settings.batch_size)
    assert 1200 <= steps <= 2800


def test_a_table_of_240_rows_gets_far_more_than_ten_epochs():
    assert resolved(156).epochs >= 100


def test_more_data_never_means_more_epochs():
    epochs = [resolved(samples).epochs for samples in (20, 200, 2000, 20_000, 2_000_000)]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[0] == MOST
    assert epochs[-1] == FEWEST


def test_large_samples_get_fewer_steps_because_each_costs_more():
    assert resolved(6500, PICTURES).epochs < resolved(6500).epochs
    assert resolved(6500, PICTURES).epochs == 20


def test_a_few_samples_more_or_less_do_not_change_the_proposal():
    proposals = {propose_epochs(SCHEMA, samples, 32, ADAMW).epochs for samples in range(1160, 1177)}
    assert len(proposals) == 1


def test_an_optimizer_of_the_whole_set_needs_few_steps():
    settings = resolved(156, optimizer=OptimizerSpec(kind="lbfgs"))
    assert settings.epochs == 60
    assert "LBFGS" in settings.settings["epochs"].reason


def test_chosen_epochs_are_yours_and_are_all_run():
    settings = resolved(156, epochs=12)
    assert (settings.epochs, settings.settings["epochs"].origin) == (12, "yours")
    assert settings.early_stopping is None


def test_a_run_of_inferred_length_stops_early_unless_told_never_to():
    settings = resolved(156)
    assert settings.early_stopping == EarlyStopping(patience=propose_patience(settings.epochs))
    assert resolved(156, early_stopping=EarlyStopping(patience=0)).early_stopping is None
    mine = EarlyStopping(patience=4, minimum_gain=0.01)
    assert resolved(156, early_stopping=mine).early_stopping == mine


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_every_template_keeps_the_epochs_it_was_made_with(template):
    training, schema = template.project.training, template.project.data.snapshot
    settings = resolve(training, schema, infer(training, schema))
    assert settings.settings["epochs"].origin == "yours"
    assert settings.epochs == training.epochs
    assert settings.early_stopping is None


def test_an_equal_figure_at_a_lower_loss_is_progress(make_job):
    """Accuracy of few samples moves in steps; a run that still gets surer must not be ended."""
    job = make_job(epochs=30, early_stopping=EarlyStopping(patience=3))
    job.learner.measure = lambda *_, **__: {"loss": 1 / (job.progress.epoch + 1), "accuracy": 0.9}
    assert list(train(job))[-1].reason == "Finished: all 30 epochs are done."
