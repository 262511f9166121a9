"""Images of every odd kind (facts 69 to 73): one defined conversion, golden pixels, or set aside with the reason."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from builder.errors import DataError


def saved(image, format="PNG", **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def grey(value=0, size=(8, 8)):
    return Image.new("L", size, value)


def header_only_png(width, height):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def beside_good(data, name="odd.png"):
    """An odd image among enough good ones."""
    return {
        f"a/{name}": data,
        **{f"{c}/good{i}.png": saved(grey(i)) for c in "ab" for i in range(3)},
    }


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a PNG"),
        (b"this is text", "not a PNG"),
        (header_only_png(20_000, 20_000), "pixels"),
        (header_only_png(13_000, 13_000), "169,000,000|13,000×13,000|million"),
        (saved(Image.effect_noise((64, 64), 50).convert("L"), "JPEG")[:300], "damaged or cut off"),
        (saved(grey(), "TIFF"), "not a PNG"),
        (saved(grey(), "PDF"), "not a PNG"),
        (saved(Image.new("RGB", (8, 8)), "EPS"), "not a PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "not a PNG"),
        (header_only_png(0, 0), "not a PNG|damaged"),
    ],
)
def test_what_cannot_be_read_is_set_aside_with_its_name_and_reason(pictures, data, why):
    result, images, _ = pictures(beside_good(data))
    assert len(images) == 6 and result.inspection.skipped_total == 1
    assert result.inspection.skipped[0].where == "a/odd.png"
    assert any(word in result.inspection.skipped[0].why for word in why.split("|"))


def test_a_single_pixel_is_an_image(pictures):
    _, images, _ = pictures({"a/1.png": saved(grey(7, (1, 1))), "b/1.png": saved(grey(9, (1, 1)))})
    assert images.shape == (2, 1, 1, 1) and images[:, 0, 0, 0].tolist() == [7, 9]


def sixteen_bit(value):
    return Image.fromarray(np.full((4, 4), value, np.uint16))


GOLDEN = {
    "grey": (Image.new("L", (4, 4), 100), [100, 100, 100]),
    "one bit": (Image.new("1", (4, 4), 1), [255, 255, 255]),
    "red": (Image.new("RGB", (4, 4), (200, 10, 20)), [200, 10, 20]),
    "half seen red": (Image.new("RGBA", (4, 4), (255, 0, 0, 128)), [255, 127, 127]),
    "unseen": (Image.new("RGBA", (4, 4), (1, 2, 3, 0)), [255, 255, 255]),
    "half seen grey": (Image.new("LA", (4, 4), (0, 128)), [127, 127, 127]),
    "sixteen bits": (sixteen_bit(0x8080), [128, 128, 128]),
    "sixteen bits, dark": (sixteen_bit(257), [1, 1, 1]),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_every_mode_has_one_defined_conversion(pictures, name):
    image, wanted = GOLDEN[name]
    colour = saved(Image.new("RGB", (4, 4), (0, 255, 0)))
    _, images, labels = pictures({"a/odd.png": saved(image), "b/colour.png": colour})
    np.testing.assert_allclose(images[labels == 0][0, 0, 0].astype(int), wanted, atol=1)


def test_cmyk_and_palettes_become_colours(pictures):
    palette = Image.new("RGB", (4, 4), (200, 10, 20)).quantize(4)
    files = {
        "a/1.jpg": saved(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "JPEG"),
        "b/1.png": saved(palette),
    }
    _, images, _ = pictures(files)
    np.testing.assert_allclose(images[:, 0, 0].astype(int), [[254, 0, 0], [200, 10, 20]], atol=4)


def test_a_palette_with_transparency_is_put_on_white(pictures):
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([10, 20, 30] * 256)
    _, images, _ = pictures(
        {
            "a/1.png": saved(palette, transparency=0),
            "b/1.png": saved(Image.new("RGB", (4, 4), "red")),
        }
    )
    assert images[0, 0, 0].tolist() == [255, 255, 255]


def test_the_cameras_rotation_is_applied_and_told(pictures):
    pixels = np.zeros((4, 8), np.uint8)
    pixels[:, 0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.fromarray(pixels), "PNG", exif=exif)
    result, images, _ = pictures({"a/1.png": data, "b/1.png": saved(grey(0, (4, 8)))})
    assert images.shape == (2, 8, 4, 1)
    assert images[0, 0, :, 0].tolist() == [255] * 4
    assert any("turned upright" in note for note in result.inspection.notes)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_only_the_first_frame_of_an_animation_is_used_and_told(pictures, format):
    frames = [Image.new("L", (8, 8), value) for value in (10, 200)]
    data = saved(frames[0], format, save_all=True, append_images=frames[1:], duration=50)
    result, images, _ = pictures({f"a/1.{format.lower()}": data, "b/1.png": saved(grey(90))})
    assert abs(int(images[0, 4, 4, 0]) - 10) <= 3
    assert any("first frame" in note for note in result.inspection.notes)


def test_grey_saved_as_colour_is_kept_as_one_channel(pictures):
    _, images, _ = pictures(
        {f"{c}/{i}.png": saved(grey(i * 9).convert("RGB")) for c in "ab" for i in range(3)}
    )
    assert images.shape == (6, 8, 8, 1) and images[1, 0, 0, 0] == 9


def test_one_colour_image_makes_the_set_coloured(pictures):
    files = {"a/1.png": saved(grey(50)), "b/1.png": saved(Image.new("RGB", (8, 8), (1, 2, 3)))}
    _, images, _ = pictures(files)
    assert images.shape == (2, 8, 8, 3) and images[0, 0, 0].tolist() == [50] * 3


def test_the_most_common_size_is_taken_and_told(pictures):
    files = {f"a/{i}.png": saved(grey(i, (10, 6))) for i in range(5)} | {
        "b/1.png": saved(grey(3, (40, 40)))
    }
    result, images, _ = pictures(files)
    assert images.shape[1:] == (6, 10, 1)
    assert any("10×6 is the most common (5 of 6)" in note for note in result.inspection.notes)


def test_large_images_are_made_smaller_unless_a_size_is_chosen(pictures):
    files = {f"{c}/1.png": saved(grey(5, (512, 256))) for c in "ab"}
    result, images, _ = pictures(files)
    assert images.shape[1:] == (64, 128, 1)
    assert any("resized to 128×64" in note for note in result.inspection.notes)
    _, images, _ = pictures(files, image_size=(32, 40))
    assert images.shape[1:] == (32, 40, 1)


def test_one_in_a_hundred_broken_is_listed_and_most_broken_refused(pictures):
    files = {f"{'ab'[i % 2]}/{i}.png": saved(grey(i)) for i in range(100)}
    result, images, labels = pictures({**files, "a/50.png": b"broken"})
    assert len(images) == 99 == len(labels) and result.inspection.skipped[0].where == "a/50.png"
    assert images[labels == 0][0, 0, 0, 0] == 0 and sorted(images[:, 0, 0, 0].tolist()) == [
        i for i in range(100) if i != 50
    ]
    with pytest.raises(DataError, match="3 of 4 images cannot be read"):
        pictures({"a/1.png": saved(grey()), **{f"b/{i}.png": b"broken" for i in range(3)}})
