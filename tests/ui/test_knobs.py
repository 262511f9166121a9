"""Settings as people type them: numbers in every notation, and the last good value kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from builder.errors import SpecError
from builder.layers import catalogue
from builder.layers.catalogue import KnobInfo
from builder.spec.network import Expr
from builder.ui import typed


def info_of(kind, name) -> KnobInfo:
    return next(info for info in catalogue.knobs(kind) if info.name == name)


FILTERS = info_of("conv2d", "out_channels")
SHARE = info_of("dropout", "p")


class TestReading:
    @pytest.mark.parametrize("text", ["0.001", "0,001", "1e-3", " 1E-3 ", "+0.001"])
    def test_a_fraction_is_read_in_every_usual_notation(self, text):
        assert typed.read_number(text, SHARE) == 0.001

    @pytest.mark.parametrize("text", ["32", "32.0", "3.2e1", "32,0"])
    def test_a_whole_number_is_whole(self, text):
        value = typed.read_number(text, FILTERS)
        assert (value, type(value)) == (32, int)

    @pytest.mark.parametrize(
        "text", ["", "many", "1.2.3", "1,234,567", "nan", "inf", "0x10", "1e999"]
    )
    def test_what_is_no_number_is_refused_with_what_is_needed(self, text):
        with pytest.raises(SpecError, match="Filters must be a whole number from 1 to"):
            typed.read_number(text, FILTERS)

    @given(st.floats(min_value=1e-12, max_value=1e12))
    def test_a_number_that_is_shown_is_read_back_nearly_the_same(self, value):
        shown = typed.show_number(value)
        assert typed.read_number(shown, SHARE) == pytest.approx(value, rel=1e-5)

    @pytest.mark.parametrize(
        "text", ["1, 28, 28", "1×28×28", "(1, 28, 28)", "1x28x28", "[1,28,28,]"]
    )
    def test_sizes_are_read_as_people_write_them(self, text):
        assert typed.read_sizes(text, info_of("input", "shape")) == (1, 28, 28)

    def test_no_sizes_are_none(self):
        assert typed.read_sizes("  ", info_of("input", "shape")) == ()

    def test_an_expression_must_give_a_number_now(self):
        assert typed.read_expression("width // 2", {"width": 64}) == Expr(expr="width // 2")
        for text in ("", "width //", "unknown", "__import__('os')", "width.real"):
            with pytest.raises(SpecError):
                typed.read_expression(text, {"width": 64})

    def test_values_a_layer_cannot_have_are_refused(self):
        typed.accept("conv2d", FILTERS, 8, {})
        typed.accept("conv2d", FILTERS, Expr(expr="width // 2"), {"width": 64})
        for value in (0, 10**9, True, "8", Expr(expr="width // 64")):
            with pytest.raises(SpecError):
                typed.accept("conv2d", FILTERS, value, {"width": 8})


def form_page() -> None:
    """A page with the form of one layer, whose values live in the session."""
    import streamlit as st

    from builder.layers import catalogue
    from builder.ui import state
    from builder.ui.knobs import Form

    drafts = state.current().drafts
    kind = st.query_params["kind"]
    values = drafts.setdefault("values", {})

    def change(name, value):
        values.pop(name, None)
        if value is not None:
            values[name] = value

    form = Form(kind=kind, owner="n1", values=dict(values), scope={"width": 64}, change=change)
    for info in catalogue.knobs(kind):
        form.draw(info)


@pytest.fixture
def form():
    def opened(kind, **values):
        at = AppTest.from_function(form_page, default_timeout=20)
        at.query_params["kind"] = kind
        at.run()
        if values:
            at.session_state["layerloom"].drafts["values"].update(values)
            at.run()
        assert not at.exception, at.exception
        return at

    return opened


def values(at):
    return at.session_state["layerloom"].drafts["values"]


def kept(at):
    return "\n".join(str(caption.value) for caption in at.caption)


class TestForm:
    @pytest.mark.parametrize("kind", [kind.kind for kind in catalogue.all_kinds()])
    def test_every_kind_has_a_form_and_drawing_it_changes_nothing(self, form, kind):
        at = form(kind)
        at.run()
        assert not at.exception
        assert values(at) == {}

    def test_a_changed_number_goes_into_the_document(self, form):
        at = form("conv2d")
        at.number_input(key="knob.n1.out_channels.whole").set_value(48).run()
        assert values(at) == {"out_channels": 48}
        assert at.number_input(key="knob.n1.out_channels.whole").label == "Filters •"

    def test_the_default_is_not_stored(self, form):
        at = form("conv2d", out_channels=48)
        at.number_input(key="knob.n1.out_channels.whole").set_value(32).run()
        assert values(at) == {}

    def test_back_to_the_default_is_one_click(self, form):
        at = form("conv2d", out_channels=48)
        back = at.button(key="knob.n1.out_channels.back.button")
        assert back.help == "Back to 32"
        back.click().run()
        assert values(at) == {}
        assert at.number_input(key="knob.n1.out_channels.whole").value == 32

    def test_the_widget_follows_an_undo(self, form):
        at = form("conv2d", out_channels=48)
        values(at)["out_channels"] = 16
        at.run()
        assert at.number_input(key="knob.n1.out_channels.whole").value == 16

    def test_an_invalid_text_keeps_the_last_good_value_and_says_so(self, form):
        at = form("reshape", shape=(1, 8, 8))
        at.text_input(key="knob.n1.shape.sizes").set_value("1, many").run()
        assert values(at) == {"shape": (1, 8, 8)}
        assert "Shape must be" in kept(at).replace("\\", "")
        assert "is kept" in kept(at)
        at.text_input(key="knob.n1.shape.sizes").set_value("1, 64").run()
        assert values(at) == {"shape": (1, 64)}
        assert "is kept" not in kept(at)

    def test_a_pair_can_be_split_and_joined(self, form):
        at = form("conv2d")
        at.button(key="knob.n1.kernel_size.split.button").click().run()
        assert values(at) == {"kernel_size": (3, 3)}
        at.number_input(key="knob.n1.kernel_size.1").set_value(5).run()
        assert values(at) == {"kernel_size": (3, 5)}
        at.button(key="knob.n1.kernel_size.split.button").click().run()
        assert values(at) == {}

    def test_a_number_for_all_axes_can_become_an_expression_and_go_back(self, form):
        at = form("conv2d")
        at.button(key="knob.n1.kernel_size.fx.button").click().run()
        at.text_input(key="knob.n1.kernel_size.fx").set_value("width // 8 - 3").run()
        assert values(at) == {"kernel_size": Expr(expr="width // 8 - 3")}
        assert "= 5" in kept(at)
        at.text_input(key="knob.n1.kernel_size.fx").set_value("width // 0").run()
        assert "divides by zero" in kept(at)
        at.text_input(key="knob.n1.kernel_size.fx").set_value("width - 64").run()
        assert values(at) == {"kernel_size": Expr(expr="width // 8 - 3")}
        at.button(key="knob.n1.kernel_size.fx.button").click().run()
        assert values(at) == {"kernel_size": 5}

    def test_a_number_can_become_an_expression_and_go_back(self, form):
        at = form("linear")
        at.button(key="knob.n1.out_features.fx.button").click().run()
        at.text_input(key="knob.n1.out_features.fx").set_value("width // 2").run()
        assert values(at) == {"out_features": Expr(expr="width // 2")}
        assert "= 32" in kept(at)
        at.text_input(key="knob.n1.out_features.fx").set_value("width //").run()
        assert values(at) == {"out_features": Expr(expr="width // 2")}
        at.button(key="knob.n1.out_features.fx.button").click().run()
        assert values(at) == {"out_features": 32}

    def test_choices_and_toggles_change_the_document(self, form):
        at = form("lstm")
        at.toggle(key="knob.n1.bidirectional.on").set_value(True).run()
        assert values(at) == {"bidirectional": True}

    def test_a_share_is_a_slider(self, form):
        at = form("dropout")
        at.slider(key="knob.n1.p.share").set_value(0.5).run()
        assert values(at) == {"p": 0.5}

    @pytest.mark.parametrize("value", [-3, 10**8, (3, 3, 3)])
    def test_a_value_from_a_file_that_is_out_of_range_is_shown_not_lost(self, form, value):
        at = form("conv2d", out_channels=value)
        assert not at.exception
        assert values(at) == {"out_channels": value}
