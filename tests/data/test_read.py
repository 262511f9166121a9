"""What a person gives for a prediction is read exactly as the training data were."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from builder.data.builtin import load
from builder.data.prepare import fit
from builder.data.read import number_cells, parse_number
from builder.errors import DataError
from builder.spec.data import DataSpec

PLAIN = {"decimal": ".", "thousands": "", "percent": False}


@pytest.fixture
def digits():
    return fit(DataSpec(), load("digits"), np.arange(100))


@pytest.fixture
def table(mixed):
    return fit(DataSpec(), mixed, np.arange(300))


def png(pixels, mode=None):
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(out, "PNG")
    return out.getvalue()


def test_a_picture_of_a_sample_reads_back_as_that_sample(digits, tmp_path):
    raw = load("digits")
    pixels = np.rint(raw.fields["image"][3, :, :, 0] * (255 / 16)).astype(np.uint8)
    path = tmp_path / "digit.png"
    path.write_bytes(png(pixels))
    for value in (
        path,
        str(path),
        path.read_bytes(),
        raw.fields["image"][3],
        raw.fields["image"][3, :, :, 0],
    ):
        np.testing.assert_array_equal(digits.read_inputs(value)["image"], raw.fields["image"][3:4])


def test_a_drawing_pad_is_put_on_white_made_grey_and_resized(digits):
    pad = np.zeros((280, 280, 4), np.uint8)
    pad[100:200, 100:200] = (0, 0, 0, 255)
    reading = digits.read(pad)
    assert reading.fields["image"].shape == (1, 8, 8, 1)
    assert reading.fields["image"][0, 0, 0, 0] == 16 and reading.fields["image"][0, 4, 4, 0] == 0
    assert any("280×280 pixels were resized to 8×8" in note for note in reading.notes)


def test_several_pictures_give_several_samples(digits):
    assert digits.read_inputs([png(np.zeros((8, 8), np.uint8))] * 3)["image"].shape == (3, 8, 8, 1)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"no image", "This image cannot be used: it is not a PNG"),
        ("nowhere.png", "nowhere.png cannot be used: there is no such file"),
        (np.full((8, 8), 99), "from 0 to 16"),
        (np.full((8, 8), np.nan), "from 0 to 16"),
        (np.zeros((8, 8, 2)), "height × width"),
    ],
)
def test_what_is_no_picture_is_refused(digits, value, words):
    with pytest.raises(DataError, match=words):
        digits.read(value)


def test_a_row_a_list_and_a_csv_give_the_same_arrays(table, tmp_path):
    rows = [
        {"a": 1.5, "b": None, "same": "4.2", "city": "Rome"},
        {"a": "2", "b": 3, "same": 4, "city": "Paris"},
    ]
    path = tmp_path / "rows.csv"
    path.write_text("city,same,b,a,extra\nRome,4.2,NA,1.5,x\nParis,4,3,2,y\n")
    listed, filed = table.read(rows), table.read(path)
    np.testing.assert_array_equal(listed.fields["numbers"], [[1.5, np.nan, 4.2], [2, 3, 4]])
    np.testing.assert_array_equal(listed.fields["categories"], [[2], [-1]])
    for name in listed.fields:
        np.testing.assert_array_equal(listed.fields[name], filed.fields[name])
    np.testing.assert_array_equal(
        table.read_inputs(rows[0])["numbers"], listed.fields["numbers"][:1]
    )
    assert any("Paris did not occur in training" in note for note in listed.notes)
    assert torch.isfinite(table.prepare(listed.fields)["features"]).all()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": 1}, "no value for 'b'"),
        ({"a": "x", "b": 1, "same": 1, "city": "Rome"}, "a is 'x' in row 1, which is not a number"),
        ({"a": float("inf"), "b": 1, "same": 1, "city": "Rome"}, "infinite"),
        (np.zeros((2, 9)), "Each row needs 4 values"),
        (b"a,b,same,city\n1,2\n", "Line 2 has 2 values"),
        (b"a,b,same,city\n", "no rows"),
    ],
)
def test_rows_that_do_not_suit_are_refused(table, value, words):
    with pytest.raises(DataError, match=words):
        table.read(value)


def test_numbers_in_order_are_a_row():
    raw = load("iris")
    preparation = fit(DataSpec(), raw, np.arange(100))
    np.testing.assert_array_equal(
        preparation.read_inputs(raw.fields["numbers"][7])["numbers"], raw.fields["numbers"][7:8]
    )


def test_the_fast_and_the_careful_way_read_the_same_numbers():
    cells = ["1", "-2.5", "+3e2", ".5", "7.", "", " 8 ", "NA"]
    fast, bad = number_cells(cells, PLAIN, ("", "NA"))
    careful = [np.nan if c.strip() in ("", "NA") else parse_number(c, PLAIN) for c in cells]
    np.testing.assert_array_equal(fast, careful)
    assert bad == []
    values, bad = number_cells([*cells, "x", "1_0", "nan", "1e999"], PLAIN, ("", "NA"))
    assert bad == [8, 9, 10, 11]
    np.testing.assert_array_equal(values[:8], careful)
