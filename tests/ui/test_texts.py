"""Texts on the screens: looked at, cut, asked about, and gone on with."""

import json

import numpy as np
import pytest

from builder.data.describe import describe
from builder.projects import store
from builder.readiness.blank import blank_project
from builder.readiness.check import check_project
from builder.runs.store import SHOWN, SHOWN_FACTS
from builder.spec.data import BuiltinSource, DataSpec
from builder.ui import state

from .test_data import settle, uploaded


def made(name):
    spec = describe(DataSpec(source=BuiltinSource(name=name)))
    return store.create(blank_project(spec, name)).id


@pytest.fixture
def diary():
    return made("weather-diary")


@pytest.fixture
def novel():
    return made("pride-and-prejudice")


class Answering:
    """Says one class, and goes on with what it was asked; keeps the questions."""

    def __init__(self):
        self.asked = []

    def request(self, kind, payload, timeout=None):
        self.asked.append((kind, payload))
        if kind == "continue":
            return {"text": "x" * payload["count"]}
        shares = {"rain first": 0.9, "snow first": 0.1}
        one = {"class": "rain first", "probability": 0.9, "probabilities": shares}
        return {"predictions": [one] * len(payload["inputs"]), "milliseconds": 1.0}

    def latest(self, *arguments, **keywords):
        return None

    def spare(self):
        return None

    def warm(self):
        return None


@pytest.fixture
def answering(open_app, monkeypatch):
    sidecar = Answering()
    monkeypatch.setattr(state, "_sidecar", lambda: sidecar)
    return sidecar


@pytest.mark.parametrize("name", ["diary", "novel"])
def test_the_smallest_network_on_texts_has_no_problem(name, request):
    assert not check_project(store.load(request.getfixturevalue(name))).errors()


def test_a_text_set_shows_its_texts_and_how_they_are_cut(open_app, diary, on_screen):
    at = open_app("data", project=diary)
    shown = on_screen(at)
    assert "2,000 texts, 4 classes, balanced" in shown
    assert "different tokens: padding, unknown" in shown
    assert any("there was" in str(frame.value) for frame in at.dataframe)


def test_another_cut_changes_what_the_network_sees_and_can_be_undone(open_app, diary):
    at = open_app("data", project=diary)
    next(s for s in at.selectbox if s.label == "Texts are cut into").set_value("characters").run()
    data = store.load(diary).data
    assert data.steps[0].kind == "characters" and data.snapshot.vocabulary < 40
    next(n for n in at.number_input if n.label == "Tokens a text").set_value(64).run()
    assert store.load(diary).data.snapshot.fields[0].shape == (64,)


def test_an_uploaded_text_is_taken_as_one_text(open_app, on_screen):
    project = store.create(blank_project(name="empty")).id
    text = ("It rained all day, and nobody came.\nThe road was empty.\n" * 30).encode()
    at = uploaded(open_app("data", project=project), "rain.txt", text)
    assert "One text" in on_screen(at)
    at.button(key="data_use").click().run()
    settle(at)
    assert store.load(project).data.snapshot.target.kind == "tokens"


def test_a_typed_text_is_answered(answering, open_app, diary, made_run, on_screen):
    made_run(diary)
    at = open_app("use", project=diary)
    at.text_area(key="use_text").set_value("there was rain, there was snow").run()
    assert answering.asked[-1][1]["inputs"] == ["there was rain, there was snow"]
    assert "## rain first" in on_screen(at)
    at.text_area(key="use_text").set_value(" ").run()
    assert "Type a text" in on_screen(at)


def test_a_text_is_gone_on_with_piece_by_piece(answering, open_app, novel, made_run):
    made_run(novel)
    at = open_app("use", project=novel)
    at.text_area(key="continue_text").set_value("It is")
    at.number_input(key="continue_count").set_value(56)
    at.slider(key="continue_warm").set_value(0.5)
    at.button(key="continue_go").click().run()
    asked = [payload for kind, payload in answering.asked if kind == "continue"]
    assert [one["count"] for one in asked] == [24, 24, 8]
    assert [one["text"] for one in asked] == ["It is", "It is" + "x" * 24, "It is" + "x" * 48]
    assert all(one["temperature"] == 0.5 for one in asked)
    assert any(element.value == "It is" + "x" * 56 for element in at.text)


def test_what_a_language_model_writes_shows_while_it_learns(open_app, novel, made_run, on_screen):
    run = made_run(novel)
    (run.path / "preparation").mkdir()
    read = {"read": {"by": "characters", "spelling": ["a", "b", " "]}}
    (run.path / "preparation" / "preparation.json").write_text(json.dumps(read))
    rows = {"prompt": np.array([[2.0, 3.0]]), "text": np.array([[3.0, 4.0, 2.0]])}
    np.savez(run.path / "views" / SHOWN, **rows)
    (run.path / "views" / SHOWN_FACTS).write_text('{"step": 40}')
    at = open_app("train", project=novel)
    assert "What it writes now" in on_screen(at) and "“ab”" in on_screen(at)
    assert any(element.value == "b a" for element in at.text)


def test_the_train_page_knows_what_every_recipe_shows():
    from builder.train.recipes.catalogue import all_recipes
    from builder.ui.screens import train_samples

    assert {recipe.shows for recipe in all_recipes()} <= set(train_samples._SAYS)
