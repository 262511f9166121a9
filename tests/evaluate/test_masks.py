"""Masks are measured as scikit-learn measures them, beside opponents that see one pixel or nothing."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import accuracy_score, jaccard_score, precision_score, recall_score

from builder.data.split import split
from builder.data.store import open_raw
from builder.evaluate import metrics
from builder.evaluate.predict import predict
from builder.evaluate.results import read_arrays, read_results
from builder.evaluate.run import evaluate
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.measures import pixel_confusion
from builder.train.trained import load_trained
from tests.train.drawn import segmentation


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A little trained segmentation of a few shapes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr("builder.train.device.cores", lambda: 1)
        folder = tmp_path_factory.mktemp("run")
        project = segmentation(epochs=2)
        (folder / "project.loom.json").write_text(project.model_dump_json())
        for _ in train(build_job(project, folder=folder)):
            pass
        yield folder


@pytest.fixture(scope="module")
def results(run):
    return evaluate(run, "validation")


@pytest.fixture(scope="module")
def pixels(run):
    """Truth and answer of every validation pixel, and its picture, by hand."""
    trained = load_trained(run)
    raw = open_raw(trained.project.data)
    rows = split(raw, trained.project.data.split).validation
    with torch.no_grad():
        logits = trained.network(
            trained.preparation.prepare({"image": raw.fields["image"][rows]})["image"]
        )
    return rows, raw.target[rows], logits.argmax(1).numpy()


def test_figures_over_all_pixels_are_those_of_scikit_learn(results, pixels):
    _, truth, answer = pixels
    flat = truth.ravel(), answer.ravel()
    assert results.metric == "mean_iou" and results.samples == len(truth)
    assert results.metrics["mean_iou"] == pytest.approx(jaccard_score(*flat, average="macro"))
    assert results.metrics["pixel_accuracy"] == pytest.approx(accuracy_score(*flat))
    interval = results.intervals["mean_iou"]
    assert interval.low < results.metrics["mean_iou"] < interval.high


def test_each_class_is_measured_by_itself(results, pixels):
    _, truth, answer = pixels
    flat = truth.ravel(), answer.ravel()
    told = results.masks
    codes = range(4)
    wanted = jaccard_score(*flat, average=None, labels=codes, zero_division=0)
    assert [value or 0 for value in told.iou] == pytest.approx(wanted)
    wanted = recall_score(*flat, average=None, labels=codes, zero_division=0)
    assert [value or 0 for value in told.found] == pytest.approx(wanted)
    wanted = precision_score(*flat, average=None, labels=codes, zero_division=0)
    assert [value or 0 for value in told.right] == pytest.approx(wanted)
    assert told.pixels == tuple(np.bincount(truth.ravel(), minlength=4).tolist())


def test_the_worst_samples_come_first_with_their_masks(run, results, pixels):
    rows, truth, answer = pixels
    each = [
        jaccard_score(t.ravel(), a.ravel(), average="macro")
        for t, a in zip(truth, answer, strict=True)
    ]
    assert results.worst[0].score == pytest.approx(min(each))
    scores = [one.score for one in results.worst]
    assert scores == sorted(scores)
    arrays = read_arrays(run, "validation")
    place = rows.tolist().index(results.worst[0].index)
    np.testing.assert_array_equal(arrays["worst:truth"][0], truth[place])
    np.testing.assert_array_equal(arrays["worst:answer"][0], answer[place])
    assert arrays["worst:input"].shape == (8, 32, 32, 3)
    assert arrays["worst:iou"].tolist() == pytest.approx(sorted(each)[:8])
    assert read_results(run, "validation").masks == results.masks


def test_opponents_see_nothing_or_one_pixel(results, pixels):
    _, truth, _ = pixels
    always, line = results.baselines
    flat = truth.ravel(), np.zeros(truth.size)
    assert always.metrics["mean_iou"] == pytest.approx(jaccard_score(*flat, average="macro"))
    assert always.metrics["pixel_accuracy"] == pytest.approx(accuracy_score(*flat))
    assert line.name == "pixel_logistic_regression"
    assert 0.1 < line.metrics["mean_iou"] < 0.5


def test_intervals_draw_whole_pictures():
    draw = torch.Generator().manual_seed(0)
    truth = torch.randint(0, 3, (40, 6, 6), generator=draw)
    logits = torch.nn.functional.one_hot(truth, 3).movedim(-1, 1) + torch.randn(
        40, 3, 6, 6, generator=draw
    )
    counts = np.stack(
        [pixel_confusion(a[None], t[None]) for a, t in zip(logits, truth, strict=True)]
    )
    found = metrics.segmentation(counts)["mean_iou"]
    flat = truth.numpy(), logits.argmax(1).numpy()
    assert found.value == pytest.approx(
        jaccard_score(flat[0].ravel(), flat[1].ravel(), average="macro")
    )
    drawn = []
    generator = np.random.default_rng(5)
    for _ in range(300):
        rows = generator.integers(0, 40, 40)
        drawn.append(jaccard_score(flat[0][rows].ravel(), flat[1][rows].ravel(), average="macro"))
    low, high = np.quantile(drawn, (0.025, 0.975))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.02)


def test_a_picture_is_answered_with_its_mask_ready_for_json(run, tmp_path, pixels):
    rows, _, answer = pixels
    raw = open_raw(load_trained(run).project.data)
    stream = io.BytesIO()
    Image.fromarray(raw.fields["image"][rows[0]]).save(stream, "PNG")
    path = tmp_path / "one.png"
    path.write_bytes(stream.getvalue())
    (one,) = json.loads(json.dumps(predict(run, [str(path)])))
    np.testing.assert_array_equal(one["mask"], answer[0])
    assert sum(one["shares"].values()) == pytest.approx(1)
    assert 0.25 <= one["certainty"] <= 1
