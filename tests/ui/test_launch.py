"""The launcher: settings that must hold, read back from a running server."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from builder.ui import launch


def test_loopback_is_told_from_every_other_address():
    assert all(launch.is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "127.8.8.8"))
    assert not any(
        launch.is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.5", "example.org")
    )


def test_a_taken_port_is_seen_and_the_next_one_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not launch.is_free("127.0.0.1", port)
        assert launch.free_port("127.0.0.1", port) != port


def test_a_port_asked_for_and_taken_is_refused_in_one_sentence(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert launch.run_app("127.0.0.1", taken.getsockname()[1], no_browser=True) == 1
    assert "is in use" in capsys.readouterr().err


def test_only_own_names_are_allowed_as_host():
    assert launch.allowed_hosts("127.0.0.1") == ("localhost", "127.0.0.1")
    wide = launch.allowed_hosts("0.0.0.0")
    assert "0.0.0.0" not in wide
    assert set(wide) >= {"localhost", "127.0.0.1", socket.gethostname()}


def test_other_machines_are_warned_about(monkeypatch, capsys):
    monkeypatch.setattr(launch, "_serve", lambda command: 0)
    monkeypatch.setattr(launch, "_lower_priority", lambda: None)
    assert launch.run_app("0.0.0.0", launch.free_port("127.0.0.1", 8900), no_browser=True) == 0
    assert "can change all projects" in capsys.readouterr().err


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A real server started as `layerloom` starts it; its address."""
    home = tmp_path_factory.mktemp("home with a space")
    port = launch.free_port("127.0.0.1", 8600)
    code = f"from builder.ui.launch import run_app; raise SystemExit(run_app('127.0.0.1', {port}, no_browser=True))"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"LAYERLOOM_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer,
        ):
            if answer.status == 200:
                break
        time.sleep(0.2)
    else:
        process.kill()
        pytest.fail(process.stdout.read().decode())
    yield address
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stdout.close()


def _status(address: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> int:
    request = urllib.request.Request(address, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def _handshake(address: str, *, host: str, origin: str) -> int:
    """The status a WebSocket handshake with these headers gets."""
    port = int(address.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(
            f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        return int(line.recv(64).split()[1])


def test_the_server_listens_on_loopback_only(server):
    port = int(server.rsplit(":", 1)[1])
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)}
    for other in others - {"127.0.0.1"}:
        with socket.socket() as probe:
            probe.settimeout(3)
            if not other.startswith("127."):
                assert probe.connect_ex((other, port)) != 0


def test_a_socket_of_our_own_page_is_accepted(server):
    own = server.removeprefix("http://")
    assert _handshake(server, host=own, origin=server) == 101


def test_a_rebound_or_foreign_socket_is_refused(server):
    own = server.removeprefix("http://")
    assert _handshake(server, host="evil.example", origin="http://evil.example") == 403
    assert _handshake(server, host=own, origin="http://evil.example") == 403
    assert _handshake(server, host=own, origin="null") == 403


def test_an_upload_without_token_is_refused(server):
    route = f"{server}/_stcore/upload_file/none/none"
    assert _status(route, method="PUT") == 403
    assert _status(route, method="DELETE") == 403


@pytest.mark.parametrize(
    "path",
    [
        "/component/streamlit_agraph.agraph/../../../../etc/passwd",
        "/component/streamlit_agraph.agraph/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/component/streamlit_agraph.agraph/..%2f..%2f..%2fetc%2fpasswd",
        "/component/streamlit_agraph.agraph//etc/passwd",
        "/component/streamlit_agraph.agraph/..\\..\\etc\\passwd",
        "/media/../../etc/passwd",
        "/app/static/../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    ],
)
def test_a_path_out_of_the_folder_is_never_read(server, path):
    """The client must not tidy the path itself, so the request is written by hand."""
    port = int(server.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    assert b"root:" not in answer
    if b" 200 " in answer.split(b"\r\n", 1)[0]:
        assert b"<title>" in answer  # the app's own page, which answers every unknown address


def test_the_settings_read_back_as_they_must_be(server):
    """The same options, parsed by Streamlit in a fresh process that prints what it would use."""
    command = launch.arguments("127.0.0.1", 8600, no_browser=True)
    code = (
        "import sys, json\n"
        "from streamlit.web import bootstrap, cli\n"
        "from streamlit import config\n"
        "names = ['server.address','server.allowedHosts','server.enableXsrfProtection','server.enableCORS',"
        "'server.enableStaticServing','server.fileWatcherType','client.showErrorDetails',"
        "'browser.gatherUsageStats','server.showEmailPrompt']\n"
        "bootstrap.run = lambda *a, **k: print(json.dumps({n: config.get_option(n) for n in names}))\n"
        f"sys.argv = {command!r}\n"
        "cli.main(standalone_mode=False)\n"
    )
    import json

    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout
    assert json.loads(printed.strip().splitlines()[-1]) == {
        "server.address": "127.0.0.1",
        "server.allowedHosts": ["localhost", "127.0.0.1"],
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "server.enableStaticServing": False,
        "server.fileWatcherType": "none",
        "client.showErrorDetails": "none",
        "browser.gatherUsageStats": False,
        "server.showEmailPrompt": False,
    }
