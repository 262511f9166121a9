"""The Export screen: no download before the check."""

import pytest

from builder.errors import ExportError
from builder.export.formats import formats
from builder.runs import store as runs
from builder.ui import state
from builder.ui.screens.export import sentence_of

VERIFIED = {
    "samples": 200,
    "max_abs_difference": 4.2e-7,
    "max_abs_output": 9.0,
    "same_answers": 1.0,
    "bytes": 412_000,
    "milliseconds": 0.31,
}


class Exporting:
    """Writes a file where the torch process would, or refuses."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.trouble = ""

    def request(self, kind: str, payload: dict, timeout: float | None = None) -> dict:
        assert kind == "export"
        self.asked.append(payload["kind"])
        if self.trouble:
            raise ExportError(self.trouble)
        target = runs.find(payload["run"]).path / f"digits-{payload['kind']}.zip"
        target.write_bytes(b"model")
        return {"path": str(target), "format": payload["kind"], "bytes": 5, "verified": VERIFIED}

    def latest(self, *arguments, **keywords) -> None:
        return None

    def spare(self) -> None:
        return None

    def warm(self) -> None:
        return None


@pytest.fixture
def exporting(open_app, monkeypatch) -> Exporting:
    sidecar = Exporting()
    monkeypatch.setattr(state, "_sidecar", lambda: sidecar)
    return sidecar


def downloads(at) -> list[str]:
    labels = [element.proto.label for element in at.get("download_button")]
    return [label for label in labels if "-run1-" in label]


def test_the_sentence_is_the_proof() -> None:
    assert sentence_of(VERIFIED) == (
        "Same answers on 200 real samples: largest difference 4e-7 · 412 kB · 0.3 ms a prediction"
    )


def test_the_first_format_checks_itself_and_only_that_one_can_be_downloaded(
    exporting, open_app, on_screen, digits_project, made_run
):
    made_run(digits_project)
    at = open_app("export", project=digits_project)
    first = formats()[0].kind
    assert exporting.asked == [first]
    assert downloads(at) == [f"Download digits-run1-{first}.zip"]
    assert "Same answers on 200 real samples" in on_screen(at)


def test_another_format_is_checked_when_asked(exporting, open_app, digits_project, made_run):
    made_run(digits_project)
    at = open_app("export", project=digits_project)
    second = formats()[1].kind
    at.button(key=f"prepare_{second}").click().run()
    assert not at.exception
    assert exporting.asked[-1] == second
    assert len(downloads(at)) == 2


def test_a_failed_check_is_shown_and_offers_no_download(
    exporting, open_app, on_screen, digits_project, made_run
):
    made_run(digits_project)
    exporting.trouble = "Not the same model on 200 real samples: largest difference 3e-2."
    at = open_app("export", project=digits_project)
    assert "Not the same model" in on_screen(at)
    assert downloads(at) == []


def test_every_format_has_a_card(exporting, open_app, on_screen, digits_project, made_run):
    made_run(digits_project)
    text = on_screen(open_app("export", project=digits_project))
    assert all(one.title in text for one in formats())


def test_without_weights_nothing_is_offered(
    exporting, open_app, on_screen, digits_project, made_run
):
    made_run(digits_project, weights=False)
    at = open_app("export", project=digits_project)
    assert "has no weights on disk" in on_screen(at)
    assert exporting.asked == []
