"""Start: doors, templates, all projects, and files that come in."""

import pytest

from builder.data import builtin
from builder.data.describe import describe
from builder.projects import store
from builder.projects.templates import templates
from builder.readiness.blank import blank_project, smallest_network
from builder.runs import store as runs_store
from builder.runs.state import write_state
from builder.spec.data import BuiltinSource, DataSpec
from builder.ui.shell import pictures, projects
from builder.ui.theme import THEMES


def test_a_first_visit_shows_the_hero_with_the_one_filled_button(open_app, on_screen):
    at = open_app("start")
    assert "Teach a network to read handwritten digits" in on_screen(at)
    assert [button.label for button in at.button if button.proto.type == "primary"] == [
        "Train it now"
    ]


def test_a_return_shows_the_last_projects_first(open_app, on_screen, digits_project):
    at = open_app("start")
    assert "Continue" in on_screen(at)
    assert "never trained" in on_screen(at)
    assert [button.label for button in at.button if button.proto.type == "primary"] == ["Continue"]


def test_train_it_now_makes_a_project_and_a_run(open_app, monkeypatch):
    launched = []
    monkeypatch.setattr(
        projects.training.launch, "launch", lambda run, spare=None: launched.append(run.id)
    )
    at = open_app("start")
    at.button(key="door_train").click().run()
    runs = runs_store.list_runs()
    assert [run.id for run in runs] == launched
    assert runs[0].project_id == store.list_projects()[0].id
    assert at.session_state["layerloom"].run_id == runs[0].id


def test_bring_my_data_opens_an_empty_project_on_data(open_app, on_screen):
    at = open_app("start")
    at.button(key="door_data").click().run()
    assert store.list_projects()[0].name == "My data"
    assert "No data yet" in on_screen(at)


def test_start_from_blank_offers_every_set_that_is_here(open_app):
    at = open_app("start")
    at.button(key="door_blank").click().run()
    for about in builtin.sets():
        assert at.button(key=f"blank_{about.name}").disabled is not about.available


def test_the_smallest_network_for_pictures_is_a_perceptron():
    network = smallest_network(describe(DataSpec(source=BuiltinSource(name="digits"))))
    assert [node.kind for node in network.nodes] == ["input", "flatten", "linear", "output"]
    assert len(network.wires) == 3


def test_every_template_has_a_card_with_its_promise(open_app, on_screen):
    at = open_app("start")
    if any(button.key == "template_more" for button in at.button):
        at.button(key="template_more").click().run()
    shown = on_screen(at)
    assert templates()
    for template in templates():
        assert template.title in shown
        assert template.teaches in shown
        assert projects.promise(template) in shown
        assert projects.traits(template) in shown


def cards(at):
    return [b.key.removeprefix("open_") for b in at.button if (b.key or "").startswith("open_")]


def test_templates_are_found_by_words_task_data_and_minutes(open_app):
    at = open_app("start")
    at.text_input(key="template_search").set_value("lstm").run()
    assert "lstm-digits" in cards(at) and "mlp-digits" not in cards(at)
    at.text_input(key="template_search").set_value("").run()
    at.selectbox(key="template_task").set_value("regression").run()
    regression = [one.id for one in templates() if one.recipe == "regression"]
    assert cards(at) == regression
    at.selectbox(key="template_data").set_value("diabetes").run()
    at.selectbox(key="template_time").set_value("Under 30 s").run()
    assert cards(at) == [one.id for one in templates() if one.dataset == "diabetes"]


def test_when_no_template_is_found_one_click_shows_all_again(open_app, on_screen):
    at = open_app("start")
    before = cards(at)
    at.text_input(key="template_search").set_value("zebra").run()
    assert cards(at) == [] and "No template is like that" in on_screen(at)
    at.button(key="template_clear").click().run()
    assert cards(at) == before and not at.exception


def test_opening_a_template_makes_a_project_of_ones_own(open_app):
    template = templates()[0]
    for _ in range(2):
        at = open_app("start")
        at.button(key=f"open_{template.id}").click().run()
    names = {one.name for one in store.list_projects()}
    assert names == {template.project.name, f"{template.project.name} 2"}


def test_deleting_a_project_can_be_undone(open_app, digits_project, on_screen):
    at = open_app("start", project=digits_project)
    at.button(key=f"row_delete_{digits_project}").click().run()
    assert store.list_projects() == []
    assert "digits is in the trash" in on_screen(at)
    at.button(key="notice_undo").click().run()
    assert [one.id for one in store.list_projects()] == [digits_project]


def test_a_project_can_be_copied_and_renamed_from_its_row(open_app, digits_project):
    at = open_app("start")
    at.button(key=f"row_copy_{digits_project}").click().run()
    assert len(store.list_projects()) == 2
    field = next(field for field in at.text_input if digits_project in (field.key or ""))
    field.set_value("other name").run()
    assert store.load(digits_project).name == "other name"


def test_an_unreadable_project_is_listed_with_its_reason(open_app, digits_project, on_screen):
    (store.info(digits_project).folder / "project.loom.json").write_text('{"schema_version": 99}')
    at = open_app("start")
    assert "newer LayerLoom" in on_screen(at)
    assert at.button(key=f"row_open_{digits_project}").disabled


def test_a_file_that_comes_in_becomes_a_project(open_app):
    at = open_app("start")
    at.file_uploader[0].upload("mine.loom.json", b'{"schema_version": 1, "name": "mine"}').run()
    assert [one.name for one in store.list_projects()] == ["mine"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"schema_version": 99}', "newer LayerLoom"),
        (b"{not json", "not valid JSON"),
        (b'{"schema_version": 1, "name": "a", "name": "b"}', "twice"),
        (b'{"schema_version": 1, "extra": 1}', "not a valid project"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(
    open_app, on_screen, content, words
):
    at = open_app("start")
    at.file_uploader[0].upload("mine.loom.json", content).run()
    assert words in on_screen(at)
    assert store.list_projects() == []


def test_the_best_figure_of_all_runs_is_shown(digits_project):
    project = store.load(digits_project)
    for best in (0.91, 0.97, 0.95):
        run = runs_store.create(project, project_id=digits_project)
        write_state(
            run.path, {"state": "finished", "launched": True, "best": best, "metric": "accuracy"}
        )
    assert projects.best_figure(digits_project) == "best accuracy 97.0 %"


def test_a_thumbnail_is_painted_with_the_colours_of_the_theme(digits_project):
    svg = pictures.picture(store.load(digits_project))
    for mode, tokens in THEMES.items():
        painted = pictures.painted(svg, mode)
        assert "var(" not in painted
        assert tokens.families["dense"].colour in painted


def test_the_smallest_network_without_data_is_only_input_and_output():
    project = blank_project()
    assert [node.kind for node in project.networks[0].nodes] == ["input", "output"]
    assert project.networks[0].wires == ()


def test_the_smallest_network_for_numbers_is_as_wide_as_the_target():
    network = smallest_network(describe(DataSpec(source=BuiltinSource(name="diabetes"))))
    assert [node.kind for node in network.nodes] == ["input", "linear", "output"]
    assert network.nodes[1].knobs["out_features"] == 1
