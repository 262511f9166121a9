"""Starts the web app: safe settings, a free port, its address on the terminal."""

import errno
import ipaddress
import os
import socket
import sys
from pathlib import Path

from builder.paths import ROOT

HOST = "127.0.0.1"
PORT = 8501
LOOPBACK_NAMES = ("localhost", "127.0.0.1")


def run_app(
    host: str = HOST,
    port: int | None = None,
    *,
    no_browser: bool = False,
    workspace: Path | None = None,
) -> int:
    """Serves the app until it is stopped and gives the exit code; runs go on without it.

    Without a port, 8501 or the next free one is taken. `workspace` is used as LAYERLOOM_HOME.
    """
    if workspace is not None:
        os.environ["LAYERLOOM_HOME"] = str(Path(workspace).expanduser().resolve())
    chosen = port if port is not None else free_port(host, PORT)
    if port is not None and not is_free(host, port):
        sys.stderr.write(
            f"Port {port} on {host} is in use. Leave --port away and a free one is taken.\n"
        )
        return 1
    if not is_loopback(host):
        sys.stderr.write(
            f"Warning: {host} can be reached by other machines. Anyone who can open the address sees "
            "and can change all projects here; LayerLoom has no login.\n"
        )
    _lower_priority()
    shown = host if host not in ("0.0.0.0", "::") else "localhost"  # noqa: S104 (only told apart)
    sys.stdout.write(
        f"LayerLoom is at http://{shown}:{chosen}  (Ctrl-C stops it; training goes on)\n"
    )
    sys.stdout.flush()
    return _serve(arguments(host, chosen, no_browser=no_browser))


def arguments(host: str, port: int, *, no_browser: bool) -> list[str]:
    """The command line of Streamlit with every setting that must hold, whatever config.toml says."""
    settings = {
        "server.address": host,
        "server.port": port,
        "server.headless": _flag(no_browser),
        "server.enableXsrfProtection": "true",
        "server.enableCORS": "true",
        "server.enableStaticServing": "false",
        "server.fileWatcherType": "none",
        "server.showEmailPrompt": "false",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": host if host not in ("0.0.0.0", "::") else "localhost",  # noqa: S104
        "client.showErrorDetails": "none",
        "client.toolbarMode": "viewer",
        "logger.hideWelcomeMessage": "true",
    }
    allowed = [f"--server.allowedHosts={name}" for name in allowed_hosts(host)]
    options = [f"--{name}={value}" for name, value in settings.items()]
    return ["streamlit", "run", str(ROOT / "app.py"), *options, *allowed]


def allowed_hosts(host: str) -> tuple[str, ...]:
    """The names a browser may use in the address: a page elsewhere cannot rebind its own name to us."""
    if is_loopback(host):
        return LOOPBACK_NAMES
    own = {socket.gethostname(), socket.getfqdn(), *_own_addresses()}
    return (*LOOPBACK_NAMES, *sorted({host, *own} - {"0.0.0.0", "::", *LOOPBACK_NAMES}))  # noqa: S104


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_free(host: str, port: int) -> bool:
    """Whether a server can listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def free_port(host: str, wanted: int) -> int:
    """The wanted port, else the next free one of the following twenty, else any."""
    for port in range(wanted, wanted + 20):
        if is_free(host, port):
            return port
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _own_addresses() -> set[str]:
    try:
        return {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)}
    except OSError:
        return set()


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _lower_priority() -> None:
    """Watching must not slow learning: the server yields to the workers where the system allows."""
    from builder.runs import priority

    priority.lower_this_process()


def _serve(command: list[str]) -> int:
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web import cli

    from builder.sidecar.client import shared

    PagesManager.uses_pages_directory = False  # the first deep link already goes through app.py
    shared().warm()  # while the browser opens
    sys.argv = command
    try:
        cli.main(standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0
