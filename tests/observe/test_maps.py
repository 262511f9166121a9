"""Feature maps as tiles of one picture."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from builder.observe.chart import Palette
from builder.observe.maps import GAP, MAX_TILES, maps_chart, picture, png, tiles_of


def test_the_picture_holds_every_tile_in_order(palette: Palette) -> None:
    output = np.arange(4 * 3 * 3, dtype=np.float32).reshape(4, 3, 3)
    tiles = tiles_of(output)
    pixels = picture(tiles, palette, one_scale=True)
    rows = -(-4 // tiles.columns)
    assert pixels.shape == (rows * (3 + GAP) - GAP, tiles.columns * (3 + GAP) - GAP, 4)
    assert pixels[0, 0, 0] == 0
    assert pixels[-1, -1, 0] == 255


def test_each_tile_has_its_own_scale_unless_one_is_wanted(palette: Palette) -> None:
    output = np.stack([np.eye(4), 10 * np.eye(4)]).astype(np.float32)
    own, one = (
        picture(tiles_of(output), palette, one_scale=one_scale) for one_scale in (False, True)
    )
    assert own[0, 0, 0] == 255
    assert 20 <= one[0, 0, 0] <= 30


def test_signed_values_are_centred_at_zero(palette: Palette) -> None:
    tiles = tiles_of(np.array([[[-1.0, 0.0, 1.0]]], dtype=np.float32))
    assert tiles.signed
    left, middle, right = picture(tiles, palette)[0, :, :3]
    assert np.abs(middle.astype(int) - 247).max() <= 1
    assert tuple(left) == (0x7F, 0x3B, 0x08)
    assert tuple(right) == (0x2D, 0x00, 0x4B)


def test_dead_channels_are_framed_with_the_word(palette: Palette) -> None:
    output = np.ones((4, 5, 5), dtype=np.float16)
    output[2] = 0
    chart = maps_chart(tiles_of(output), palette, layer="conv1")
    assert len(chart.layout["shapes"]) == 1
    assert [a["text"] for a in chart.layout["annotations"]] == ["dead"]
    assert "1 of 4 are dead" in chart.alt


def test_no_axes_and_pixels_not_blurred(palette: Palette) -> None:
    chart = maps_chart(tiles_of(np.ones((2, 4, 4))), palette, layer="conv1")
    image = chart.traces[0]
    assert image["type"] == "image"
    assert image["zsmooth"] is False
    assert not chart.layout["xaxis"]["visible"]
    assert not chart.layout["yaxis"]["visible"]


@pytest.mark.parametrize("shape", [(), (1,), (10,), (300,), (7, 16), (3, 8, 8), (2, 3, 8, 8)])
def test_every_shape_of_output_has_a_picture(shape: tuple[int, ...], palette: Palette) -> None:
    output = np.random.default_rng(0).normal(size=shape).astype(np.float16)
    chart = maps_chart(tiles_of(output), palette, layer="any")
    assert chart.height >= 48
    assert chart.table


def test_at_most_sixty_four_tiles_are_shown_and_it_says_so(palette: Palette) -> None:
    chart = maps_chart(tiles_of(np.ones((100, 2, 2))), palette, layer="conv1")
    assert chart.note == f"{MAX_TILES} of 100 shown"


def test_values_that_are_not_numbers_do_not_break_the_picture(palette: Palette) -> None:
    output = np.array([[[np.nan, np.inf], [-np.inf, 1.0]]])
    assert picture(tiles_of(output), palette).shape == (2, 2, 4)


def test_the_data_uri_is_the_same_picture() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (6, 9, 4), dtype=np.uint8)
    raw = base64.b64decode(png(pixels).split(",")[1])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(raw))), pixels)
