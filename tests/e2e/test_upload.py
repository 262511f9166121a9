"""Own data in a real browser: a table and a ZIP of pictures, from the file to an answer."""

import io
import random
import re
import zipfile

import numpy as np
from PIL import Image
from playwright.sync_api import expect

COLOURS = ("rot", "grün", "blau")


def table() -> bytes:
    """A CSV as a German spreadsheet writes it: semicolons, decimal commas, gaps, categories."""
    chance = random.Random(0)
    lines = ["Länge;Gewicht;Farbe;Bestellung;Sorte"]
    for number in range(240):
        kind = number % 2
        length = chance.gauss(3.5 + 2.5 * kind, 0.6)
        weight = "" if number % 17 == 5 else f"{chance.gauss(120 + 60 * kind, 20):.1f}"
        colour = "" if number % 23 == 7 else COLOURS[(number + kind) % 3]
        cells = [f"{length:.2f}", weight, colour, f"{1000 + number}", ("Apfel", "Birne")[kind]]
        lines.append(";".join(cells).replace(".", ","))
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def picture(shade: int, seed: int) -> bytes:
    """A 12 by 12 PNG: a bar that lies (0), stands (1) or fills a corner (2)."""
    random_numbers = np.random.default_rng(seed)
    pixels = random_numbers.integers(0, 60, (12, 12)).astype(np.uint8)
    at = int(random_numbers.integers(2, 9))
    areas = (np.s_[at : at + 2, :], np.s_[:, at : at + 2], np.s_[:5, :5])
    pixels[areas[shade]] = 230
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


def archive() -> bytes:
    """A ZIP with one folder a class, and what people have in such folders besides pictures."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as files:
        for shade, name in enumerate(("lying", "standing", "corner")):
            for number in range(30):
                content = picture(shade, 100 * shade + number)
                files.writestr(f"bars/{name}/{number:03}.png", content)
        files.writestr("bars/lying/broken.png", picture(0, 7)[:60])
        files.writestr("bars/corner/note.png", b"this is no picture")
        files.writestr("__MACOSX/bars/lying/._000.png", b"\0\1")
        files.writestr("bars/corner/.DS_Store", b"\0")
    return target.getvalue()


def bring(page, ready, name: str, mime: str, content: bytes) -> None:
    """Opens the data door and gives a file."""
    page.get_by_role("button", name="Bring my data").click()
    page.wait_for_url("**/data*")
    ready(page)
    page.locator("input[type=file]").last.set_input_files(
        files=[{"name": name, "mimeType": mime, "buffer": content}]
    )
    expect(page.get_by_role("button", name="Use this data")).to_be_visible(timeout=60_000)


def use_and_draw(page) -> None:
    """Takes the data in and draws the smallest network that trains on it."""
    page.get_by_role("button", name="Use this data").click()
    page.get_by_role("tab", name="Look").wait_for(timeout=60_000)
    page.wait_for_function(
        "() => [...document.querySelectorAll('main img')].every((image) => image.complete)"
    )
    page.get_by_role("button", name="Draw the smallest network that trains").click(timeout=60_000)
    page.wait_for_url("**/build*")
    expect(page.locator(".st-key-bar_problems")).to_contain_text("No problems", timeout=60_000)


def train(page, ready, epochs_wanted: int) -> None:
    """Trains so many epochs and waits for the end; it must have learned."""
    page.locator('[data-testid="stTopNavLink"]', has_text="Train").click()
    page.wait_for_url("**/train*")
    ready(page)
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill(str(epochs_wanted))
    epochs.press("Enter")
    ready(page)
    page.locator(".st-key-bar_train button:visible").click()
    page.wait_for_url("**run=*")
    expect(page.locator(".st-key-run_head")).to_contain_text(
        re.compile(r"Best validation accuracy: (9\d|100)"), timeout=90_000
    )


def draw_a_line(page) -> None:
    """One stroke from left to right on the pad."""
    box = page.get_by_role("application", name=re.compile("Draw one sample")).bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.1 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], middle, steps=10)
    page.mouse.up()


def test_a_table_is_guessed_shown_taken_in_trained_and_asked(open_page, ready):
    page = open_page("/")
    bring(page, ready, "Ernte 2025.csv", "text/csv", table())
    main = page.get_by_role("main")
    expect(main).to_contain_text("240 rows, 5 columns")
    expect(main).to_contain_text(re.compile("semicolon", re.IGNORECASE))
    expect(main).to_contain_text(re.compile("comma", re.IGNORECASE))
    expect(main).to_contain_text("Target Sorte")
    expect(main).to_contain_text("Bestellung looks like an id (it counts up by one")
    use_and_draw(page)
    train(page, ready, 200)
    page.get_by_role("button", name="Try it yourself").click()
    page.wait_for_url("**/use*")
    expect(page.get_by_label("Farbe")).to_be_visible()
    expect(page.get_by_text(re.compile("^(Apfel|Birne)$")).first).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"\d %  ?sure")).first).to_be_visible()


def test_a_zip_of_pictures_is_taken_in_without_its_broken_files(open_page, ready):
    page = open_page("/")
    bring(page, ready, "bars.zip", "application/zip", archive())
    main = page.get_by_role("main")
    expect(main).to_contain_text("90 pictures")
    page.get_by_text("2 entries set aside").click()
    use_and_draw(page)
    train(page, ready, 60)
    page.get_by_role("button", name="Draw one yourself").click()
    page.wait_for_url("**/use*")
    expect(page.get_by_text("How sure", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile("^(lying|standing|corner)$")).first).to_be_visible()
    draw_a_line(page)
    expect(page.get_by_text("a sample of the data, until you draw")).to_be_hidden()
    expect(page.get_by_text(re.compile(r"\d % sure")).first).to_be_visible()
