"""What goes wrong in a browser's life: reloads, lost servers, killed workers, double clicks, hostile names."""

import contextlib
import json
import os
import re
import signal
import time
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from builder.data.describe import describe
from builder.projects import store
from builder.runs import liveness
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

LONG = 5000
"""Epochs no test waits for."""
SCREENS = ["", "data", "build", "train", "results", "use", "export", "runs"]
HOSTILE = [
    "<b>x</b><img src=x onerror=alert(1)>",
    "\u202eRTL \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "sixty letters " + "m" * 46,
    "[x](javascript:alert(1))",
    r"$\LaTeX$ :red[r] :material/home:",
    "'\"`{{7*7}}",
]


def project(*, epochs: int, name: str = "Faults", names: list[str] | None = None) -> Project:
    """Digits through one hidden layer; `names` for the layers between input and output."""
    kinds = ["input", "flatten", "linear", "relu", "linear", "output"]
    given = ["input", *(names or ["flatten1", "linear1", "relu1", "linear2"]), "output"]
    knobs = {2: {"out_features": 32}, 4: {"out_features": 10}}
    nodes = tuple(
        Node(id=f"n{i}", kind=kind, name=given[i], knobs=knobs.get(i, {}))
        for i, kind in enumerate(kinds)
    )
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in pairwise(nodes))
    return Project(
        name=name,
        networks=(Network(nodes=nodes, wires=wires),),
        data=describe(DataSpec(source=BuiltinSource(name="digits"))),
        training=TrainingSpec(epochs=epochs),
    )


@pytest.fixture
def made(app, monkeypatch):
    """Puts a project into the app's workspace and gives its id."""
    monkeypatch.setenv("LAYERLOOM_HOME", str(app.home))
    return lambda **given: store.create(project(**given)).id


def kill_worker(lock) -> None:
    owner = liveness.owner(lock)
    if owner:
        with contextlib.suppress(ProcessLookupError):
            os.kill(owner, signal.SIGKILL)


def train(page) -> str:
    """Presses Train and waits for the first epochs; the run's id."""
    page.locator(".st-key-bar_train button:visible").click()
    page.wait_for_url("**run=*")
    training(page)
    return re.search(r"run=([\w-]+)", page.url)[1]


def training(page) -> None:
    """Both the head and the bar say that it trains."""
    for part in (".st-key-run_head", ".st-key-bar_run"):
        expect(page.locator(part)).to_contain_text(
            re.compile(r"Training, epoch \d"), timeout=90_000
        )


STEP = r"step ([\d,]+) of"


def step(page) -> int:
    head = page.locator(".st-key-run_head")
    expect(head).to_contain_text(re.compile(STEP))
    return int(re.search(STEP, head.inner_text())[1].replace(",", ""))


def is_a_press(message: bytes) -> bool:
    """Whether a message of Streamlit's page carries a press of Train."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    states = BackMsg.FromString(message).rerun_script.widget_states.widgets
    return any("bar_train" in state.id and state.trigger_value for state in states)


def runs(app) -> list[str]:
    return [path.parent.name for path in app.home.glob("runs/*/run.json")]


def test_a_reload_and_a_second_tab_show_the_same_run(app, made, open_page):
    page = open_page(f"/train?project={made(epochs=LONG)}")
    run = train(page)
    page.reload()
    training(page)
    assert run in page.url
    other = open_page(page.url.removeprefix(app.address))
    training(other)
    other.locator(".st-key-run_head").get_by_role("button", name="Stop").click()
    for tab in (other, page):
        expect(tab.locator(".st-key-run_head")).to_contain_text("Stopped by you")
        expect(tab.locator(".st-key-bar_run")).to_contain_text("Stopped by you")


def test_a_killed_server_loses_nothing_and_the_page_finds_the_run_again(app, made, open_page):
    page = open_page(f"/train?project={made(epochs=LONG)}")
    run = train(page)
    before = step(page)
    app.stop(signal.SIGKILL)
    expect(page.locator("#ll-connection")).to_contain_text("Training goes on")
    app.start()
    expect(page.locator("#ll-connection")).to_be_hidden(timeout=60_000)
    training(page)
    assert run in page.url
    page.wait_for_function(
        """(before) => Number(document.querySelector('.st-key-run_head').innerText
            .match(/step ([\\d,]+) of/)?.[1].replaceAll(',', '') ?? 0) > before""",
        arg=before,
        timeout=60_000,
    )


def test_a_killed_worker_reads_as_interrupted_and_resumes(app, made, open_page):
    page = open_page(f"/train?project={made(epochs=LONG)}")
    run = train(page)
    folder = app.home / "runs" / run
    while not json.loads((folder / "state.json").read_text()).get("saved_step"):
        page.wait_for_timeout(100)
    kill_worker(folder / "worker.lock")
    killed = time.monotonic()
    head = page.locator(".st-key-run_head")
    expect(head).to_contain_text("Interrupted, resume from step")
    print(f"shown as interrupted after {time.monotonic() - killed:.1f} s")
    expect(head).to_contain_text("is saved")
    expect(page.locator(".st-key-bar_run, .st-key-bar_run_red")).to_contain_text("Interrupted")
    head.get_by_role("button", name="Resume").click()
    training(page)
    expect(head.get_by_role("button", name="Stop")).to_be_visible()
    assert runs(app).count(run) == 1


def test_a_double_click_on_train_starts_one_run(app, made, open_page):
    before = set(runs(app))
    page = open_page(f"/build?project={made(epochs=LONG)}")
    page.locator(".st-key-bar_train button:visible").dblclick()
    page.wait_for_url("**run=*")
    training(page)
    assert len(set(runs(app)) - before) == 1


def test_a_press_that_arrives_after_its_page_was_left_changes_nothing(app, made, open_page):
    """A double click whose second half is slow: its message names the page that has been left."""
    before = set(runs(app))
    page = open_page("/", settle=False)
    sent = []

    def through(browser_side):
        server_side = browser_side.connect_to_server()

        def forward(message):
            sent.append((message, server_side))
            server_side.send(message)

        browser_side.on_message(forward)

    page.route_web_socket(re.compile("_stcore/stream"), through)
    page.goto(f"{app.address}/build?project={made(epochs=LONG)}")
    expect(page.get_by_role("group", name=re.compile("^linear2, .*10 values"))).to_be_visible()
    page.locator(".st-key-bar_train button:visible").click()
    page.wait_for_url("**run=*")
    presses = [(said, to) for said, to in sent if b"bar_train" in said and is_a_press(said)]
    assert len(presses) == 1
    late, server = presses[0]
    for _ in range(3):
        server.send(late)
    training(page)
    page.wait_for_timeout(1500)  # for what must not come
    training(page)
    page.locator(".st-key-run_head").get_by_role("button", name="Stop").click()
    expect(page.locator(".st-key-run_head")).to_contain_text("Stopped by you")
    assert len(set(runs(app)) - before) == 1


def test_an_edit_made_while_the_server_is_away_is_sent_when_it_is_back(app, made, open_page):
    number = made(epochs=3)
    page = open_page(f"/build?project={number}")
    expect(page.get_by_role("group", name=re.compile("^linear2, .*10 values"))).to_be_visible(
        timeout=60_000
    )
    app.stop(signal.SIGKILL)
    expect(page.locator("#ll-connection")).to_contain_text("LayerLoom is not running")
    page.get_by_role("group", name=re.compile("^relu1, ")).click()
    page.get_by_role("searchbox", name="Find a layer").fill("dropout")
    page.locator(".palette-row:visible .palette-pick").first.click()
    added = page.get_by_role("group", name=re.compile("^dropout1, "))
    expect(added).to_be_visible()
    app.start()
    expect(page.locator("#ll-connection")).to_be_hidden(timeout=60_000)
    document = app.home / "projects" / number / "project.loom.json"
    deadline = time.monotonic() + 60
    while "dropout" not in document.read_text() and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert "dropout" in document.read_text()
    expect(added).to_be_visible()


@pytest.fixture
def finished(made, open_page):
    """A page on Train whose run is over, with the project's and the run's id."""
    number = made(epochs=2)
    page = open_page(f"/train?project={number}")
    page.locator(".st-key-bar_train button:visible").click()
    page.wait_for_url("**run=*")
    expect(page.locator(".st-key-run_head")).to_contain_text("Best validation", timeout=90_000)
    run = re.search(r"run=([\w-]+)", page.url)[1]
    return page, f"project={number}&run={run}"


def test_every_screen_opens_by_its_address_on_a_fresh_server(app, finished, ready):
    page, ids = finished
    for name in SCREENS[1:]:
        page.goto("about:blank")
        app.stop(signal.SIGKILL)
        app.start()
        page.goto(f"{app.address}/{name}?{ids}")
        ready(page)
        expect(page.locator('[data-testid="stTopNavLink"]')).to_have_count(len(SCREENS))
        expect(page.locator(".st-key-bar_project")).to_contain_text("Faults")
        expect(page).to_have_url(re.compile(re.escape(ids)))
        assert page.locator('[data-testid="stException"]').count() == 0, name


def test_hostile_names_are_only_text(app, made, open_page, ready, sideways_scroll):
    numbers = [made(epochs=2, name=name, names=HOSTILE[1:5]) for name in HOSTILE]
    page = open_page("/")
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    harmless(page, sideways_scroll)
    for number in numbers:
        page.goto(f"{app.address}/build?project={number}")
        ready(page)
        expect(page.locator(".react-flow__node")).to_have_count(6)
        harmless(page, sideways_scroll)
    page.locator(".react-flow__node").nth(2).click()
    expect(page.locator(".st-key-build_side")).to_contain_text("Linear")
    harmless(page, sideways_scroll)
    page.locator(".st-key-bar_train button:visible").click()
    page.wait_for_url("**run=*")
    expect(page.locator(".st-key-run_head")).to_contain_text("Best validation", timeout=90_000)
    harmless(page, sideways_scroll)
    for screen in ("Runs", "Start"):
        page.locator('[data-testid="stTopNavLink"]', has_text=screen).click()
        ready(page)
        harmless(page, sideways_scroll)
    assert dialogs == []


def harmless(page, sideways_scroll) -> None:
    """Nothing of the names became markup, a link, a formula, a colour or an icon; the page is not pulled wide."""
    for made_of_it in ('img[src="x"]', 'a[href^="javascript"]', "main b:text-is('x')", ".katex"):
        assert page.locator(made_of_it).count() == 0, made_of_it
    assert sideways_scroll(page) <= 0
