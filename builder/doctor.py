"""What this machine has: versions, devices, browser, ports, free disk."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from builder import __version__
from builder.paths import workspace
from builder.ui.launch import free_port

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
PACKAGES = ("streamlit", "torch", "plotly", "pandas", "streamlit-agraph", "numpy", "scikit-learn")
HOST = "127.0.0.1"
EXTRAS = ("onnx", "onnxscript", "onnxruntime")


class Finding(NamedTuple):
    """One line of the doctor's report; `good` is False where something will not work."""

    what: str
    value: str
    good: bool = True


def find_browser() -> str | None:
    """Path of an installed Chrome or Chromium, or None. `LAYERLOOM_BROWSER` wins."""
    chosen = os.environ.get("LAYERLOOM_BROWSER")
    if chosen:
        return chosen if Path(chosen).is_file() else None
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or (str(MAC_CHROME) if MAC_CHROME.is_file() else None)


def examine() -> list[Finding]:
    """Everything the doctor looks at, in reading order. Starts one short process to ask torch for devices."""
    home = workspace()
    free = shutil.disk_usage(home).free
    browser = find_browser()
    return [
        Finding("layerloom", __version__),
        Finding("python", platform.python_version(), sys.version_info >= (3, 11)),
        *(_package(name, needed=True) for name in PACKAGES),
        *(_package(name, needed=False) for name in EXTRAS),
        *_devices(),
        Finding("browser", browser or "none found (only the browser tests need one)"),
        Finding("port", f"{free_port(HOST, 8501)} is free on {HOST}"),
        Finding("workspace", str(home), os.access(home, os.W_OK)),
        Finding("free disk", f"{free / 1e9:.1f} GB", free > 1e9),
    ]


def _package(name: str, *, needed: bool) -> Finding:
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        advice = "missing" if needed else "not installed (pip install 'layerloom[export]')"
        return Finding(name, advice, not needed)


def _devices() -> list[Finding]:
    """CPU cores here; CUDA and MPS as torch sees them, asked in a process of its own."""
    findings = [Finding("cpu", f"{os.cpu_count()} cores")]
    ask = (
        "import torch\n"
        "print('cuda:' + ', '.join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())))\n"
        "print('mps:' + ('yes' if torch.backends.mps.is_available() else ''))\n"
    )
    try:
        answer = subprocess.run(
            [sys.executable, "-c", ask], capture_output=True, text=True, timeout=120, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        return [*findings, Finding("torch", f"does not start: {type(error).__name__}", good=False)]
    for line in answer.stdout.splitlines():
        name, _, value = line.partition(":")
        findings.append(Finding(name, value or "none"))
    return findings
