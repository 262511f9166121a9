"""The Results screen: verdict, closed test set, mistakes."""

import json

import pytest

from builder.evaluate.results import (
    Answers,
    Baseline,
    Interval,
    Mistake,
    Reconstructions,
    Results,
    read_results,
    write_results,
)
from builder.observe.confusion import confusion_of
from builder.projects.history import Document
from builder.runs import store as runs
from builder.spec.edits import SetTraining
from builder.ui import state
from builder.ui.screens.mistakes import SHOWN, cells_of
from builder.ui.screens.verdict import baseline_table, class_table, figure, verdict


def results(split: str = "validation", value: float = 0.972, rival: float = 0.9, **more) -> Results:
    confusion = tuple(tuple(27 if i == j else 0 for j in range(10)) for i in range(10))
    given = {
        "split": split,
        "samples": 270,
        "metric": "accuracy",
        "metrics": {"accuracy": value, "f1_macro": value},
        "intervals": {"accuracy": Interval(low=value - 0.017, high=value + 0.017)},
        "classes": tuple("0123456789"),
        "confusion": confusion,
        "baselines": (
            Baseline(
                name="majority",
                title="Always the most frequent class",
                metrics={"accuracy": 0.1},
                seconds=0,
            ),
            Baseline(
                name="logistic_regression",
                title="Logistic regression",
                metrics={"accuracy": rival},
                seconds=0.1,
            ),
        ),
        "worst": (Mistake(index=3, truth="3", answer="8", score=0.91),),
        "answers": Answers(
            index=tuple(range(270)),
            truth=tuple(i // 27 for i in range(270)),
            answer=tuple(i // 27 for i in range(270)),
            certainty=(0.9,) * 270,
        ),
        "epoch": 3,
    }
    return Results(**{**given, **more})


def test_the_verdict_names_the_figure_the_rival_and_what_follows() -> None:
    assert verdict(results(), things="digits") == (
        "97.2 % ± 1.7 on 270 digits; logistic regression gets 90.0 % in 100 ms. The network does better."
    )


def test_within_chance_is_said() -> None:
    assert "within chance" in verdict(results(rival=0.965))


def test_a_better_simple_model_is_said() -> None:
    assert verdict(results(value=0.8, rival=0.95)).endswith("The simpler one does better.")


def test_for_an_error_less_is_better() -> None:
    found = results(
        metric="mae",
        metrics={"mae": 40.0},
        intervals={"mae": Interval(low=38.0, high=42.0)},
        baselines=(
            Baseline(name="ridge", title="Ridge regression", metrics={"mae": 50.0}, seconds=0.1),
        ),
    )
    assert verdict(found).startswith("MAE 40.0 ± 2 on 270 samples; ridge regression gets 50.0")
    assert verdict(found).endswith("The network does better.")


def test_a_metric_that_cannot_be_computed_is_said() -> None:
    found = results(metrics={"accuracy": None})
    assert "cannot be computed" in verdict(found)
    assert figure(found, "accuracy") == "–"


def test_the_class_table_counts_like_a_hand_would() -> None:
    table = class_table(confusion_of(["a", "b"], [[8, 2], [1, 9]]))
    assert table["found"].tolist() == [80.0, 90.0]
    assert table["right when named"].round(1).tolist() == [88.9, 81.8]
    assert table["mostly taken for"].tolist() == ["b", "a"]


def test_the_baseline_table_has_the_network_first() -> None:
    assert baseline_table(results())["model"].tolist()[0] == "This network"


class Evaluating:
    """Answers `evaluate` by writing results as the torch process does."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def request(self, kind: str, payload: dict, timeout: float | None = None) -> dict:
        assert kind == "evaluate"
        run, split = runs.find(payload["run"]), payload["split"]
        self.asked.append(split)
        openings = self.asked.count("test") if split == "test" else 0
        opened = ("2026-05-03T10:00:00+00:00",) * openings
        write_results(run.path, results(split, openings=openings, opened=opened))
        return json.loads((run.path / "results" / f"{split}.json").read_text())

    def latest(self, *arguments, **keywords) -> None:
        return None

    def spare(self) -> None:
        return None

    def warm(self) -> None:
        return None


@pytest.fixture
def evaluating(open_app, monkeypatch) -> Evaluating:
    sidecar = Evaluating()
    monkeypatch.setattr(state, "_sidecar", lambda: sidecar)
    return sidecar


def test_without_a_run_the_page_says_what_to_do(open_app, on_screen, digits_project):
    at = open_app("results", project=digits_project)
    assert "Nothing has been trained yet" in on_screen(at)


def test_validation_comes_first_and_the_test_set_stays_closed(
    evaluating, open_app, on_screen, digits_project, made_run
):
    run = made_run(digits_project)
    at = open_app("results", project=digits_project)
    assert "on 270 validation samples" in on_screen(at).replace("\\", "")
    assert "The test set is closed" in on_screen(at)
    assert evaluating.asked == ["validation"]
    assert read_results(run.path, "test") is None


def test_opening_the_test_set_is_an_act_that_is_counted(
    evaluating, open_app, on_screen, digits_project, made_run
):
    made_run(digits_project)
    at = open_app("results", project=digits_project)
    at.button(key="open_test").click().run()
    assert not at.exception
    assert evaluating.asked == ["validation", "test"]
    assert "on 270 test samples" in on_screen(at)
    assert "opened once, last on 3 May" in on_screen(at)
    at.run()
    assert evaluating.asked.count("test") == 1


def test_a_chosen_cell_shows_its_samples(evaluating, open_app, on_screen, digits_project, made_run):
    made_run(digits_project)
    at = open_app("results", project=digits_project)
    assert "said 8, 91 %" in on_screen(at)
    at.selectbox(key="results_cell").set_value("4,4").run()
    assert not at.exception
    assert on_screen(at).count("said 4, 90 %") == SHOWN
    assert "12 of 27, the surest first" in on_screen(at)


def test_a_click_on_the_matrix_chooses_the_cell_and_the_list_can_choose_another(
    evaluating, open_app, on_screen, digits_project, made_run
):
    made_run(digits_project)
    at = open_app("results", project=digits_project)
    click = {"chart": "confusion", "row": 2, "column": 2, "at": 5}
    at.session_state["results_plots"] = {"picked": click}
    at.run()
    assert at.selectbox(key="results_cell").value == "2,2"
    assert "said 2, 90 %" in on_screen(at)
    at.selectbox(key="results_cell").set_value("").run()
    assert "said 8, 91 %" in on_screen(at)
    at.session_state["results_plots"] = {"picked": {**click, "row": 2, "column": 3, "at": 6}}
    at.run()
    assert at.selectbox(key="results_cell").value == "", "an empty cell has nothing to show"


@pytest.mark.parametrize("told", [7, {"chart": "confusion"}, {"row": "x", "column": 1, "at": 2}])
def test_nonsense_from_the_browser_picks_nothing(
    evaluating, open_app, digits_project, made_run, told
):
    made_run(digits_project)
    at = open_app("results", project=digits_project)
    at.session_state["results_plots"] = {"picked": told}
    at.run()
    assert not at.exception
    assert at.selectbox(key="results_cell").value == ""


def test_cells_are_told_mistakes_first() -> None:
    found = results(
        classes=("a", "b"),
        confusion=((5, 2), (3, 0)),
        answers=Answers(index=(), truth=(), answer=(), certainty=()),
    )
    assert list(cells_of(found).values()) == [
        "b taken for a: 3 samples",
        "a taken for b: 2 samples",
        "a, rightly named: 5 samples",
    ]


def test_a_run_without_weights_says_so(evaluating, open_app, on_screen, digits_project, made_run):
    made_run(digits_project, weights=False)
    at = open_app("results", project=digits_project)
    assert "has no weights on disk" in on_screen(at)
    assert not evaluating.asked


def test_reconstructions_have_results_of_their_own(open_app, on_screen, digits_project, made_run):
    document = Document(digits_project)
    training = document.project.training.model_copy(update={"recipe": "autoencoder"})
    document.apply(SetTraining(training=training, words="Chose a task"))
    run = made_run(digits_project)
    told = Reconstructions(
        errors=(0.01, 0.02, 0.2),
        threshold=0.1,
        threshold_words="99 of 100 validation samples come back with less than 0.1.",
        unusual=1 / 3,
        width=16,
        features=64,
    )
    rival = Baseline(name="pca", title="Principal components", metrics={"mse": 0.03}, seconds=0.1)
    write_results(
        run.path,
        Results(
            split="validation",
            samples=3,
            metric="mse",
            metrics={"mse": 0.02},
            baselines=(rival,),
            reconstructions=told,
        ),
    )
    text = on_screen(open_app("results", project=digits_project))
    assert "The network does better" in text
    assert "holds 16 of the 64 values" in text
    assert "99 of 100 validation samples" in text
