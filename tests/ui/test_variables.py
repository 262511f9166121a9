"""The Variables tab without a browser."""

import pytest

from builder.errors import BuilderError
from builder.projects.history import Document
from builder.ui.inspector.variables import bounds, read_variable


def test_a_variable_is_added_set_and_renamed_on_the_tab(open_app, digits_project):
    at = open_app("build", project=digits_project)
    at.session_state["layerloom"].remember("build panel", "variables")
    at.run()
    at.text_input(key="variable_new").set_value("d_model = 128").run()
    at.button(key="variable_add").click().run()
    assert not at.exception
    at.number_input(key="variable.network.d_model.value").set_value(96).run()
    at.text_input(key="variable.network.d_model.name").set_value("width").run()
    assert not at.exception
    (variable,) = Document(digits_project).project.networks[0].variables
    assert (variable.name, variable.value) == ("width", 96)


@pytest.mark.parametrize(
    ("text", "value"), [("d_model = 128", 128), ("d=0,5", 0.5), ("heads", 64), ("d = -3", -3)]
)
def test_a_variable_is_read_as_it_is_written(text, value):
    assert read_variable(text).value == value


@pytest.mark.parametrize("text", ["2d = 4", "= 3", "d = four", "größe = 1"])
def test_what_is_no_variable_is_refused_in_words(text):
    with pytest.raises(BuilderError, match=r"cannot be a name|needs a number"):
        read_variable(text)


@pytest.mark.parametrize("value", [1, 2, 64, 100, 1_000_000, 0, -5, 0.05, -0.3, 0.0, 3.5])
def test_a_slider_holds_its_value_between_its_ends(value):
    low, high = bounds(value)
    assert low <= value <= high and type(low) is type(high) is type(value)
