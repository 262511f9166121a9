"""The one token file: every colour and size, written out to config.toml, canvas, charts and map."""

import sys
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from builder.layers.base import Family
from builder.paths import ROOT

Mode = Literal["light", "dark"]


@dataclass(frozen=True)
class FamilyLook:
    """How a family of layers is painted: the bar and icon colour, and the Material Symbol."""

    colour: str
    icon: str


@dataclass(frozen=True)
class Tokens:
    """All colours of one theme, as #RRGGBB."""

    ground: str
    surface: str
    raised: str
    text: str
    muted: str
    hairline: str
    control: str
    primary: str
    on_primary: str
    link: str
    focus: str
    error: str
    error_tint: str
    warning: str
    warning_tint: str
    hint: str
    hint_tint: str
    good: str
    good_tint: str
    series: tuple[str, ...]
    families: dict[Family, FamilyLook]


_ICONS: dict[Family, str] = {
    "dense": "linear_scale",
    "convolution": "grid_on",
    "pooling": "grid_on",
    "activation": "show_chart",
    "normalisation": "equalizer",
    "recurrent": "loop",
    "attention": "hub",
    "shape": "transform",
    "merge": "transform",
    "input_output": "input",
}


def _families(**colours: str) -> dict[Family, FamilyLook]:
    painted: dict[Family, str] = {
        "dense": colours["dense"],
        "convolution": colours["convolution"],
        "pooling": colours["convolution"],
        "activation": colours["activation"],
        "normalisation": colours["normalisation"],
        "recurrent": colours["recurrent"],
        "attention": colours["attention"],
        "shape": colours["shape"],
        "merge": colours["shape"],
        "input_output": colours["ink"],
    }
    return {family: FamilyLook(colour, _ICONS[family]) for family, colour in painted.items()}


LIGHT = Tokens(
    ground="#FFFFFF",
    surface="#F5F6F9",
    raised="#FFFFFF",
    text="#1A2130",
    muted="#565F70",
    hairline="#D4D9E2",
    control="#7F8999",
    primary="#4A45C4",
    on_primary="#FFFFFF",
    link="#3F3AB5",
    focus="#4A45C4",
    error="#B3261E",
    error_tint="#FDEDEC",
    warning="#8A5A00",
    warning_tint="#FFF5DC",
    hint="#1F5FA8",
    hint_tint="#EAF2FC",
    good="#1B6E4B",
    good_tint="#E7F5EE",
    series=("#2B6CB0", "#B85C00", "#7E364B", "#5E8F5E", "#4B326A", "#1A2130"),
    families=_families(
        dense="#3F72B5",
        convolution="#C07422",
        activation="#5C5C00",
        normalisation="#2E9488",
        recurrent="#573D7F",
        attention="#7A2650",
        shape="#6A6A6B",
        ink="#1A2130",
    ),
)

DARK = Tokens(
    ground="#11141B",
    surface="#1A1F2A",
    raised="#222938",
    text="#E7EAF0",
    muted="#A5AFBF",
    hairline="#343C4C",
    control="#6F7B90",
    primary="#6663E8",
    on_primary="#FFFFFF",
    link="#AFB2FF",
    focus="#9A98FF",
    error="#FF9C94",
    error_tint="#3A1D20",
    warning="#F2C14E",
    warning_tint="#33290F",
    hint="#8FC1FF",
    hint_tint="#172A43",
    good="#6FD3A4",
    good_tint="#15301F",
    series=("#7FB2F0", "#F0903E", "#F2E27A", "#2F9E77", "#A558B8", "#C9CDD6"),
    families=_families(
        dense="#94C1FA",
        convolution="#E2682E",
        activation="#DFC413",
        normalisation="#3FE3B0",
        recurrent="#9470D0",
        attention="#B96A8C",
        shape="#AEB1B7",
        ink="#E7EAF0",
    ),
)

THEMES: dict[Mode, Tokens] = {"light": LIGHT, "dark": DARK}

FONT = "'Source Sans', 'Source Sans Pro', sans-serif"
MONO = "'Source Code Pro', 'Source Code', monospace"

CIVIDIS = (
    "#00224E",
    "#123570",
    "#3B496C",
    "#575D6D",
    "#707173",
    "#8A8678",
    "#A59C74",
    "#C3B369",
    "#E1CC55",
    "#FEE838",
)
"""Magnitudes, low to high."""

PUOR = (
    "#7F3B08",
    "#B35806",
    "#E08214",
    "#FDB863",
    "#FEE0B6",
    "#D8DAEB",
    "#B2ABD2",
    "#8073AC",
    "#542788",
    "#2D004B",
)
"""Signed values, negative to positive, with the middle colour dropped."""

DEPTH: dict[Mode, tuple[str, ...]] = {
    "light": ("#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#1F9E89"),
    "dark": ("#31688E", "#26828E", "#1F9E89", "#35B779", "#6ECE58", "#B5DE2B", "#FDE725"),
}
"""Layers in order, input to output: Viridis clipped to what stays readable on the ground."""


def mode() -> Mode:
    """The theme the visitor looks at now."""
    return "dark" if st.context.theme.type == "dark" else "light"


def tokens(chosen: Mode | None = None) -> Tokens:
    """The tokens of a theme; of the visitor's own when none is named."""
    return THEMES[chosen or mode()]


def css_variables(chosen: Mode) -> dict[str, str]:
    """`--ll-ground: #FFFFFF` and so on, for stylesheets of ours (canvas, shell)."""
    theme = THEMES[chosen]
    plain = {
        f"--ll-{name.replace('_', '-')}": value
        for name, value in vars(theme).items()
        if isinstance(value, str)
    }
    series = {f"--ll-series-{i}": colour for i, colour in enumerate(theme.series, start=1)}
    families = {
        f"--ll-family-{family.replace('_', '-')}": look.colour
        for family, look in theme.families.items()
    }
    return {**plain, **series, **families, "--ll-font": FONT, "--ll-mono": MONO}


def css_block(selector: str, chosen: Mode) -> str:
    """The variables as one CSS rule."""
    lines = "\n".join(f"  {name}: {value};" for name, value in css_variables(chosen).items())
    return f"{selector} {{\n{lines}\n}}\n"


def plotly_layout(chosen: Mode | None = None) -> dict[str, Any]:
    """The `layout` every chart starts from: fonts, grid, ground, series colours, no animation."""
    theme = tokens(chosen)
    axis = {
        "gridcolor": theme.hairline,
        "linecolor": theme.control,
        "zerolinecolor": theme.hairline,
        "tickcolor": theme.control,
        "automargin": True,
        "tickfont": {"size": 12, "color": theme.muted},
        "title": {"font": {"size": 12, "color": theme.muted}},
    }
    return {
        "font": {"family": FONT, "size": 13, "color": theme.text},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(theme.series),
        "colorscale": {"sequential": scale(CIVIDIS), "diverging": scale(PUOR)},
        "hoverlabel": {
            "bgcolor": theme.raised,
            "bordercolor": theme.control,
            "font": {"color": theme.text, "family": FONT, "size": 12},
        },
        "margin": {"l": 48, "r": 12, "t": 32, "b": 36},
        "title": {"font": {"size": 15, "color": theme.text}, "x": 0, "xanchor": "left"},
        "xaxis": axis,
        "yaxis": axis,
        "legend": {"font": {"size": 12, "color": theme.text}, "orientation": "h"},
    }


def plotly_template(chosen: Mode | None = None) -> dict[str, Any]:
    """A Plotly template (`figure.update_layout(template=...)`) made of these tokens."""
    return {"layout": plotly_layout(chosen)}


def scale(colours: tuple[str, ...]) -> list[list[float | str]]:
    """Evenly spaced colours as a Plotly colour scale."""
    last = len(colours) - 1
    return [[i / last, colour] for i, colour in enumerate(colours)]


def between(colours: tuple[str, ...], share: float) -> str:
    """The colour at `share` (0..1) of a scale, mixed linearly between its two neighbours."""
    place = min(max(share, 0.0), 1.0) * (len(colours) - 1)
    low = int(place)
    high = min(low + 1, len(colours) - 1)
    mixed = (
        round(a + (b - a) * (place - low))
        for a, b in zip(_channels(colours[low]), _channels(colours[high]), strict=True)
    )
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def depth_colour(index: int, count: int, chosen: Mode | None = None) -> str:
    """The colour of layer `index` of `count`, by depth."""
    share = index / (count - 1) if count > 1 else 0.0
    return between(DEPTH[chosen or mode()], share)


def ink_on(fill: str) -> str:
    """The text colour, dark or white, that reads better on a fill."""
    return max((LIGHT.text, "#FFFFFF"), key=lambda ink: contrast(ink, fill))


def contrast(first: str, second: str) -> float:
    """The WCAG 2.1 contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _theme_section(chosen: Mode) -> dict[str, str | list[str]]:
    theme = THEMES[chosen]
    return {
        "primaryColor": theme.primary,
        "backgroundColor": theme.ground,
        "secondaryBackgroundColor": theme.surface,
        "textColor": theme.text,
        "linkColor": theme.link,
        "borderColor": theme.hairline,
        "codeBackgroundColor": theme.surface,
        "codeTextColor": theme.text,
        "dataframeBorderColor": theme.hairline,
        "dataframeHeaderBackgroundColor": theme.surface,
        "dataframeHeaderTextColor": theme.muted,
        "redColor": theme.error,
        "redTextColor": theme.error,
        "redBackgroundColor": theme.error_tint,
        "yellowColor": theme.warning,
        "yellowTextColor": theme.warning,
        "yellowBackgroundColor": theme.warning_tint,
        "orangeColor": theme.warning,
        "orangeTextColor": theme.warning,
        "orangeBackgroundColor": theme.warning_tint,
        "blueColor": theme.hint,
        "blueTextColor": theme.hint,
        "blueBackgroundColor": theme.hint_tint,
        "greenColor": theme.good,
        "greenTextColor": theme.good,
        "greenBackgroundColor": theme.good_tint,
        "violetColor": theme.link,
        "violetTextColor": theme.link,
        "violetBackgroundColor": theme.surface,
        "grayColor": theme.muted,
        "grayTextColor": theme.muted,
        "grayBackgroundColor": theme.surface,
        "chartCategoricalColors": list(theme.series),
        "chartSequentialColors": list(CIVIDIS),
        "chartDivergingColors": list(PUOR),
    }


def config_toml() -> str:
    """The whole `.streamlit/config.toml`: safe server settings and both themes."""
    sections: dict[str, dict[str, Any]] = {
        "server": {
            "address": "127.0.0.1",
            "allowedHosts": ["localhost", "127.0.0.1"],
            "enableXsrfProtection": True,
            "enableCORS": True,
            "enableStaticServing": False,
            "fileWatcherType": "none",
            "maxUploadSize": 2000,
            "showEmailPrompt": False,
        },
        "browser": {"gatherUsageStats": False},
        "client": {"toolbarMode": "viewer", "showErrorDetails": "none", "showErrorLinks": False},
        "theme": {
            "baseFontSize": 15,
            "baseRadius": "8px",
            "buttonRadius": "8px",
            "codeFontSize": "13px",
            "headingFontSizes": ["24px", "19px", "16px", "15px", "13px", "12px"],
            "headingFontWeights": [600, 600, 600, 600, 600, 600],
            "metricValueFontSize": "28px",
            "paddingTop": "0",
            "paddingBottom": "32px",
        },
        "theme.light": _theme_section("light"),
        "theme.dark": _theme_section("dark"),
    }
    head = "# Written by `python -m builder.ui.theme`; change the tokens there.\n"
    return head + "".join(_toml_section(name, values) for name, values in sections.items())


def _toml_section(name: str, values: dict[str, Any]) -> str:
    lines = "".join(f"{key} = {_toml_value(value)}\n" for key, value in values.items())
    return f"\n[{name}]\n{lines}"


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def main() -> int:
    """Writes config.toml beside app.py."""
    target = ROOT / ".streamlit" / "config.toml"
    target.parent.mkdir(exist_ok=True)
    target.write_text(config_toml(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
