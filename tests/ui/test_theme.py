"""The token file: what it writes is on disk, and every colour stays readable."""

import tomllib

import pytest

from builder.layers.base import Family
from builder.paths import ROOT
from builder.ui import theme

FLOORS = [
    # (ink, on, at least): the figures of UX.md section 9, light and dark
    ("text", "ground", 16.1, 15.3),
    ("text", "surface", 14.9, 12.1),
    ("muted", "ground", 6.4, 8.3),
    ("muted", "surface", 6.0, 6.6),
    ("control", "ground", 3.5, 4.3),
    ("on_primary", "primary", 7.1, 4.7),
    ("link", "ground", 8.5, 9.3),
    ("focus", "ground", 7.1, 7.3),
    ("error", "ground", 6.5, 9.2),
    ("error", "error_tint", 5.8, 7.6),
    ("warning", "ground", 5.9, 11.0),
    ("warning", "warning_tint", 5.5, 8.5),
    ("hint", "ground", 6.4, 9.9),
    ("hint", "hint_tint", 5.7, 7.8),
    ("good", "ground", 6.2, 10.1),
    ("good", "good_tint", 5.5, 7.8),
    # code is written on the surface
    ("hint", "surface", 4.5, 4.5),
    ("good", "surface", 4.5, 4.5),
    ("link", "surface", 4.5, 4.5),
    ("warning", "surface", 4.5, 4.5),
    ("error", "surface", 4.5, 4.5),
]


def test_the_config_file_on_disk_is_the_one_the_tokens_write():
    assert (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8") == theme.config_toml()


def test_the_config_file_is_valid_and_safe():
    config = tomllib.loads(theme.config_toml())
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["allowedHosts"] == ["localhost", "127.0.0.1"]
    assert config["client"]["showErrorDetails"] == "none"
    assert config["browser"]["gatherUsageStats"] is False
    for mode in theme.THEMES:
        assert len(config["theme"][mode]["chartSequentialColors"]) == 10
        assert len(config["theme"][mode]["chartDivergingColors"]) == 10


def test_streamlit_knows_every_option_that_is_written():
    from streamlit import config as known

    def walk(section: str, values: dict[str, object]) -> None:
        for name, value in values.items():
            if isinstance(value, dict):
                walk(f"{section}.{name}", value)
            else:
                assert f"{section}.{name}" in known._config_options_template

    for section, values in tomllib.loads(theme.config_toml()).items():
        walk(section, values)


@pytest.mark.parametrize(("ink", "on", "light", "dark"), FLOORS)
def test_ink_reads_on_its_ground(ink, on, light, dark):
    for mode, least in (("light", light), ("dark", dark)):
        tokens = theme.THEMES[mode]
        assert theme.contrast(getattr(tokens, ink), getattr(tokens, on)) >= least - 0.051


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_series_and_families_stand_out(mode):
    tokens = theme.THEMES[mode]
    assert len(tokens.series) == 6
    for colour in tokens.series:
        assert theme.contrast(colour, tokens.ground) >= 3.65
    for look in tokens.families.values():
        assert theme.contrast(look.colour, tokens.raised) >= 3.55


def test_every_family_has_a_look():
    families = set(Family.__args__)
    for tokens in theme.THEMES.values():
        assert set(tokens.families) == families


def test_contrast_is_the_formula_of_wcag():
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("colours", [theme.CIVIDIS, *theme.DEPTH.values()])
def test_ink_reads_on_every_step_of_a_scale(colours):
    for step in range(101):
        fill = theme.between(colours, step / 100)
        assert theme.contrast(theme.ink_on(fill), fill) >= 4.0


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_depth_colours_stand_out_and_differ_in_order(mode):
    colours = [theme.depth_colour(i, 12, mode) for i in range(12)]
    assert len(set(colours)) == 12
    for colour in colours:
        assert theme.contrast(colour, theme.THEMES[mode].ground) >= 3.0


def test_a_mixed_colour_is_at_its_ends_the_colours_themselves():
    assert theme.between(("#000000", "#FFFFFF"), 0.0) == "#000000"
    assert theme.between(("#000000", "#FFFFFF"), 1.0) == "#FFFFFF"
    assert theme.between(("#000000", "#FFFFFF"), 0.5) == "#808080"


def test_css_block_names_every_token_once():
    block = theme.css_block(":root", "dark")
    assert block.startswith(":root {")
    assert block.count("--ll-ground: #11141B;") == 1
    assert "--ll-family-convolution: #E2682E;" in block
