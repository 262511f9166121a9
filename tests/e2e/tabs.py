"""Tabs that tests use one after another: what a browser has fetched and compiled for one serves the next.

A fresh context for every test costs about a second of waiting and of computing for every page it opens.
"""

import contextlib
from collections.abc import Callable
from typing import Any

EMPTY = "() => { localStorage.clear(); sessionStorage.clear(); }"
LOOKS = {"color_scheme": "light", "reduced_motion": "no-preference", "forced_colors": "none"}


class Tabs:
    """Lends tabs of a window with a mouse, one that is touched and a mobile one, and takes them back emptied."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._windows: dict[tuple[bool, bool], Any] = {}
        self._free: dict[Any, list[Any]] = {}

    def take(
        self, viewport: dict[str, int], *, touch: bool = False, mobile: bool = False, **looks: str
    ) -> Any:
        """A tab on an empty page; `looks` are what Playwright's `emulate_media` knows."""
        if (touch, mobile) not in self._windows:
            self._windows[touch, mobile] = self._browser.new_context(
                has_touch=touch,
                is_mobile=mobile,
                permissions=["clipboard-read", "clipboard-write"],
            )
        window = self._windows[touch, mobile]
        free = self._free.setdefault(window, [])
        page = free.pop() if free else window.new_page()
        page.set_viewport_size(viewport)
        page.emulate_media(**{**LOOKS, **looks})
        return page

    def give_back(self, page: Any, listeners: dict[str, Callable[..., None]]) -> None:
        """Empties a tab for the next test; one that does not answer is closed."""
        from playwright.sync_api import Error

        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        if page.is_closed():
            return
        try:
            page.unroute_all(behavior="ignoreErrors")
            page.evaluate(EMPTY)
            page.goto("about:blank")
            page.context.clear_cookies()
            self._free[page.context].append(page)
        except Error:
            with contextlib.suppress(Error):
                page.close()

    def close(self) -> None:
        """Closes all windows."""
        for window in self._windows.values():
            window.close()
