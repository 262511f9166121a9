"""What is known of a browser before it has reported anything."""

from types import SimpleNamespace

import pytest

from builder.ui.shell import keys


@pytest.mark.parametrize(
    ("calls_itself", "reported", "width"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148", None, "phone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0", None, "desktop"),
        (None, None, "desktop"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile", "tablet", "tablet"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0", "nonsense", "desktop"),
    ],
)
def test_a_phone_is_drawn_for_at_once_and_the_report_counts_most(
    monkeypatch, calls_itself, reported, width
):
    monkeypatch.setattr(keys.st, "context", SimpleNamespace(headers={"User-Agent": calls_itself}))
    monkeypatch.setattr(keys, "widget", lambda key: {"width": reported} if reported else None)
    assert keys.browser().width == width
