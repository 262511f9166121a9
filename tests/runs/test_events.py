"""Events: numbered, in order, strict JSON, torn lines left out."""

from builder.runs.events import EventLog, read_events
from builder.spec.codec import read_json


def test_numbers_go_on_after_a_restart_and_a_torn_line_is_cut(tmp_path):
    path = tmp_path / "events.jsonl"
    EventLog(path).append("started", {"step": 0})
    with path.open("ab") as file:
        file.write(b'{"seq": 1, "kind": "to')
    assert [event["kind"] for event in read_events(path)] == ["started"]
    log = EventLog(path)
    log.append("resumed", {"step": 3})
    log.append("finished", {"step": 9})
    assert [(e["seq"], e["kind"]) for e in read_events(path)] == [
        (0, "started"),
        (1, "resumed"),
        (2, "finished"),
    ]
    assert [event["seq"] for event in read_events(path, after=1)] == [2]


def test_values_that_are_not_finite_are_null_and_named_and_the_strict_reader_takes_them(tmp_path):
    path = tmp_path / "events.jsonl"
    EventLog(path).append("failed", {"loss": float("nan"), "deep": {"rates": [1.0, float("inf")]}})
    event = read_json(path.read_text().strip())
    assert event["loss"] is None
    assert event["deep"]["rates"] == [1.0, None]
    assert event["not_finite"] == ["loss", "deep.rates.1"]
