"""The Runs screen: what is listed, compared, deleted and given back."""

import pytest

from builder.projects import store as projects
from builder.runs import store
from builder.runs.metrics import MetricWriter
from builder.runs.state import write_state
from builder.spec.project import Project
from builder.ui.screens import runs_compare, runs_table


def finished(
    project_id: str, best: float, *, epochs: int = 3, changed: dict | None = None
) -> store.Run:
    """A run that ended well, with figures of its own."""
    project: Project = projects.load(project_id)
    training = project.training.model_copy(update=changed or {})
    run = store.create(project.model_copy(update={"training": training}), project_id=project_id)
    state = {
        "state": "finished",
        "launched": True,
        "best": best,
        "metric": "accuracy",
        "seconds": 90.0,
    }
    write_state(run.path, state | {"epoch": epochs, "epochs": epochs})
    writer = MetricWriter(run.path, 1)
    for epoch in range(1, epochs + 1):
        writer.row(
            "epochs",
            {
                "epoch": epoch,
                "validation/loss": 1 / epoch,
                "validation/accuracy": best * epoch / epochs,
            },
        )
    writer.close()
    return run


def test_without_runs_it_says_what_is_kept_here(open_app, digits_project, on_screen):
    at = open_app("runs", project=digits_project)
    assert "Every training is kept here with its exact network, data and code." in on_screen(at)


def test_a_row_holds_the_figures_of_its_run(digits_project):
    run = finished(digits_project, 0.972)
    row = runs_table.rows([run]).iloc[0]
    assert row["Run"] == "Run 1"
    assert row["State"] == "Finished, 97.2 %"
    assert row["Best"] == "97.2 % accuracy"
    assert row["Minutes"] == pytest.approx(1.5)
    assert row["Loss"] == pytest.approx([1, 1 / 2, 1 / 3])
    assert row["Project"] == "digits"


def test_an_unreadable_run_stays_listed_with_its_reason(digits_project, open_app):
    run = finished(digits_project, 0.9)
    (run.path / "run.json").write_text("{broken")
    row = runs_table.rows(store.list_runs()).iloc[0]
    assert "damaged" in row["State"]
    open_app("runs")


def test_other_projects_are_shown_only_when_asked_for(open_app, digits_project):
    finished(digits_project, 0.9)
    other = projects.duplicate(digits_project).id
    finished(other, 0.8)
    at = open_app("runs", project=digits_project)
    assert len(at.dataframe[0].value) == 1
    at.segmented_control(key="runs_scope").set_value("All projects").run()
    assert len(at.dataframe[0].value) == 2


def test_only_settings_that_differ_are_compared(digits_project):
    runs = [finished(digits_project, 0.9), finished(digits_project, 0.95, changed={"epochs": 20})]
    table = runs_compare.differences(runs)
    assert table.loc["epochs"].tolist() == ["3", "20"]
    assert "optimizer: kind" not in table.index
    assert table.loc["best"].tolist() == ["90.0 %", "95.0 %"]


def test_a_deleted_run_comes_back_from_the_trash(open_app, digits_project):
    run = finished(digits_project, 0.9)
    identity = run.id
    store.delete(run)
    assert store.list_runs() == []
    assert [one.id for one in store.trashed()] == [identity]
    at = open_app("runs", project=digits_project)
    at.button(key=f"runs_restore_{identity}").click().run()
    assert [one.id for one in store.list_runs()] == [identity]
