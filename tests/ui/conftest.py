"""Screens under test: a workspace of their own, and a check that answers what the test says."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test

from builder.data.describe import describe
from builder.network.report import Report
from builder.paths import ROOT
from builder.projects import store
from builder.readiness.blank import blank_project
from builder.readiness.report import ProjectReport
from builder.runs import store as runs
from builder.runs.metrics import MetricWriter
from builder.runs.state import write_state
from builder.runs.store import Run
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.problems import Problem
from builder.ui import state


class SaidSidecar:
    """Stands where the torch process stands; answers every check with the problems it was given."""

    def __init__(self) -> None:
        self.problems: tuple[Problem, ...] = ()
        self.reports: dict[str, Report] = {}
        self.asked: list[str] = []

    def latest(self, key: str, kind: str, payload: dict, timeout: float | None = None) -> dict:
        self.asked.append(kind)
        return ProjectReport(reports=self.reports, problems=self.problems).model_dump(mode="json")

    def request(self, kind: str, payload: dict, timeout: float | None = None) -> dict:
        return self.latest("", kind, payload)

    def spare(self) -> None:
        return None

    def warm(self) -> None:
        return None

    def expect_slow(self) -> None:
        self.asked.append("slow process")


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    """An empty workspace."""
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def inside_app(monkeypatch):
    """AppTest takes the folder pages/ for Streamlit's older kind at every run; a server does so only once."""

    class Inside(PagesManager):
        def __init__(self, *args, **kwargs):
            PagesManager.uses_pages_directory = False
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(app_test, "PagesManager", Inside)


@pytest.fixture
def said_sidecar(monkeypatch) -> SaidSidecar:
    """The sidecar replaced, so that no torch process starts."""
    sidecar = SaidSidecar()
    monkeypatch.setattr(state, "_sidecar", lambda: sidecar)
    state._reports.clear()
    return sidecar


@pytest.fixture
def digits_project() -> str:
    """Id of a project with the smallest network on the digits."""
    spec = describe(DataSpec(source=BuiltinSource(name="digits")))
    return store.create(blank_project(spec, "digits")).id


@pytest.fixture
def open_app(said_sidecar) -> Callable[..., AppTest]:
    """Runs the app on a screen: `open_app("data", project=...)`."""

    def opened(screen: str = "start", **ids: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for name, value in ids.items():
            at.query_params[name] = value
        at.run()
        if screen != "start":
            at.switch_page(f"pages/{screen}.py").run()
        assert not at.exception, at.exception
        return at

    return opened


@pytest.fixture
def on_screen() -> Callable[[AppTest], str]:
    """All words of a page in one string."""

    def words(at: AppTest) -> str:
        parts = [
            element.value
            for kind in ("markdown", "caption", "error", "warning", "info")
            for element in at.get(kind)
        ]
        return "\n".join(str(part).replace("\\", "").replace("\u2060", "") for part in parts)

    return words


@pytest.fixture
def made_run() -> Callable[..., Run]:
    """A run on disk as a worker would have left it: `made_run(project_id, state="failed", weights=False)`."""
    return _made_run


def _made_run(
    project_id: str, *, state: str = "finished", epochs: int = 3, weights: bool = True
) -> Run:
    """A run of the project with numbers of every layer, views of one sample, and (an index of) weights."""
    project = store.load(project_id)
    run = runs.create(project, project_id=project_id)
    writer = MetricWriter(run.path, 1)
    steps = np.arange(1.0, 10 * epochs + 1)
    writer.rows(
        "steps", {"step": steps, "loss": 2.3 / steps, "learning_rate": np.full(len(steps), 1e-3)}
    )
    for epoch in range(1, epochs + 1):
        writer.row(
            "epochs",
            {
                "epoch": epoch,
                "step": 10 * epoch,
                "train/loss": 1 / epoch,
                "validation/loss": 1 / epoch,
                "validation/accuracy": 1 - 0.5 / epoch,
            },
        )
    nodes = [node for node in project.networks[0].nodes if node.kind == "linear"]
    row = {f"{node.id}/gradient_norm": 0.1 for node in nodes}
    writer.row("layers", {"step": 5.0, **row})
    writer.close()
    views = run.path / "views"
    views.mkdir()
    outputs = {
        node.id: np.linspace(-1, 1, 10, dtype=np.float16) for node in project.networks[0].nodes
    }
    np.savez(views / "latest.npz", **outputs)
    (views / "latest.json").write_text(json.dumps({"sample": 0, "step": 30, "shapes": {}}))
    if weights:
        (run.path / "checkpoints").mkdir()
        (run.path / "checkpoints" / "index.json").write_text("{}")
    write_state(
        run.path,
        {
            "state": state,
            "epoch": epochs,
            "epochs": epochs,
            "step": 10 * epochs,
            "steps": 10 * epochs,
            "steps_per_epoch": 10,
            "seconds": 2.0,
            "metric": "accuracy",
            "best": 1 - 0.5 / epochs,
            "saved_step": 10 * epochs if weights else None,
            "reason": "The loss was not a number." if state == "failed" else "",
        },
    )
    return run
