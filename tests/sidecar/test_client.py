"""The sidecar seen from the server: it answers, is replaced when it dies or hangs, and never costs torch here."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from builder.runs.launch import worker_environment
from builder.sidecar import client as client_module
from builder.sidecar import lane as lane_module
from builder.sidecar.client import Sidecar, SidecarError
from builder.sidecar.kinds import KINDS, Kind
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory):
    before = os.environ.get("LAYERLOOM_HOME")
    os.environ["LAYERLOOM_HOME"] = str(tmp_path_factory.mktemp("home"))
    made = Sidecar()
    yield made
    made.close()
    os.environ.pop("LAYERLOOM_HOME")
    if before is not None:
        os.environ["LAYERLOOM_HOME"] = before


def project(*kinds):
    nodes = [Node(id="input", kind="input", name="input", knobs={"shape": (4,)})]
    nodes += [Node(id=f"n{i}", kind=kind, name=kind) for i, kind in enumerate(kinds)]
    nodes.append(Node(id="output", kind="output", name="output"))
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in itertools.pairwise(nodes))
    return Project(networks=(Network(nodes=tuple(nodes), wires=wires),)).model_dump(mode="json")


def test_every_kind_has_a_handler_and_every_handler_a_kind():
    from builder.sidecar.requests import HANDLERS

    assert set(HANDLERS) == set(KINDS)


def test_a_check_answers_with_a_report_that_the_server_can_read(sidecar):
    from builder.readiness.report import ProjectReport

    answer = sidecar.request("check", {"project": project("relu")})
    report = ProjectReport.model_validate_json(json.dumps(answer))
    nodes = report.reports[report_name(report)].nodes
    assert set(nodes) == {"input", "n0", "output"}


def report_name(report):
    return next(iter(report.reports))


def test_a_fault_of_the_request_is_a_sentence(sidecar):
    with pytest.raises(SidecarError, match="There is no run 'nothing'") as told:
        sidecar.request("predict", {"run": "nothing", "inputs": []})
    assert told.value.fault == "TrainError"
    with pytest.raises(SidecarError) as told:
        sidecar.request("check", {})
    assert "Traceback" not in str(told.value)
    with pytest.raises(SidecarError, match="it knows ping, check"):
        sidecar.request("dance", {})


def test_a_killed_process_is_replaced_by_the_next_request(sidecar):
    first = sidecar.request("ping", {})["pid"]
    os.kill(first, signal.SIGKILL)
    assert sidecar.request("ping", {})["pid"] != first


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_request_that_hangs_is_ended_and_the_next_one_answered(sidecar):
    pid = sidecar.request("ping", {})["pid"]
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(SidecarError, match="took longer than"):
        sidecar.request("ping", {}, timeout=0.3)
    assert sidecar.request("ping", {})["pid"] != pid


def test_threads_get_their_own_answers(sidecar):
    answers = {}

    def ask(count):
        report = sidecar.request("check", {"project": project(*["relu"] * count)})
        answers[count] = len(next(iter(report["reports"].values()))["nodes"])

    threads = [threading.Thread(target=ask, args=(count,)) for count in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {count: count + 2 for count in range(1, 7)}


def test_only_the_newest_of_waiting_checks_is_made(sidecar):
    sidecar.request("ping", {})
    answers = {}
    quick = sidecar._lanes["quick"]
    threads = [
        threading.Thread(target=lambda n=n: answers.update({n: sidecar.latest("tab", "ping", {})}))
        for n in range(4)
    ]
    quick.lock.acquire()
    for thread in threads:
        before = sidecar._newest.get("tab")
        thread.start()
        while sidecar._newest.get("tab") == before:  # it has asked and waits for its turn
            time.sleep(0.001)
    quick.lock.release()
    for thread in threads:
        thread.join()
    assert [answers[n] is None for n in range(4)] == [True, True, True, False]


def test_the_sidecar_ends_when_its_server_is_killed(tmp_path):
    code = (
        "from builder.sidecar.client import Sidecar; import time\n"
        "s = Sidecar(); print(s.request('ping', {})['pid'], flush=True); time.sleep(600)"
    )
    environment = worker_environment() | {"LAYERLOOM_HOME": str(tmp_path)}
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment)
    pid = int(server.stdout.readline())
    server.kill()
    server.wait()
    server.stdout.close()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_gone(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_request_that_takes_the_machine_s_memory_is_ended(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    small = Sidecar(memory_bytes=60_000_000)  # less than torch alone needs
    try:
        with pytest.raises(SidecarError, match=r"needs more than 0\.1 GB of memory"):
            small.request("ping", {})
    finally:
        small.close()


def test_the_process_yields_to_training(sidecar):
    pid = sidecar.request("ping", {})["pid"]
    assert os.getpriority(os.PRIO_PROCESS, pid) >= 10


def test_asking_does_not_import_torch_into_the_server():
    code = "import sys, builder.sidecar.client, builder.runs.queue; print('torch' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=worker_environment(),
    )
    assert told.stdout.strip() == "False"


def test_an_idle_slow_process_goes_and_comes_back(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    idle = lane_module.Lane("slow", idle_seconds=0.05)
    ping = Kind("ping", "slow", 10, "Answering")
    with idle.lock:
        first = idle.ask(ping, {}, 10)["pid"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while idle.pid is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with idle.lock:
        assert idle.ask(ping, {}, 10)["pid"] != first
        idle.stop()


def test_a_slow_process_that_is_expected_stands_ready_and_goes_when_nobody_asks(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    monkeypatch.setattr(client_module, "SLOW_IDLE_SECONDS", 5.0)
    made = Sidecar()
    lane = made._lanes["slow"]
    made.expect_slow()
    made.expect_slow()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while lane.pid is None or lane.lock.locked():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    ready = lane.pid
    with pytest.raises(SidecarError):
        made.request("evaluate", {"run": "nowhere", "split": "test"})
    assert lane.pid == ready
    while lane.pid is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    made.close()


def test_the_shared_sidecar_is_one():
    assert client_module.shared() is client_module.shared()
