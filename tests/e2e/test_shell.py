"""The shell in a real browser: deep links, keys, words when the server is gone, themes, phone, and no stray request."""

import json
import re

import pytest
from playwright.sync_api import expect

expect.set_options(timeout=20_000)

SCREENS = ["", "data", "build", "train", "results", "use", "export", "runs"]


def blank(page, ready, name="digits") -> str:
    """Starts a project from blank on a built-in set; its id."""
    page.get_by_role("button", name="Start from blank").click()
    page.locator(f".st-key-blank_{name} button").first.click()
    page.wait_for_url("**/build*")
    ready(page)
    return re.search(r"project=([a-z0-9]+)", page.url)[1]


@pytest.fixture(scope="module")
def project(browser, app, ready) -> str:
    """A project made the way a person does; its id."""
    page = browser.new_page()
    page.goto(app.address)
    made = blank(page, ready)
    page.close()
    return made


def test_a_deep_link_on_a_fresh_server_shows_the_whole_app(app, open_page, project, ready):
    app.stop()
    app.start()
    page = open_page(f"/data?project={project}")
    expect(page.get_by_role("heading", name="Handwritten digits", level=2)).to_be_visible()
    expect(page.locator('[data-testid="stTopNavLink"]')).to_have_count(8)
    page.reload()
    ready(page)
    expect(page.get_by_role("heading", name="Handwritten digits", level=2)).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)], ids=["wide", "phone"])
def test_every_screen_is_drawn_without_error_or_sideways_scroll(
    open_page, project, app, ready, sideways_scroll, width, dark
):
    page = open_page(f"/?project={project}", width=width, dark=dark)
    for name in SCREENS:
        page.goto(f"{app.address}/{name}?project={project}")
        ready(page)
        assert page.locator('[data-testid="stException"]').count() == 0, name
        assert sideways_scroll(page) <= 0, name
        theme = "dark" if dark else "light"
        expect(page.locator("html")).to_have_attribute("data-ll-theme", theme)


def test_the_workbench_needs_no_scrolling_of_the_page(open_page, project):
    page = open_page(f"/build?project={project}")
    page.wait_for_function(
        "() => document.documentElement.style.getPropertyValue('--ll-workbench')"
    )
    page.wait_for_function(
        """() => { const main = document.querySelector('[data-testid=stMain]');
            return main.scrollHeight <= main.clientHeight }"""
    )


def test_the_code_needs_no_scrolling_sideways(open_page, project):
    page = open_page(f"/build?project={project}")
    page.get_by_role("radio", name="Code").click()
    page.get_by_text("This source trains").wait_for()
    page.wait_for_function(
        """() => { const main = document.querySelector('[data-testid=stMain]');
            return main.scrollHeight <= main.clientHeight }"""
    )
    page.wait_for_function(
        """() => { const lines = [...document.querySelectorAll('.st-key-build_side [data-testid=stCode] *')];
            return lines.length > 50 && lines.every((one) => getComputedStyle(one).overflowX === 'visible'
                || one.scrollWidth <= one.clientWidth + 1) }"""
    )


def test_what_charts_are_drawn_with_comes_before_the_first_chart(open_page):
    page = open_page("/")
    page.wait_for_function("() => window.Plotly")
    assert page.locator(".lp-card").count() == 0


def test_navigation_keeps_the_project_in_the_url(open_page, project):
    page = open_page(f"/data?project={project}")
    page.locator('[data-testid="stTopNavLink"]', has_text="Runs").click()
    page.wait_for_url("**/runs*")
    expect(page).to_have_url(re.compile(f"project={project}"))


def test_g_and_a_digit_go_to_a_screen_but_not_from_a_text_field(open_page, project):
    page = open_page(f"/data?project={project}")
    page.locator(".st-key-bar_project button").first.click()
    field = page.get_by_label("Project name")
    field.click()
    page.keyboard.press("End")
    page.keyboard.type("g8")
    expect(field).to_have_value(re.compile("g8$"))
    assert "/data" in page.url
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    page.locator("h2").first.click()
    page.keyboard.press("g")
    page.keyboard.press("8")
    page.wait_for_url("**/runs*")


def test_undo_and_redo_by_keys_and_not_while_typing(open_page, project, app):
    page = open_page(f"/data?project={project}")

    def name() -> str:
        return json.loads((app.home / "projects" / project / "project.loom.json").read_text())[
            "name"
        ]

    before = name()
    page.locator(".st-key-bar_project button").first.click()
    field = page.get_by_label("Project name")
    field.fill("renamed here")
    field.press("Enter")
    expect(page.locator(".st-key-bar_project")).to_contain_text("renamed here")
    page.keyboard.press("Escape")
    page.locator("h2").first.click()
    page.keyboard.press("Control+z")
    expect(page.locator(".st-key-bar_project")).to_contain_text(before[:20])
    assert name() == before
    expect(page.locator(".st-key-bar_redo button:visible")).to_be_enabled()
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".st-key-bar_project")).to_contain_text("renamed here")
    expect(page.locator(".st-key-bar_undo button:visible")).to_be_enabled()
    page.keyboard.press("Control+z")
    expect(page.locator(".st-key-bar_project")).to_contain_text(before[:20])


def test_ctrl_enter_trains_once_and_the_tab_tells_how_it_went(open_page, project, app):
    page = open_page(f"/build?project={project}")
    expect(page.locator("html")).to_have_attribute("data-ll-theme", "light")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/train*run=*")
    expect(page.locator(".st-key-bar_run")).to_contain_text("Finished", timeout=120_000)
    expect(page).to_have_title(re.compile(r"✓ \d\d\.\d %"))
    assert len(list((app.home / "runs").glob("*/run.json"))) == 1


def test_when_the_server_is_gone_the_page_says_so_and_comes_back(open_page, project, app):
    page = open_page(f"/?project={project}")
    expect(page.locator("html")).to_have_attribute("data-ll-theme", "light")
    app.stop()
    words = page.locator("#ll-connection")
    expect(words).to_contain_text("LayerLoom is not running. Training goes on.", timeout=30_000)
    expect(page.get_by_text("Is Streamlit still running")).to_be_hidden()
    expect(page.get_by_text("connected to the internet")).to_be_hidden()
    app.start()
    expect(words).to_be_hidden(timeout=60_000)
    page.locator('[data-testid="stTopNavLink"]', has_text="Data").click()
    page.wait_for_url("**/data*")
    # Streamlit tells the console that the server was away; an error of the page itself still fails.
    open_page.faults[:] = [fault for fault in open_page.faults if fault.startswith("page error")]


def test_markup_in_a_project_name_stays_text(open_page, app, ready):
    text = '{"schema_version": 1, "name": "<img src=x onerror=alert(1)> **b** $x$ :material/home:"}'
    page = open_page("/")
    alerts = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    page.locator("[class*=st-key-import_file] input[type=file]").set_input_files(
        files=[{"name": "x.loom.json", "mimeType": "application/json", "buffer": text.encode()}]
    )
    page.wait_for_url("**/build*")
    ready(page)
    shown = page.locator(".st-key-bar_project").inner_text().replace("\u2060", "")
    assert shown.startswith("<img src=x")
    page.goto(f"{app.address}/")
    ready(page)
    assert page.locator('img[src="x"]').count() == 0
    assert alerts == []


def test_a_project_from_a_newer_version_says_what_to_do(open_page):
    page = open_page("/")
    page.locator("[class*=st-key-import_file] input[type=file]").set_input_files(
        files=[
            {
                "name": "new.loom.json",
                "mimeType": "application/json",
                "buffer": b'{"schema_version": 99}',
            }
        ]
    )
    expect(page.get_by_text("is from a newer LayerLoom")).to_be_visible()


def test_a_double_click_makes_one_project_and_one_run(open_page, app):
    page = open_page("/")
    expect(page.locator("html")).to_have_attribute("data-ll-theme", "light")
    before = len(list((app.home / "projects").glob("*/project.loom.json")))
    runs = len(list((app.home / "runs").glob("*/run.json")))
    page.locator(".st-key-door_train button").first.dblclick()
    page.wait_for_url("**/train*run=*")
    assert len(list((app.home / "projects").glob("*/project.loom.json"))) == before + 1
    assert len(list((app.home / "runs").glob("*/run.json"))) == runs + 1


def test_deleting_a_project_offers_undo(open_page, ready):
    page = open_page("/")
    blank(page, ready, "iris")
    name = "Iris flowers from blank"
    page.locator('[data-testid="stTopNavLink"]', has_text="Start").click()
    row = page.locator("[class*=st-key-row_]", has_text=name).first
    row.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text(f"{name} is in the trash")).to_be_visible()
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator("[class*=st-key-row_open]", has_text=name)).to_be_visible()


def test_a_notice_goes_away_by_itself(open_page, project):
    page = open_page(f"/data?project={project}")
    page.get_by_role("tab", name="Splits").click()
    page.get_by_label("Validation, %").fill("20")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Validation: 359")).to_be_visible()
    expect(page.locator(".st-key-bar_undo button:visible")).to_be_enabled()
    page.locator(".st-key-bar_undo button:visible").click()
    expect(page.get_by_text("Undone: Changed the split")).to_be_visible()
    expect(page.get_by_text("Undone: Changed the split")).to_be_hidden(timeout=20_000)
