"""The Data screen: built-in sets, files through the wizard, verdict, splits."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from builder.projects import store
from builder.readiness.blank import blank_project
from builder.ui.screens import data_wizard


@pytest.fixture
def empty_project() -> str:
    return store.create(blank_project(name="empty")).id


def uploaded(at, name: str, content: bytes):
    """The page after a file was dropped, once it has been read."""
    project = at.session_state["layerloom"].project_id
    at.segmented_control(key=f"data_source_{project}").set_value("Upload").run()
    at.file_uploader[0].upload(name, content).run()
    settle(at)
    return at


def settle(at) -> None:
    """Waits for the reading of a file, where it has not ended yet."""
    draft = at.session_state["layerloom"].drafts.get("data_wizard")
    if draft is not None:
        assert draft.job.wait(60)
        at.run()


def pictures() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, shade in (("dark", 20), ("light", 220)):
            for number in range(12):
                picture = io.BytesIO()
                Image.new("L", (8, 8), shade + number).save(picture, "PNG")
                archive.writestr(f"shapes/{name}/{number}.png", picture.getvalue())
        archive.writestr("shapes/dark/broken.png", b"not a picture")
    return packed.getvalue()


TABLE = "age;city;bought\n" + "".join(
    f"{20 + i % 40};{'Rome' if i % 3 else 'Oslo'};{'yes' if i % 2 else 'no'}\n" for i in range(90)
)


def test_without_data_it_says_what_to_do(open_app, empty_project, on_screen):
    at = open_app("data", project=empty_project)
    assert "nothing leaves the computer LayerLoom runs on" in on_screen(at)


def test_choosing_a_built_in_set_changes_only_the_data(open_app, empty_project, on_screen):
    before = store.load(empty_project)
    at = open_app("data", project=empty_project)
    at.button(key="use_iris").click().run()
    after = store.load(empty_project)
    assert after.data.source.name == "iris"
    assert after.data.snapshot.samples == 150
    assert (after.networks, after.training) == (before.networks, before.training)
    assert "150 rows" in on_screen(at)
    at.button(key="notice_undo").click().run()
    assert store.load(empty_project).data.source is None


def test_the_smallest_network_is_drawn_only_when_asked_for(open_app, empty_project):
    at = open_app("data", project=empty_project)
    at.button(key="use_iris").click().run()
    at.button(key="data_draw").click().run()
    assert [node.kind for node in store.load(empty_project).networks[0].nodes] == [
        "input",
        "linear",
        "output",
    ]


def test_a_table_is_shown_with_its_guesses_and_then_used(open_app, empty_project, on_screen):
    at = uploaded(open_app("data", project=empty_project), "people.csv", (TABLE + "1;2\n").encode())
    shown = on_screen(at)
    assert "90 rows, 3 columns" in shown
    assert "semicolon" in shown
    assert (
        at.selectbox(key=next(s.key for s in at.selectbox if "data_target" in s.key)).value
        == "bought"
    )
    assert store.load(empty_project).data.source is None
    at.button(key="data_use").click().run()
    settle(at)
    data = store.load(empty_project).data
    assert data.snapshot.samples == 90
    assert data.snapshot.target.classes == ("no", "yes")


def test_dated_rows_are_read_as_a_series_and_as_samples_when_wished(
    open_app, empty_project, on_screen
):
    days = np.datetime64("2024-01-01") + np.arange(90)
    lines = [f"{day},{i % 7},{i * 2},{'ab'[i % 2]}" for i, day in enumerate(days) if i != 40]
    text = "day,load,price,kind\n" + "\n".join(lines) + "\n"
    at = uploaded(open_app("data", project=empty_project), "loads.csv", text.encode())
    assert "a value every day; 1 step is missing and counts as a gap" in on_screen(at)
    series = next(box for box in at.multiselect if box.label == "Forecast these series")
    series.set_value(["load"]).run()
    known = next(box for box in at.multiselect if box.label == "Known in advance")
    known.set_value(["price"]).run()
    next(box for box in at.number_input if box.label == "Steps ahead").set_value(3).run()
    at.button(key="data_use").click().run()
    settle(at)
    data = store.load(empty_project).data
    assert (data.windows.series, data.windows.covariates) == (("load",), ("price",))
    assert data.snapshot.fields[0].shape[1] == 2 and data.snapshot.target.horizon == 3


def test_a_zip_of_folders_becomes_classes(open_app, empty_project, on_screen):
    at = uploaded(open_app("data", project=empty_project), "shapes.zip", pictures())
    assert "24 pictures" in on_screen(at)
    at.button(key="data_use").click().run()
    settle(at)
    assert store.load(empty_project).data.snapshot.target.classes == ("dark", "light")


def test_a_file_that_is_no_table_says_so_and_changes_nothing(open_app, empty_project, on_screen):
    at = uploaded(open_app("data", project=empty_project), "sheet.csv", b"PK\x03\x04" + bytes(400))
    assert any(element.value for element in at.error)
    assert store.load(empty_project).data.source is None
    at.button(key="data_other").click().run()
    assert "data_wizard" not in at.session_state["layerloom"].drafts


def test_the_copy_of_an_upload_goes_when_the_wizard_closes(open_app, empty_project, workspace):
    at = uploaded(open_app("data", project=empty_project), "people.csv", TABLE.encode())
    assert list((workspace / "uploads").rglob("people.csv"))
    at.button(key="data_discard").click().run()
    assert not list((workspace / "uploads").rglob("people.csv"))


def test_a_path_that_is_not_there_says_so(open_app, empty_project, on_screen):
    at = open_app("data", project=empty_project)
    at.segmented_control(key=f"data_source_{empty_project}").set_value("Path here").run()
    at.text_input(key="data_path").set_value("/no/such/file.csv").run()
    at.button(key="data_path_read").click().run()
    assert "There is no file 'file.csv'" in on_screen(at)


def test_a_changed_split_is_saved_and_too_large_a_one_refused(open_app, digits_project):
    at = open_app("data", project=digits_project)
    field = next(number for number in at.number_input if number.label == "Validation, %")
    field.set_value(25).run()
    assert store.load(digits_project).data.split.validation == 0.25
    field = next(number for number in at.number_input if number.label == "Validation, %")
    field.set_value(90).run()
    assert store.load(digits_project).data.split.validation == 0.25
    assert any("must be left for training" in element.value for element in at.error)


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2", "@x", "\tx"])
def test_a_downloaded_list_holds_no_formula(text):
    assert data_wizard._safe_cell(text).startswith("'")
    assert pd.DataFrame([["plain"]]).map(data_wizard._safe_cell).iloc[0, 0] == "plain"
