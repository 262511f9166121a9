"""Makes sure a Chrome or Chromium is there for the browser tests, the way this system allows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from builder.doctor import find_browser


def playwright_browser() -> str | None:
    """Path of Playwright's own Chromium when it was downloaded, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def attempt(command: list[str]) -> bool:
    """Whether the command ran to a good end."""
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, check=False).returncode == 0


def main() -> int:
    """0 when a browser is there; without one 1 in CI, else 0 after saying what to do."""
    if find_browser() or playwright_browser():
        return 0
    print("No Chrome or Chromium found; installing one for the browser tests ...", flush=True)
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempt(["apt-get", "update", "-qq"])
        attempt(["apt-get", "install", "-y", "-qq", "chromium"])
    else:
        attempt([sys.executable, "-m", "playwright", "install", "chromium"])
    if find_browser() or playwright_browser():
        return 0
    print(
        "No browser could be installed. Install Chrome or Chromium yourself, or name one with "
        "LAYERLOOM_BROWSER=/path/to/chrome; until then the browser tests cannot run.",
        file=sys.stderr,
    )
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
