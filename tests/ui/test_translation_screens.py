"""Pairs of texts on the screens: looked at, trained on, measured, asked about."""

import json

import numpy as np
import pytest

from builder.data.describe import describe
from builder.evaluate.results import Baseline, Mistake, Results, Translations, write_results
from builder.projects import store
from builder.readiness.blank import blank_project
from builder.runs.store import SHOWN, SHOWN_FACTS
from builder.spec.data import BuiltinSource, DataSpec
from builder.ui import state

from .test_data import settle, uploaded


@pytest.fixture
def dates():
    """Id of a project with the smallest network on a few dates."""
    spec = describe(DataSpec(source=BuiltinSource(name="dates"), limit=60))
    return store.create(blank_project(spec, "dates")).id


class Writing:
    """Answers every text with the same one."""

    def request(self, kind, payload, timeout=None):
        one = {"text": "2020-*01*-02"}
        return {"predictions": [one] * len(payload["inputs"]), "milliseconds": 1.0}

    def latest(self, *arguments, **keywords):
        return None

    def spare(self):
        return None

    def warm(self):
        return None


@pytest.fixture
def writing(open_app, monkeypatch):
    sidecar = Writing()
    monkeypatch.setattr(state, "_sidecar", lambda: sidecar)
    return sidecar


def test_the_data_screen_shows_each_text_beside_the_wanted_one(open_app, on_screen, dates):
    at = open_app("data", project=dates)
    shown = on_screen(at)
    assert "60 texts, each to become another text: to" in shown
    assert "sequence to sequence" in shown and "different tokens are written" in shown
    (table,) = [f.value for f in at.dataframe if list(f.value.columns) == ["text", "to"]]
    assert table["to"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()


def test_the_longest_written_text_can_be_chosen(open_app, dates):
    at = open_app("data", project=dates)
    (field,) = [n for n in at.number_input if n.label == "Tokens written"]
    assert field.value == 11
    field.set_value(14).run()
    schema = store.load(dates).data.snapshot
    assert [f.shape for f in schema.fields][1] == (14,)


def test_a_csv_of_two_texts_is_taken_in_through_the_wizard(open_app, on_screen):
    project = store.create(blank_project()).id
    at = open_app("data", project=project)
    rows = "".join(f"{day} May 1999,1999-05-{day:02}\n" for day in range(1, 30))
    uploaded(at, "dates.csv", f"from,to\n{rows}".encode())
    settle(at)
    assert "29 pairs of texts" in on_screen(at)
    at.button(key="data_use").click().run()
    settle(at)
    target = store.load(project).data.snapshot.target
    assert (target.kind, target.name) == ("text", "to")


def test_a_run_shows_what_it_writes_beside_what_is_wanted(open_app, on_screen, dates, made_run):
    run = made_run(dates)
    settings = {"by": "characters", "length": 11, "spelling": ["", "", *"0123456789-"]}
    folder = run.path / "preparation"
    folder.mkdir()
    (folder / "preparation.json").write_text(json.dumps({"read": {"target": settings}}))
    np.savez(run.path / "views" / SHOWN, written=np.array([[6, 4, 14, 3, 0]] * 4, np.float32))
    (run.path / "views" / SHOWN_FACTS).write_text(json.dumps({"step": 30}))
    at = open_app("train", project=dates, run=run.id)
    assert "0 of these 4 are right; validation samples, step 30" in on_screen(at)
    (table,) = [f.value for f in at.dataframe if "written now" in f.value]
    assert table["written now"].tolist() == ["20-"] * 4


@pytest.mark.parametrize("wrong", [True, False])
def test_results_have_lengths_the_worst_and_typical_texts(
    open_app, on_screen, dates, made_run, wrong
):
    run = made_run(dates)
    one = Mistake(index=3, truth="2020-01-02", answer="2020-01-03", score=1.0)
    results = Results(
        split="validation",
        samples=9,
        metric="exact_match",
        metrics={"exact_match": 0.9, "token_accuracy": 0.99, "edit_distance": 0.1},
        translations=Translations(
            shortest=(5, 9), longest=(8, 9), samples=(4, 5), exact=(1.0, 0.8), shown=(one,)
        ),
        worst=(one,) if wrong else (),
        baselines=(
            Baseline(
                name="nearest_text",
                title="The answer of the nearest training text",
                metrics={"exact_match": 0.1, "edit_distance": 2.0},
                seconds=0,
            ),
        ),
        epoch=3,
    )
    write_results(run.path, results)
    at = open_app("results", project=dates, run=run.id)
    shown = on_screen(at)
    assert "90.0 % on 9 validation samples; the answer of the nearest training text" in shown
    assert [metric.label for metric in at.metric][:2] == ["Exact match", "Token accuracy"]
    tables = [f.value for f in at.dataframe if "wanted" in f.value]
    assert len(tables) == 1 + wrong
    assert tables[0]["edits"].tolist() == [1] and "text" in tables[0]
    assert ("None: every text" in shown) is not wrong


def test_a_typed_text_gets_its_text_on_the_use_screen(
    writing, open_app, on_screen, dates, made_run
):
    run = made_run(dates)
    at = open_app("use", project=dates, run=run.id)
    assert "2020-*01*-02" in [text.value for text in at.text]
    assert "wanted: " in on_screen(at)
    at.text_area(key="use_text").set_value("7 May").run()
    assert "wanted: " not in on_screen(at)
