"""From bytes, cells and rows to raw arrays: the one reader used by training, the app and exported programs."""

import csv
import functools
import hashlib
import io
import json
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
MAX_PIXELS = 40_000_000
Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # stricter than Pillow, which only warns at 90 million
MOST_PATH = 1000
"""Characters; longer words on a command line are texts, not paths."""
TABLES = (".csv", ".tsv")
MISSING_WORDS = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-")
TRUE_WORDS = ("true", "yes", "y", "t", "ja", "1")
FALSE_WORDS = ("false", "no", "n", "f", "nein", "0")

Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int64]
Settings = Mapping[str, Any]
BEGIN, END = 0x110000, 0x110001
"""Codes that stand before and behind a text that is written; no piece of any text has them."""
BEGIN_TOKEN, END_TOKEN = 2, 3
"""Their tokens; those below stand for no text."""
_ONLY_DIGITS = re.compile(r"[0-9+\-.eE\n]*")
_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class Reading(NamedTuple):
    """Raw arrays by field, batch first, and what was done to get them, as sentences."""

    fields: dict[str, npt.NDArray[Any]]
    notes: tuple[str, ...] = ()


class Picture(NamedTuple):
    """Pixels uint8 (H, W, 1 or 3), and what was done to get them."""

    pixels: Pixels
    notes: tuple[str, ...] = ()


def read(value: Any, settings: Settings) -> Reading:
    """Raw arrays of one value or several: an image file, pixels, a row, rows, a CSV file, a text.

    `settings` is what the preparation of a trained network remembers of its data. Raises ValueError with a sentence
    when the value does not suit them.
    """
    return READERS[settings["kind"]](value, settings)


def given(text: str, settings: Settings) -> Any:
    """What was typed on a command line: a row as JSON, the path of a file, or a text itself."""
    if settings["kind"] == "text":
        return Path(text) if _is_file(text) else text
    return json.loads(text) if text.lstrip().startswith("{") else Path(text)


def _is_file(text: str) -> bool:
    """Whether there is a file of this name; a text that no system takes for a name is none."""
    try:
        return len(text) < MOST_PATH and Path(text).is_file()
    except OSError:
        return False


def read_images(value: Any, settings: Settings) -> Reading:
    """Images uint8 (N, H, W, C) from files, bytes or pixels; a list gives one image each."""
    several = value if isinstance(value, list) else [value]
    height, width = settings["height"], settings["width"]
    notes: list[str] = []
    rows = []
    for one in several:
        picture = _pixels_of(one, settings)
        fitted = fit(picture.pixels, height, width, settings["channels"])
        notes += [*picture.notes, *fitted.notes]
        rows.append(fitted.pixels)
    return Reading({"image": np.stack(rows)}, tuple(dict.fromkeys(notes)))


def open_image(source: str | Path | bytes) -> Picture:
    """The first frame of an image file as pixels 0…255, upright, on white; ValueError says why it cannot be read."""
    try:
        stream = io.BytesIO(source) if isinstance(source, bytes) else Path(source)
        with Image.open(stream, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(
                    f"it has {image.width:,}×{image.height:,} pixels; at most {MAX_PIXELS // 10**6} million are read"
                )
            image.load()
            return _upright(image)
    except Image.DecompressionBombError as error:
        raise ValueError(f"it has more than {MAX_PIXELS // 10**6} million pixels") from error
    except UnidentifiedImageError as error:
        raise ValueError("it is not a PNG, JPEG, BMP, GIF or WebP image") from error
    except FileNotFoundError as error:
        raise ValueError("there is no such file") from error
    except (OSError, SyntaxError, EOFError, IndexError, TypeError, MemoryError) as error:
        raise ValueError("the image is damaged or cut off") from error


def fit(pixels: Pixels, height: int, width: int, channels: int) -> Picture:
    """Pixels uint8 (height, width, channels): stretched to this size (smoothed), coloured or grey as wanted."""
    notes = []
    if pixels.shape[2] == 3 and channels == 1:
        pixels = np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
        notes.append("colour was turned into grey")
    elif pixels.shape[2] == 1 and channels == 3:
        pixels = np.repeat(pixels, 3, axis=2)
    if pixels.shape[:2] != (height, width):
        notes.append(f"{pixels.shape[1]}×{pixels.shape[0]} pixels were resized to {width}×{height}")
        image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
        resized = image.resize((width, height), Image.Resampling.BILINEAR)
        pixels = np.asarray(resized).reshape(height, width, channels)
    return Picture(np.ascontiguousarray(pixels), tuple(notes))


def is_grey(pixels: Pixels) -> bool:
    """True if no pixel has a colour."""
    if pixels.shape[2] == 1:
        return True
    first = pixels[..., :1]
    return bool((pixels == first).all())


def read_table(value: Any, settings: Settings) -> Reading:
    """`numbers` float64 (N, n) and `categories` int64 (N, m) from a row, rows, numbers in order, or a CSV file."""
    rows = _rows(value, settings)
    columns = [column for column in settings["columns"] if column["place"] >= 0]
    fields: dict[str, npt.NDArray[Any]] = {}
    notes: list[str] = []
    missing = frozenset(settings["missing_words"]) | {""}
    for name, numeric in (("numbers", True), ("categories", False)):
        kept = [c for c in columns if (c["type"] != "category") == numeric]
        if kept:
            kept.sort(key=lambda column: int(column["place"]))
            parts = [_column(rows, column, missing, notes) for column in kept]
            fields[name] = np.stack(parts, axis=1)
    return Reading(fields, tuple(notes))


def read_texts(value: Any, settings: Settings) -> Reading:
    """`text` int64 (N, length): the codes of the first `length` pieces of each text, -1 behind its end.

    A text is a string, or a dictionary with the text's column; a path is a file that holds one text, or a CSV file
    with the text's column.
    """
    several = value if isinstance(value, list | tuple) else [value]
    if isinstance(value, Path) and value.suffix.lower() in TABLES:
        several = _csv_rows(value, settings)
    rows = [text_codes(text_of(one, settings), settings["by"]) for one in several]
    length = settings["length"]
    cut = sum(len(row) > length for row in rows)
    notes = [f"only the first {length:,} {settings['by']} are read"] if cut else []
    fields = {"text": padded(rows, length)}
    if "target" in settings:  # another text is to be written, and nothing of it is yet
        fields["so_far"] = begun(len(rows), settings["target"])
    return Reading(fields, tuple(notes))


def begun(count: int, settings: Settings) -> Codes:
    """Texts of which nothing is written yet: int64 (count, length), the begin and then -1."""
    codes = np.full((count, settings["length"]), -1, dtype=np.int64)
    codes[:, 0] = BEGIN
    return codes


def last_codes(value: Any, settings: Settings) -> Codes:
    """The codes of the last pieces of one text, as many as a window holds: int64 (1, at most length)."""
    return text_codes(text_of(value, settings), settings["by"])[None, -settings["length"] :]


def spelled(tokens: Sequence[int], settings: Settings, behind: Sequence[int] = ()) -> str:
    """The text of tokens from 2 on, as it stands behind other tokens."""
    known = settings["spelling"]
    pieces = [known[token - 2] if 2 <= token < len(known) + 2 else "" for token in tokens]
    if settings["by"] == "bytes":
        return bytes(ord(piece) for piece in pieces if piece).decode("utf-8", "ignore")
    if settings["by"] == "characters":
        return "".join(pieces)
    text = re.sub(r" ([.,;:!?)\]])", r"\1", " ".join(pieces))
    return f" {text}" if behind and not re.match(r"[.,;:!?)\]]", text) else text


def ended(tokens: Sequence[int]) -> list[int]:
    """The tokens of a written text before its end."""
    found = list(tokens)
    cut = found[: found.index(END_TOKEN)] if END_TOKEN in found else found
    return [token for token in cut if token > END_TOKEN]


def text_of(value: Any, settings: Settings) -> str:
    """The cleaned text that was given; ValueError when there is none or it cannot be read."""
    if isinstance(value, Mapping):
        value = value.get(settings["column"], value.get("text"))
    if isinstance(value, Path):
        try:
            value = value.read_bytes()
        except OSError as error:
            raise ValueError(f"{value.name} cannot be read: {error.strerror}.") from error
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError("The text is not UTF-8; save it as UTF-8.") from error
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - what was given, not how it is programmed
            f"Give a text, or a row with the text as {settings['column']!r}."
        )
    text = clean_text(value)
    if not text.strip():
        raise ValueError("The text is empty; give at least one word.")
    return text


def clean_text(text: str) -> str:
    """The text without NUL characters and lone surrogates, its lines ended by a line feed alone."""
    whole = text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
    return whole.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def words_of(text: str) -> list[str]:
    """Words and punctuation marks in lower case, in order."""
    return _WORD.findall(text.lower())


def text_codes(text: str, by: str) -> Codes:
    """A number for each piece of a text, int64 (pieces,), the same wherever the piece occurs."""
    return CODERS[by](text)


def padded(rows: Sequence[Codes], length: int) -> Codes:
    """Rows of codes cut or filled up with -1 to `length`: int64 (N, length)."""
    table = np.full((len(rows), length), -1, dtype=np.int64)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row[:length]
    return table


@functools.lru_cache(maxsize=1 << 18)
def _word_code(word: str) -> int:
    """63 bits of the word's BLAKE2 digest."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little") >> 1


def number_cells(
    cells: Sequence[str], style: Mapping[str, Any], missing: Collection[str]
) -> tuple[Floats, list[int]]:
    """Cells as float64, NaN where missing, and the places of cells that are not numbers (NaN too)."""
    plain = style["decimal"] == "." and not style["thousands"] and not style["percent"]
    if plain:
        try:
            return _fast(cells, missing)
        except ValueError:
            pass  # some cell needs a closer look
    return _slow(cells, lambda cell: parse_number(cell, style), missing)


def parse_number(cell: str, style: Mapping[str, Any]) -> float:
    """The number a cell says in this style; ValueError when it does not say one, or one beyond float range."""
    text = cell.strip()
    if style["percent"]:
        text = text.removesuffix("%").rstrip()
    thousands, decimal = style["thousands"], style["decimal"]
    if thousands and thousands in text:
        whole = text.partition(decimal)[0]
        if not re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(thousands)}\d{{3}})+", whole):
            raise ValueError("its thousands marks are not where they belong")
        text = text.replace(thousands, "")
    if decimal != ".":
        if "." in text:
            raise ValueError("it has a point where a comma is the decimal mark")
        text = text.replace(decimal, ".")
    text = text.replace("−", "-")
    if not _PLAIN.fullmatch(text):
        raise ValueError("it is not a number")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("it is beyond what a number can hold (1.8e308)")
    return value


def date_cells(
    cells: Sequence[str], date_format: str, missing: Collection[str]
) -> tuple[Floats, list[int]]:
    """Dates as days since 1970-01-01, NaN where missing, and the places of cells that are not such dates."""
    return _slow(cells, lambda cell: parse_date(cell, date_format), missing)


def parse_date(cell: str, date_format: str) -> float:
    """Days since 1970-01-01 (UTC where no zone is given); ValueError when the cell is not such a date."""
    text = cell.strip()
    moment = (
        datetime.fromisoformat(text)
        if date_format == "iso"
        else datetime.strptime(text, date_format)  # noqa: DTZ007
    )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / 86400


def boolean_cells(
    cells: Sequence[str], words: Sequence[str], missing: Collection[str]
) -> tuple[Floats, list[int]]:
    """0 and 1 for the two words of a column, NaN where missing, and the places of other cells."""
    numbers = {words[0].casefold(): 0.0, words[1].casefold(): 1.0}

    def parse(cell: str) -> float:
        found = numbers.get(cell.strip().casefold())
        if found is None:
            raise ValueError(f"it is neither {words[0]} nor {words[1]}")
        return found

    return _slow(cells, parse, missing)


def read_series(value: Any, settings: Settings) -> Reading:
    """`window` float64 (1, lookback, series and covariates): the last rows of a CSV file or of rows, by time.

    `value` can also be a window as it is given here, without the first axis. Missing steps become rows of NaN.
    """
    names, horizon = settings["names"], settings["horizon"]
    num_series, lookback = settings["series"], settings["lookback"]
    notes: list[str] = []
    if isinstance(value, np.ndarray):
        rows = np.asarray(value, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(names):
            raise ValueError(f"Each row needs {len(names)} values: {', '.join(names[:20])}.")
    else:
        rows = _rows_by_time(value, settings, notes)
    covariates = len(names) > num_series and not isinstance(value, np.ndarray)
    if covariates and np.isnan(rows[-horizon:, :num_series]).all():
        rows = np.concatenate([rows, np.full((horizon, len(names)), np.nan)])
        rows[:, num_series:] = ahead(rows[:, num_series:], horizon)
        rows = rows[: -2 * horizon]
    elif covariates:
        raise ValueError(
            f"The last {horizon} rows must be the steps to forecast: their {', '.join(names[num_series:][:5])} "
            f"given, their {', '.join(names[:num_series][:5])} empty."
        )
    if len(rows) < lookback:
        raise ValueError(
            f"A forecast needs the last {lookback} steps, and here are {len(rows)}. Give more rows."
        )
    if np.isnan(rows[-lookback:]).all():
        raise ValueError(
            f"The last {lookback} steps have no value at all; there is nothing to go on."
        )
    gaps = int(np.isnan(rows[-lookback:]).sum())
    if gaps:
        notes.append(f"{gaps} missing values count as the last known one")
    return Reading({"window": rows[-lookback:][None]}, tuple(notes))


def grid_places(times: Floats, unit: str, every: float) -> npt.NDArray[np.int64]:
    """The step of each time, from the first on, int64: days since 1970, or plain numbers for `number`.

    Months and working days are counted by the calendar; `row` counts the rows themselves.
    """
    if unit == "row" or not len(times):
        return np.arange(len(times), dtype=np.int64)
    if unit == "number":
        places = np.rint((times - times[0]) / every)
    elif unit == "second":
        places = np.rint((times - times[0]) * 86_400 / every)
    elif unit == "weekday":
        days = np.floor(times).astype("datetime64[D]")
        places = np.busday_count(days[0], days)
    else:
        months = np.floor(times).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        places = (months - months[0]) // int(every)
    found: npt.NDArray[np.int64] = places.astype(np.int64)
    return found


def on_grid(values: Floats, places: npt.NDArray[np.int64]) -> Floats:
    """Rows at their places, rows of NaN between: float64 (T, n) -> (last place + 1, n)."""
    whole = np.full((int(places[-1]) + 1, values.shape[1]), np.nan)
    whole[places] = values
    return whole


def ahead(values: Floats, steps: int) -> Floats:
    """Each row as it will be so many rows later, NaN where that is beyond the end: float64 (T, n)."""
    later = np.full_like(values, np.nan)
    if steps < len(values):
        later[:-steps] = values[steps:]
    return later


def _rows_by_time(value: Any, settings: Settings, notes: list[str]) -> Floats:
    """The series and covariates of rows, oldest first, on the grid of their frequency: float64 (T, n)."""
    rows = _rows(value, settings)
    columns = {column["name"]: column for column in settings["columns"]}
    missing = frozenset(settings["missing_words"]) | {""}
    values = np.stack([_column(rows, columns[n], missing, notes) for n in settings["names"]], 1)
    if not settings["time"]:
        return values
    times = _column(rows, columns[settings["time"]], missing, notes)
    if np.isnan(times).any():
        raise ValueError(f"Row {int(np.isnan(times).argmax()) + 1} has no {settings['time']}.")
    if settings["unit"] == "row":
        return values[np.argsort(times, kind="stable")]
    order = np.argsort(times, kind="stable")
    places = grid_places(times[order], settings["unit"], settings["every"])
    if (np.diff(places) == 0).any():
        raise ValueError(f"Two rows have the same {settings['time']}; keep one of them.")
    return on_grid(values[order], places)


def _fast(cells: Sequence[str], missing: Collection[str]) -> tuple[Floats, list[int]]:
    if not _ONLY_DIGITS.fullmatch("\n".join(cells)):
        cells = [cell.strip() for cell in cells]
        if not _ONLY_DIGITS.fullmatch("\n".join(c for c in cells if c not in missing)):
            raise ValueError
        cells = ["nan" if cell in missing else cell for cell in cells]
    elif "" in cells:
        cells = [cell or "nan" for cell in cells]
    values = np.array(list(map(float, cells)), dtype=np.float64)
    if np.isinf(values).any():
        raise ValueError
    return values, []


def _slow(
    cells: Sequence[str], parse: Callable[[str], float], missing: Collection[str]
) -> tuple[Floats, list[int]]:
    values = np.full(len(cells), np.nan)
    bad = []
    for place, cell in enumerate(cells):
        if cell in missing or cell.strip() in missing:
            continue
        try:
            values[place] = parse(cell)
        except (ValueError, OverflowError):
            bad.append(place)
    return values, bad


def _column(
    rows: list[dict[str, Any]], column: Settings, missing: frozenset[str], notes: list[str]
) -> npt.NDArray[Any]:
    name = column["name"]
    cells = []
    for number, row in enumerate(rows, start=1):
        if name not in row:
            raise ValueError(
                f"Row {number} has no value for {name!r}. Give one, or leave it empty (null)."
            )
        cells.append(row[name])
    if column["type"] == "category":
        known = {word: code for code, word in enumerate(column["categories"])}
        words = [_text(cell) for cell in cells]
        strange = sorted({w for w in words if w not in known and w not in missing})
        if strange:
            notes.append(
                f"{name}: {', '.join(strange[:3])} did not occur in training and count as unknown"
            )
        return np.array([known.get(word, -1) for word in words], dtype=np.int64)
    given = [place for place, cell in enumerate(cells) if _is_number(cell)]
    texts = ["" if cell is None or _is_number(cell) else str(cell) for cell in cells]
    values, bad = CELLS[column["type"]](texts, column, missing)
    if bad:
        raise ValueError(
            f"{name} is {texts[bad[0]][:40]!r} in row {bad[0] + 1}, which is not a {column['type']}."
        )
    for place in given:
        values[place] = float(cells[place])
    if np.isinf(values).any():
        raise ValueError(f"{name} is infinite in one row; give a number.")
    return values


def _rows(value: Any, settings: Settings) -> list[dict[str, Any]]:
    if isinstance(value, Mapping):
        return [dict(value)]
    if isinstance(value, (str, Path, bytes)):
        return _csv_rows(value, settings)
    if isinstance(value, np.ndarray):
        names = [c["name"] for c in settings["columns"] if c["place"] >= 0]
        table = np.atleast_2d(value)
        if table.ndim != 2 or table.shape[1] != len(names):
            raise ValueError(
                f"Each row needs {len(names)} values, in this order: {', '.join(names[:20])}."
            )
        return [dict(zip(names, row, strict=True)) for row in table.tolist()]
    return [dict(row) for row in value]


def _csv_rows(source: str | Path | bytes, settings: Settings) -> list[dict[str, Any]]:
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise ValueError(f"{Path(str(source)).name} cannot be read: {error.strerror}.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode(settings["encoding"], errors="replace")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=settings["delimiter"])
    header = [name.strip() for name in next(lines, [])]
    renamed = {c["written"]: c["name"] for c in settings["columns"] if c.get("written")}
    header = [renamed.get(name, name) for name in header]
    rows = []
    for cells in lines:
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise ValueError(
                f"Line {lines.line_num} has {len(cells)} values, the header has {len(header)}. Correct the line."
            )
        rows.append(dict(zip(header, cells, strict=True)))
    if not rows:
        raise ValueError("The file has no rows under its header.")
    return rows


def _pixels_of(value: Any, settings: Settings) -> Picture:
    if isinstance(value, np.ndarray):
        return _given_pixels(value, settings)
    try:
        picture = open_image(value)
    except ValueError as error:
        name = "This image" if isinstance(value, bytes) else Path(value).name
        raise ValueError(f"{name} cannot be used: {error}.") from error
    return Picture(_to_range(picture.pixels, settings), picture.notes)


def _given_pixels(value: npt.NDArray[Any], settings: Settings) -> Picture:
    """Pixels given as an array: whole numbers 0…maximum in the data's own range; alpha is put on white."""
    array = value[..., None] if value.ndim == 2 else value
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        raise ValueError("Pixels come as height × width, or height × width × 1, 3 or 4 colours.")
    if array.shape[2] == 4:  # a drawing pad gives red, green, blue, alpha in 0…255
        flat = _upright(Image.fromarray(array.astype(np.uint8), "RGBA"))
        return Picture(_to_range(flat.pixels, settings), flat.notes)
    if not np.isfinite(array).all() or array.min() < 0 or array.max() > settings["maximum"]:
        raise ValueError(
            f"Pixels go from 0 to {settings['maximum']} in these data; some are outside."
        )
    return Picture(np.ascontiguousarray(np.rint(array)).astype(np.uint8))


def _to_range(pixels: Pixels, settings: Settings) -> Pixels:
    maximum = settings["maximum"]
    if maximum == 255:
        return pixels
    scaled: Pixels = np.rint(pixels.astype(np.float64) * maximum / 255).astype(np.uint8)
    return scaled


def _upright(image: Image.Image) -> Picture:
    notes = []
    if getattr(image, "n_frames", 1) > 1:
        notes.append("only the first frame is used")
    turned = ImageOps.exif_transpose(image)
    if turned.size != image.size or (turned is not image and image.getexif().get(0x0112, 1) != 1):
        notes.append("turned upright as its camera noted")
    if turned.mode.startswith("I"):  # 16 bits a pixel; convert() would clip at 255
        deep = np.asarray(turned).astype(np.float64)
        grey = np.rint(np.clip(deep, 0, 65535) / 257).astype(np.uint8)
        return Picture(grey[..., None], (*notes, "16 bits were scaled to 8"))
    if turned.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in turned.info:
        coloured = turned.convert("RGBA")
        if int(np.asarray(coloured)[..., 3].min()) < 255:
            notes.append("transparency was put on white")
        white = Image.new("RGBA", coloured.size, (255, 255, 255, 255))
        turned = Image.alpha_composite(white, coloured).convert(
            "L" if image.mode == "LA" else "RGB"
        )
    grey_modes = ("L", "1")
    plain = turned.convert("L" if turned.mode in grey_modes else "RGB")
    pixels = np.asarray(plain)
    return Picture(pixels[..., None] if pixels.ndim == 2 else pixels, tuple(notes))


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float, np.number)) and not isinstance(cell, bool)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


CODERS: dict[str, Callable[[str], Codes]] = {
    "words": lambda text: np.array([_word_code(word) for word in words_of(text)], dtype=np.int64),
    "characters": lambda text: np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.int64),
    "bytes": lambda text: np.frombuffer(text.encode("utf-8"), np.uint8).astype(np.int64),
}
READERS: dict[str, Callable[[Any, Settings], Reading]] = {
    "image": read_images,
    "table": read_table,
    "text": read_texts,
    "series": read_series,
}
CELLS: dict[str, Callable[[Sequence[str], Settings, Collection[str]], tuple[Floats, list[int]]]] = {
    "number": lambda cells, column, missing: number_cells(cells, column["style"], missing),
    "date": lambda cells, column, missing: date_cells(cells, column["date_format"], missing),
    "boolean": lambda cells, column, missing: boolean_cells(
        cells, column["categories"] or ("false", "true"), missing
    ),
}
