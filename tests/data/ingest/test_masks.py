"""Pictures with masks in a ZIP: paired by name, values become classes, and what does not pair is named."""

import io

import numpy as np
import pytest
from PIL import Image

from builder.data import store
from builder.data.describe import describe, verdict
from builder.data.ingest.ingest import ingest
from builder.data.ingest.masks import resized
from builder.errors import DataError
from tests.data.ingest.conftest import png


def picture(place=0, size=(8, 10)):
    draw = np.random.default_rng(place)
    return png(draw.integers(0, 255, (*size, 3)).astype(np.uint8))


def mask(*values, size=(8, 10)):
    codes = np.zeros(size, np.uint8)
    codes.ravel()[: len(values)] = values
    return png(codes)


def pairs(count=6, **changed):
    """A few good pairs, some files changed; a file of None is left out."""
    files = {f"images/{i}.png": picture(i) for i in range(count)}
    files |= {f"masks/{i}.png": mask(0, 7, 255) for i in range(count)}
    files |= {
        name.replace("__", "/").replace("_png", ".png"): data for name, data in changed.items()
    }
    return {name: data for name, data in files.items() if data is not None}


@pytest.fixture
def masks(make_zip, read):
    def reading(files, **known):
        result, staging = read(make_zip(files), **known)
        return result, np.load(staging / "image.npy"), np.load(staging / "target.npy"), staging

    return reading


def test_values_become_classes_in_their_order(masks):
    result, images, codes, staging = masks(pairs())
    assert images.shape == (6, 8, 10, 3) and codes.shape == (6, 8, 10) and codes.dtype == np.uint8
    assert result.raw.target.kind == "mask"
    assert result.raw.target.classes == ("background", "value 7", "value 255")
    assert codes[0].ravel()[:4].tolist() == [0, 1, 2, 0]
    assert result.inspection.task == "segmentation" and result.inspection.skipped_total == 0
    assert result.inspection.classes[1] == ("value 7", 6)
    assert not (staging / "values.npy").exists()


def test_a_palette_counts_by_its_numbers_and_grey_saved_in_colour_by_its_grey(masks):
    codes = Image.fromarray(np.array([[0, 1], [2, 2]], np.uint8))
    codes.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    out = png(np.array([[0, 1], [2, 2]], np.uint8), mode="RGB")
    stream = io.BytesIO()
    codes.save(stream, "PNG")
    files = {"images/a.png": picture(1, (2, 2)), "images/b.png": picture(2, (2, 2))}
    _, _, found, _ = masks({**files, "masks/a.png": stream.getvalue(), "masks/b.png": out})
    assert found[0].tolist() == found[1].tolist() == [[0, 1], [2, 2]]


def test_folders_around_and_train_and_test_inside_are_seen(masks):
    files = {}
    for place in range(6):
        half = "test" if place < 2 else "train"
        files[f"set/{half}/Images/{place}.jpg"] = png(
            np.full((8, 8), place, np.uint8), format="JPEG"
        )
        files[f"set/{half}/Masks/{place}.png"] = mask(place, size=(8, 8))
    result, images, codes, _ = masks(files)
    assert result.raw.official_test == 2
    assert codes[-2:, 0, 0].tolist() == [0, 1] and images[-2:, 0, 0, 0].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("changed", "where", "why"),
    [
        ({"masks__3_png": None}, "images/3.png", "there is no mask 3.png in the folder masks"),
        ({"images__3_png": None}, "masks/3.png", "there is no picture 3 in the folder images"),
        ({"masks__3_png": mask(1, size=(4, 5))}, "masks/3.png", "5×4 pixels and its picture 10×8"),
        ({"masks__3_png": picture(9)}, "masks/3.png", "it is coloured"),
        (
            {"masks__3_png": mask(*range(80))},
            "masks/3.png",
            "80 different values; a mask has one for each class, at most 64",
        ),
        ({"masks__3_png": b"broken"}, "masks/3.png", "not a PNG"),
        ({"masks__3_png": mask(1)[:48]}, "masks/3.png", "damaged or cut off"),
        ({"images__3_png": b"broken"}, "images/3.png", "not a PNG"),
        (
            {"masks__3_png": None, "masks/3.jpg": png(format="JPEG")},
            "masks/3.jpg",
            "a mask must be a PNG",
        ),
        ({"masks/notes.txt": b"by hand"}, "masks/notes.txt", "not a PNG, JPEG"),
    ],
)
def test_what_makes_no_pair_is_set_aside_by_name_with_the_reason(masks, changed, where, why):
    result, images, codes, _ = masks(pairs(**changed))
    aside = {one.where: one.why for one in result.inspection.skipped}
    assert why in aside[where]
    assert len(images) == len(codes) >= 5


def test_mostly_unusable_pairs_are_refused_with_the_first_name(masks):
    with pytest.raises(
        DataError, match=r"4 of 6 pictures cannot be used .*images/0.png: there is no mask"
    ):
        masks(pairs(**{f"masks__{i}_png": None for i in range(4)}))
    named = {f"masks__{i}_png": None for i in range(6)} | {"masks/else.png": mask(1)}
    with pytest.raises(
        DataError, match="no picture in the folder images has a mask of the same name"
    ):
        masks(pairs(**named))


def test_classes_called_images_and_masks_need_both_folders(masks):
    result, _, labels, _ = masks({f"{c}/1.png": png() for c in ("images", "others")})
    assert result.raw.target.kind == "classes" and labels.tolist() == [0, 1]


def test_resizing_keeps_values_and_gives_each_pixel_its_nearest(masks):
    values = np.array([[1, 9], [5, 3]], np.uint16)
    assert resized(values, 4, 4)[[0, 0, 3, 3], [0, 3, 0, 3]].tolist() == [1, 9, 5, 3]
    assert resized(values, 3, 2).tolist() in ([[1, 9], [5, 3], [5, 3]], [[1, 9], [1, 9], [5, 3]])
    _, images, codes, _ = masks(pairs(), image_size=(16, 20))
    assert images.shape[1:] == (16, 20, 3) and codes.shape[1:] == (16, 20)
    assert set(np.unique(codes)) == {0, 1, 2}


def test_an_upload_is_taken_in_by_the_limited_process(make_zip):
    done = ingest(make_zip(pairs()))
    raw = store.open_raw(done.spec)
    assert raw.has_masks and raw.target.shape == (6, 8, 10) and raw.classes == ()
    assert done.spec.snapshot == describe(done.spec).snapshot
    assert "3 classes of pixels" in verdict(done.spec)
