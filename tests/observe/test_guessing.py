"""What always giving the same answer gets, against scikit-learn's dummies."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, log_loss

from builder.observe.guessing import guessing_loss, guessing_metric
from builder.spec.data import DataSchema, FieldSchema, TargetSchema

FIELDS = (FieldSchema(name="features", shape=(4,)),)


def test_loss_and_accuracy_are_those_of_a_classifier_that_knows_only_the_frequencies() -> None:
    target = np.repeat([0, 1, 2], [10, 30, 60])
    dummy = DummyClassifier(strategy="prior").fit(target[:, None], target)
    schema = DataSchema(
        fields=FIELDS,
        target=TargetSchema(kind="classes", classes=("a", "b", "c")),
        samples=100,
        class_counts=(10, 30, 60),
        hash="0" * 16,
    )
    expected = log_loss(target, dummy.predict_proba(target[:, None]))
    assert guessing_loss(schema, "cross_entropy") == pytest.approx(expected)
    assert guessing_metric(schema, "accuracy") == accuracy_score(
        target, dummy.predict(target[:, None])
    )
    assert guessing_metric(schema, "f1_macro") is None


def test_the_mean_of_a_standardised_target_has_loss_one_and_r2_zero() -> None:
    schema = DataSchema(
        fields=FIELDS, target=TargetSchema(kind="numbers"), samples=10, hash="0" * 16
    )
    assert guessing_loss(schema, "mse") == 1.0
    assert guessing_loss(schema, "huber") is None
    assert guessing_metric(schema, "r2") == 0.0


def test_without_data_nothing_is_known() -> None:
    assert guessing_loss(None, "mse") is None
    assert guessing_metric(None, "accuracy") is None
