"""Segmentation learns a class for each pixel, says what does not fit, and goes on bit for bit after a stop."""

import numpy as np
import pytest
import torch
from sklearn.metrics import jaccard_score

from builder.readiness.blank import blank_project
from builder.readiness.check import check_project
from builder.spec.data import FieldSchema
from builder.spec.edits import apply_all
from builder.train import events
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.losses import PixelCrossEntropy, dice_loss
from builder.train.measures import mask_metrics, overlaps, pixel_confusion
from builder.train.recipes.catalogue import all_recipes, find, infer
from builder.train.trained import load_trained
from tests.train.drawn import segmentation


def errors(project):
    return [p for p in check_project(project).problems if p.severity == "error"]


def losses(happened):
    done = [event for event in happened if isinstance(event, events.StepsDone)]
    return {
        int(step): float(loss).hex()
        for e in done
        for step, loss in zip(e.steps, e.losses, strict=True)
    }


def test_masks_ask_for_segmentation_and_for_nothing_else_that_needs_a_target():
    schema = segmentation().data.snapshot
    assert infer(segmentation().training, schema).kind == "segmentation"
    fitting = [r.kind for r in all_recipes() if r.needs_target and r.fits(schema) is None]
    assert fitting == ["segmentation"]
    for kind in ("classification", "regression"):
        assert (
            find(kind).fits(schema)
            == "These data have a class for each pixel: choose Segmentation."
        )


def test_it_refuses_data_without_masks():
    classes = segmentation().data.snapshot.target.model_copy(update={"kind": "classes"})
    schema = segmentation().data.snapshot.model_copy(update={"target": classes})
    assert "folders images and masks" in find("segmentation").fits(schema)


def test_the_smallest_network_trains_whatever_the_number_of_channels():
    data = segmentation().data
    assert errors(blank_project(data)) == []
    for channels in (1, 4):  # 4 is the number of classes, too
        field = FieldSchema(name="image", shape=(channels, 32, 32), role="image")
        changed = data.model_copy(
            update={"snapshot": data.snapshot.model_copy(update={"fields": (field,)})}
        )
        (conv,) = [n for n in blank_project(changed).networks[0].nodes if n.kind == "conv2d"]
        assert conv.knobs["kernel_size"] == 1


@pytest.mark.parametrize("channels", [7, 32])
def test_a_wrong_number_of_channels_is_told_at_the_layer_with_fixes_that_mend_it(channels):
    project = segmentation(last=channels)
    (problem,) = errors(project)
    assert problem.code == "output_width" and problem.node == "conv2"
    assert "4×32×32 because each of 32×32 pixels has one of 4 classes" in problem.what
    assert problem.fixes
    sentences = [fix.sentence for fix in problem.fixes]
    assert any("Put Conv2d (out channels" in one and "kernel size 1" in one for one in sentences)
    for fix in problem.fixes:
        assert errors(apply_all(fix.edits, project)) == []


def test_a_smaller_picture_than_the_masks_is_an_error():
    (problem,) = errors(segmentation(padding=0))
    assert "needs 4×32×32" in problem.what


def test_overlaps_are_those_of_scikit_learn():
    draw = torch.Generator().manual_seed(1)
    logits = torch.randn(3, 4, 5, 6, generator=draw)
    truth = torch.randint(0, 3, (3, 5, 6), generator=draw)
    counts = pixel_confusion(logits, truth)
    flat, answers = truth.ravel().numpy(), logits.argmax(1).ravel().numpy()
    found = mask_metrics(counts)
    assert found["mean_iou"] == pytest.approx(jaccard_score(flat, answers, average="macro"))
    assert found["pixel_accuracy"] == pytest.approx((flat == answers).mean())
    each = jaccard_score(flat, answers, average=None)
    np.testing.assert_allclose(overlaps(counts), each)


def test_a_class_that_neither_is_nor_was_answered_is_left_out_as_scikit_learn_does():
    counts = np.array([[5, 1, 0], [2, 4, 0], [0, 0, 0]])
    flat = np.repeat([0, 0, 1, 1], [5, 1, 2, 4])
    answers = np.repeat([0, 1, 0, 1], [5, 1, 2, 4])
    referee = jaccard_score(flat, answers, average="macro")
    assert mask_metrics(counts)["mean_iou"] == pytest.approx(referee)
    assert np.isnan(overlaps(counts)[2])


def test_the_loss_is_that_of_all_pixels_and_dice_is_added_by_its_weight():
    logits = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    truth = torch.randint(0, 3, (2, 4, 4), generator=torch.Generator().manual_seed(1))
    flat = logits.movedim(1, -1).reshape(-1, 3)
    plain = torch.nn.functional.cross_entropy(flat, truth.ravel())
    assert float(PixelCrossEntropy().build()(logits, truth)) == pytest.approx(float(plain))
    shares, dice = logits.softmax(1), []
    for code in range(3):
        right = truth == code
        both = float(shares[:, code][right].sum())
        either = float(shares[:, code].sum() + right.sum())
        dice.append((2 * both + 1) / (either + 1))
    wanted = 1 - sum(dice) / 3
    assert float(dice_loss(logits, truth)) == pytest.approx(wanted, rel=1e-5)
    added = PixelCrossEntropy(dice=2.0).build()(logits, truth)
    assert float(added) == pytest.approx(float(plain) + 2 * wanted, rel=1e-5)


def test_it_learns_where_the_shapes_are_and_shows_its_masks(tmp_path):
    happened = list(train(build_job(segmentation(epochs=3), folder=tmp_path)))
    measured = [e for e in happened if isinstance(e, events.EpochEnded)]
    assert measured[-1].validation["mean_iou"] > measured[0].validation["mean_iou"] > 0.05
    assert set(measured[-1].validation) == {"loss", "mean_iou", "pixel_accuracy"}
    shown = [e for e in happened if isinstance(e, events.SamplesShown)][-1]
    assert shown.rows["input"].shape == (8, 32, 32, 3)
    assert shown.rows["mask"].shape == (8, 32, 32)
    assert set(np.unique(shown.rows["mask"])) <= {0, 1, 2, 3}


def test_measuring_in_pieces_gives_what_measuring_at_once_gives(monkeypatch):
    job = build_job(segmentation(), watch=False)
    samples = job.validation
    whole = job.learner.measure(samples.inputs, samples.target, chunk=1000)
    monkeypatch.setattr("builder.train.segmenting.MOST_LOGITS", 4 * 32 * 32 * 3)
    assert job.learner.measure(samples.inputs, samples.target, chunk=1000) == pytest.approx(whole)


def test_it_goes_on_bit_for_bit_after_a_stop(tmp_path, monkeypatch):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)
    project = segmentation(
        epochs=2, loss="pixel_cross_entropy", recipe_settings={"dice": 1.0}, deterministic=True
    )  # else each new run may choose another memory layout, and with it another last bit
    whole = losses(train(build_job(project, folder=tmp_path / "whole")))
    job = build_job(project, folder=tmp_path / "halves")
    real = job.learner.step

    def stopping(inputs, target):
        if job.progress.step == 3:
            job.control.stop()
        return real(inputs, target)

    job.learner.step = stopping
    halves = losses(train(job))
    assert 0 < len(halves) < len(whole)
    assert halves | losses(train(build_job(project, folder=tmp_path / "halves"))) == whole


def test_a_trained_run_gives_probabilities_of_each_pixel(tmp_path):
    project = segmentation(epochs=1)
    (tmp_path / "project.loom.json").write_text(project.model_dump_json())
    for _ in train(build_job(project, folder=tmp_path)):
        pass
    trained = load_trained(tmp_path)
    shares = trained.predict({"image": np.zeros((2, 32, 32, 3), np.uint8)})
    assert shares.shape == (2, 4, 32, 32)
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-5)
