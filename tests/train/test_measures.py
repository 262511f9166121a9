"""Quick metrics are those of scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn import metrics as sk

from builder.train.measures import auroc, class_metrics, number_metrics


@pytest.mark.parametrize("classes", [2, 5])
def test_class_metrics_are_those_of_scikit_learn(classes):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(200, classes, generator=generator).round(decimals=1)  # with ties
    target = torch.randint(0, classes, (200,), generator=generator)
    ours = class_metrics(logits, target, "auroc")
    answers, truth = logits.argmax(1).numpy(), target.numpy()
    shares = logits.softmax(1).double().numpy()
    assert ours["accuracy"] == pytest.approx(sk.accuracy_score(truth, answers))
    assert ours["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(truth, answers))
    assert ours["f1_macro"] == pytest.approx(sk.f1_score(truth, answers, average="macro"))
    theirs = (
        sk.roc_auc_score(truth, shares[:, 1])
        if classes == 2
        else sk.roc_auc_score(truth, shares, multi_class="ovr")
    )
    assert ours["auroc"] == pytest.approx(theirs)


def test_number_metrics_are_those_of_scikit_learn():
    generator = torch.Generator().manual_seed(0)
    target = torch.randn(100, 2, generator=generator)
    outputs = target + 0.3 * torch.randn(100, 2, generator=generator)
    ours = number_metrics(outputs, target, "r2")
    assert ours["r2"] == pytest.approx(sk.r2_score(target, outputs), rel=1e-5)
    assert ours["mae"] == pytest.approx(sk.mean_absolute_error(target, outputs), rel=1e-5)
    assert ours["rmse"] == pytest.approx(sk.mean_squared_error(target, outputs) ** 0.5, rel=1e-5)


def test_one_class_alone_has_no_auroc():
    assert np.isnan(auroc(np.array([[0.2, 0.8]]), np.array([1])))
