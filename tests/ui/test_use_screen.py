"""The Use screen: the drawing pad, rows, and what the network says."""

import numpy as np
import pandas as pd
import pytest

from builder.data.describe import describe
from builder.data.ingest.ingest import ingest
from builder.data.prepare import fit
from builder.data.store import open_raw
from builder.errors import TrainError
from builder.projects import store
from builder.projects.history import Document
from builder.readiness.blank import blank_project
from builder.sidecar.arrays import packed, unpacked
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.edits import SetTraining
from builder.ui import state
from builder.ui.screens.sample_picture import crisp
from builder.ui.screens.use_batch import with_answers


class Predicting:
    """Answers every input with the same shares, and keeps what it was asked."""

    def __init__(self, answer: dict) -> None:
        self.answer = answer
        self.inputs: list = []
        self.trouble = ""

    def request(self, kind: str, payload: dict, timeout: float | None = None) -> dict:
        if self.trouble:
            raise TrainError(self.trouble)
        assert kind == "predict"
        self.inputs += payload["inputs"]
        return {"predictions": [self.answer] * len(payload["inputs"]), "milliseconds": 1.5}

    def latest(self, *arguments, **keywords) -> None:
        return None

    def spare(self) -> None:
        return None

    def warm(self) -> None:
        return None


@pytest.fixture
def predicting(open_app, monkeypatch) -> Predicting:
    shares = {str(i): 0.91 if i == 7 else 0.01 for i in range(10)}
    sidecar = Predicting({"class": "7", "probability": 0.91, "probabilities": shares})
    monkeypatch.setattr(state, "_sidecar", lambda: sidecar)
    return sidecar


def test_the_pad_comes_with_one_sample_already_answered(
    predicting, open_app, on_screen, digits_project, made_run
):
    made_run(digits_project)
    at = open_app("use", project=digits_project)
    assert "## 7" in on_screen(at)
    assert "91.0 % sure" in on_screen(at)
    assert unpacked(predicting.inputs[0]).shape == (8, 8, 1)


def test_the_greeting_sample_is_one_the_network_knows_and_stays(
    predicting, open_app, on_screen, digits_project, made_run
):
    made_run(digits_project)
    at = open_app("use", project=digits_project)
    assert "truth: 7" in on_screen(at), "of the first samples, the one whose truth is 7"
    asked = len(predicting.inputs)
    at.run()
    assert "truth: 7" in on_screen(at)
    assert len(predicting.inputs) == asked


def test_a_drawing_reaches_the_network_as_a_picture_like_its_data(
    predicting, open_app, on_screen, digits_project, made_run
):
    made_run(digits_project)
    at = open_app("use", project=digits_project)
    strokes = {"strokes": [[0.3, 0.2, 0.7, 0.2, 0.45, 0.85]]}
    at.session_state["use_pad"] = {"drawing": strokes}
    at.run()
    assert not at.exception
    picture = unpacked(predicting.inputs[-1])
    assert picture.shape == (8, 8, 1)
    assert picture.max() <= 16
    assert picture[0].sum() > 0
    assert picture[-1].sum() > 0


def test_a_cleared_pad_waits_for_a_drawing(
    predicting, open_app, on_screen, digits_project, made_run
):
    made_run(digits_project)
    at = open_app("use", project=digits_project)
    at.session_state["use_pad"] = {"drawing": {"strokes": []}}
    at.run()
    assert "The answer shows here" in on_screen(at)


def test_trouble_is_one_sentence(predicting, open_app, on_screen, digits_project, made_run):
    made_run(digits_project)
    predicting.trouble = "The weights are gone. Train again."
    at = open_app("use", project=digits_project)
    assert "The weights are gone. Train again." in on_screen(at)


def test_a_row_is_filled_with_a_sample_and_asked_by_column(
    predicting, open_app, on_screen, made_run
):
    data = describe(DataSpec(source=BuiltinSource(name="diabetes")))
    project = store.create(blank_project(data, "diabetes")).id
    made_run(project)
    predicting.answer = {"value": 152.5}
    at = open_app("use", project=project)
    row = predicting.inputs[-1]
    assert set(row) == {"age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"}
    assert "## 152.5" in on_screen(at)
    asked = len(predicting.inputs)
    slider = at.slider(key="use_column_bmi")
    slider.set_value(slider.max).run()
    assert len(predicting.inputs) == asked + 1
    assert predicting.inputs[-1]["bmi"] == slider.max
    number = at.number_input(key="use_row_number").value
    assert f"Changed from sample {number}: bmi" in on_screen(at)


def test_answers_are_added_to_a_table() -> None:
    table = pd.DataFrame({"a": ["1", "2"]})
    answered = with_answers(
        table, [{"class": "x", "probability": 0.5}, {"class": "y", "probability": 0.75}]
    )
    assert answered["answer"].tolist() == ["x", "y"]
    assert answered["certainty"].tolist() == [0.5, 0.75]


def test_small_pictures_are_enlarged_in_whole_pixels() -> None:
    pixels = np.arange(4, dtype=np.uint8).reshape(2, 2, 1)
    large = crisp(pixels, 3)
    assert large.shape[0] % 2 == 0
    assert set(np.unique(large)) == {0, 85, 170, 255}


def with_recipe(project_id: str, recipe: str) -> None:
    document = Document(project_id)
    training = document.project.training.model_copy(update={"recipe": recipe})
    document.apply(SetTraining(training=training, words="Chose a task"))


@pytest.mark.parametrize(("error", "said"), [(0.01, "## Ordinary"), (0.09, "## Unusual")])
def test_an_autoencoder_says_whether_an_input_is_unusual(
    predicting, open_app, on_screen, digits_project, made_run, error, said
):
    with_recipe(digits_project, "autoencoder")
    made_run(digits_project)
    predicting.answer = {
        "error": error,
        "threshold": 0.05,
        "unusual": error > 0.05,
        "reconstruction": np.zeros((8, 8, 1)).tolist(),
    }
    at = open_app("use", project=digits_project)
    assert said in on_screen(at)
    assert "99 of 100 validation samples score below the threshold" in on_screen(at)
    assert not at.exception


def test_a_table_of_rows_gets_error_and_verdict():
    said = [{"error": 0.2, "unusual": True, "threshold": 0.1, "reconstruction": [1.0]}]
    assert with_answers(pd.DataFrame({"a": ["1"]}), said)["unusual"].tolist() == [True]


class Making(Predicting):
    """Makes grey pictures, and keeps what it was asked."""

    def request(self, kind: str, payload: dict, timeout: float | None = None) -> dict:
        assert kind == "generate"
        self.inputs.append(payload)
        samples = np.full((payload["count"], 8, 8, 1), 0.5, np.float32)
        return {"samples": packed(samples), "milliseconds": 3.0}


def test_new_pictures_are_asked_for_with_class_steps_and_guidance(
    open_app, on_screen, monkeypatch, digits_project, made_run
):
    sidecar = Making({})
    with_recipe(digits_project, "diffusion")
    document = Document(digits_project)
    settings = {"by_class": True, "guidance": 3.0}
    training = document.project.training.model_copy(update={"recipe_settings": settings})
    document.apply(SetTraining(training=training, words="Asked for classes"))
    made_run(digits_project)
    monkeypatch.setattr(state, "_sidecar", lambda: sidecar)
    at = open_app("use", project=digits_project)
    assert sidecar.inputs[-1]["settings"] == {"sampling_steps": 30, "guidance": 3.0}
    at.selectbox(key="made_class").set_value("7").run()
    assert sidecar.inputs[-1]["label"] == 7
    at.number_input(key="made_sampling_steps").set_value(50).run()
    assert sidecar.inputs[-1]["settings"]["sampling_steps"] == 50
    assert "32 samples made" in on_screen(at)
    assert not at.exception


def test_yes_and_no_are_chosen_by_their_words(predicting, open_app, on_screen, made_run, tmp_path):
    table = tmp_path / "smokers.csv"
    lines = [f"{['No', 'Yes'][i % 3 == 0]},{20 + i % 40},{i * 0.5}" for i in range(120)]
    table.write_text("\n".join(["smoker,age,cost", *lines]))
    data = ingest(table, target="cost").spec
    project = store.create(blank_project(data, "smokers")).id
    made_run(project)
    predicting.answer = {"value": 3.5}
    at = open_app("use", project=project)
    assert predicting.inputs[-1]["smoker"] in ("No", "Yes")
    at.selectbox(key="use_column_smoker").set_value("Yes").run()
    assert predicting.inputs[-1]["smoker"] == "Yes"
    raw = open_raw(data)
    fitted = fit(data, raw, np.arange(len(raw)))
    asked = {name: fitted.read({"smoker": name, "age": 30}).fields for name in ("No", "Yes")}
    assert [asked[name]["numbers"][0, 0] for name in ("No", "Yes")] == [0.0, 1.0]
