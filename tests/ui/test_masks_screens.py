"""Pictures with masks on the screens: looked at, trained on, measured, asked about."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from builder.data.describe import describe
from builder.evaluate.results import Baseline, Masks, Results, write_arrays, write_results
from builder.projects import store
from builder.readiness.blank import blank_project
from builder.runs.store import SHOWN, SHOWN_FACTS
from builder.spec.data import BuiltinSource, DataSpec
from builder.ui import state

from .test_data import settle, uploaded

NAMES = ("background", "disc", "square", "triangle")


@pytest.fixture
def shapes():
    """Id of a project with the smallest network on a few shapes with masks."""
    source = BuiltinSource(name="shapes-with-masks")
    spec = describe(DataSpec(source=source, limit=60))
    return store.create(blank_project(spec, "shapes")).id


class Painting:
    """Answers every picture with the same mask."""

    def __init__(self):
        self.asked = []

    def request(self, kind, payload, timeout=None):
        self.asked.append((kind, payload))
        mask = np.zeros((32, 32), int)
        mask[:8] = 2
        one = {
            "mask": mask.tolist(),
            "shares": {"background": 0.75, "square": 0.25},
            "certainty": 0.93,
        }
        return {"predictions": [one] * len(payload["inputs"]), "milliseconds": 1.0}

    def latest(self, *arguments, **keywords):
        return None

    def spare(self):
        return None

    def warm(self):
        return None


@pytest.fixture
def painting(open_app, monkeypatch):
    sidecar = Painting()
    monkeypatch.setattr(state, "_sidecar", lambda: sidecar)
    return sidecar


def test_the_data_screen_shows_masks_over_their_pictures_and_counts_pixels(
    open_app, on_screen, shapes
):
    at = open_app("data", project=shapes)
    shown = on_screen(at)
    assert "60 images, 4 classes of pixels, background" in shown
    assert "segmentation" in shown and "4 × 32 × 32" in shown
    (table,) = [frame.value for frame in at.dataframe if "Share of pixels" in frame.value]
    assert table["Class"].tolist() == list(NAMES)
    assert table["Share of pixels"].sum() == pytest.approx(1)


def test_a_zip_of_pictures_with_masks_is_taken_in_through_the_wizard(
    open_app, on_screen, make_zip_bytes
):
    project = store.create(blank_project()).id
    at = open_app("data", project=project)
    uploaded(at, "shapes.zip", make_zip_bytes())
    settle(at)
    assert "6 pictures" in on_screen(at)
    (table,) = [frame.value for frame in at.dataframe if "Class" in frame.value]
    assert table["Class"].tolist() == ["background", "value 9"]
    at.button(key="data_use").click().run()
    settle(at)
    target = store.load(project).data.snapshot.target
    assert (target.kind, target.classes) == ("mask", ("background", "value 9"))


@pytest.fixture
def make_zip_bytes():
    import zipfile

    def made():
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for place in range(6):
                for folder, value in (("images", place * 20), ("masks", 9)):
                    pixels = np.zeros((8, 8), np.uint8)
                    pixels[2 : 4 + place % 3] = value
                    stream = io.BytesIO()
                    Image.fromarray(pixels).save(stream, "PNG")
                    archive.writestr(f"{folder}/{place}.png", stream.getvalue())
        return out.getvalue()

    return made


def test_a_run_shows_pictures_truth_and_masks(open_app, shapes, made_run):
    run = made_run(shapes)
    rows = {
        "input": np.zeros((8, 32, 32, 3), np.float32),
        "mask": np.ones((8, 32, 32), np.float32),
    }
    np.savez(run.path / "views" / SHOWN, **rows)
    (run.path / "views" / SHOWN_FACTS).write_text(json.dumps({"step": 30}))
    at = open_app("train", project=shapes, run=run.id)
    assert not at.exception


@pytest.mark.parametrize("whole", [True, False])
def test_results_have_each_class_and_the_worst_samples(
    open_app, on_screen, shapes, made_run, whole
):
    run = made_run(shapes)
    told = Masks(
        iou=(0.9, 0.5, None, 0.25),
        found=(1.0, 0.5, None, 0.5),
        right=(0.9, 1.0, None, 0.5),
        pixels=(700, 200, 0, 100),
    )
    results = Results(
        split="validation",
        samples=9,
        metric="mean_iou",
        metrics={"mean_iou": 0.55, "pixel_accuracy": 0.9},
        classes=NAMES,
        masks=told,
        baselines=(
            Baseline(
                name="majority",
                title="Always the most frequent class",
                metrics={"mean_iou": 0.2, "pixel_accuracy": 0.7},
                seconds=0,
            ),
        ),
        epoch=3,
    )
    write_results(run.path, results)
    if whole:
        arrays = {
            f"{word}:{name}": values
            for word in ("worst", "spread")
            for name, values in (
                ("input", np.zeros((8, 32, 32, 3))),
                ("truth", np.zeros((8, 32, 32), np.uint16)),
                ("answer", np.ones((8, 32, 32), np.uint16)),
                ("iou", np.linspace(0, 1, 8)),
            )
        }
        write_arrays(run.path, "validation", arrays)
    at = open_app("results", project=shapes, run=run.id)
    shown = on_screen(at)
    assert (
        "Mean IoU 55.0 % on 9 validation samples; always the most frequent class gets 20.0 %"
        in shown
    )
    assert [metric.label for metric in at.metric] == ["Mean IoU", "Pixel accuracy"]
    (table,) = [frame.value for frame in at.dataframe if "IoU" in frame.value]
    assert table["class"].tolist() == list(NAMES)
    assert table["IoU"].fillna(-1).tolist() == [90.0, 50.0, -1, 25.0]
    assert table["share of pixels"].tolist() == [70.0, 20.0, 0.0, 10.0]


def test_a_sample_and_an_upload_get_their_mask_on_the_use_screen(
    painting, open_app, on_screen, shapes, made_run
):
    run = made_run(shapes)
    at = open_app("use", project=shapes, run=run.id)
    shown = on_screen(at)
    assert "## square" in shown and "93.0 % sure of a pixel, on average · truth: " in shown
    (table,) = [frame.value for frame in at.dataframe if "share of pixels" in frame.value]
    assert table["share of pixels"].tolist() == [75.0, 25.0]
    assert at.segmented_control(key="use_how").options == ["Sample", "Upload"]
