"""Facts of torch that decisions rest on; when one of these fails after an update, look at the decision again.

docs/decisions/0007 (weights without pickle) and 0001 (sizes on the meta device) name them.
"""

import os
import pickle
import resource
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn


class Evil:
    """Creates a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return os.mkdir, (self.marker,)


def in_child(program: str, *arguments: str, limit: tuple[int, int] | None = None):
    """Runs a program in a process of its own, under one resource limit."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=(lambda: resource.setrlimit(limit[0], (limit[1], limit[1]))) if limit else None,
    )


def test_b_a_save_that_hits_the_limit_destroys_the_older_file_and_names_no_errno(tmp_path) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"w": torch.zeros(10)}, path)
    done = in_child(
        "import signal, sys, torch\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: torch.save({'w': torch.zeros(4_000_000)}, sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__, getattr(error, 'errno', None))\n",
        str(path),
        limit=(resource.RLIMIT_FSIZE, 1_000_000),
    )
    assert done.stdout.split() == ["RuntimeError", "None"]
    with pytest.raises(Exception):  # noqa: B017 - whatever it says, the good file is gone
        torch.load(path, weights_only=True)


def test_c_a_flipped_bit_loads_without_complaint_in_both_formats(tmp_path) -> None:
    for name, save, load in (
        ("w.safetensors", save_file, load_file),
        ("w.pt", torch.save, lambda path: torch.load(path, weights_only=True)),
    ):
        path = tmp_path / name
        save({"w": torch.ones(1000)}, path)
        content = bytearray(path.read_bytes())
        place = content.find(torch.ones(8).numpy().tobytes())
        content[place + 3] ^= 0x40
        path.write_bytes(content)
        assert not torch.equal(load(path)["w"], torch.ones(1000))


def test_g_loading_weights_refuses_code(tmp_path) -> None:
    for name, write in (
        ("evil.pt", lambda path: torch.save(Evil(tmp_path / "ran"), path)),
        ("bare.pt", lambda path: path.write_bytes(pickle.dumps(Evil(tmp_path / "ran")))),
    ):
        write(tmp_path / name)
        with pytest.raises(Exception, match=r"(?i)weights|unsupported|global"):
            torch.load(tmp_path / name, weights_only=True)
    assert not (tmp_path / "ran").exists()


def test_h_the_meta_device_sizes_a_100_gigabyte_layer_without_memory() -> None:
    with torch.device("meta"):
        layer = nn.Linear(160_000, 160_000)
    assert layer.weight.numel() * 4 > 100e9
    with torch.device("meta"):
        nn.Linear(2, 2)(torch.empty(2, 2))  # the first one loads parts of torch
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert layer(torch.empty(2, 160_000, device="meta")).shape == (2, 160_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize(
    "build",
    [
        lambda: nn.Linear(0, 5),
        lambda: nn.Conv2d(1, 1, 0),
        lambda: nn.Conv2d(1, 1, 3, padding=-1),
        lambda: nn.Dropout(float("nan")),
        lambda: nn.BatchNorm1d(3, momentum=5.0),
    ],
)
def test_h_torch_builds_layers_nobody_can_mean_so_ranges_are_ours_to_check(build) -> None:
    with torch.device("meta"):
        assert isinstance(build(), nn.Module)


def test_g_loading_an_exported_program_runs_code_so_pt2_is_never_imported(tmp_path) -> None:
    program = """
import io, os, sys, zipfile, torch
home = sys.argv[1]
exported = torch.export.export(torch.nn.Linear(2, 2), (torch.zeros(1, 2),))
torch.export.save(exported, home + "/ok.pt2")
class Evil:
    def __reduce__(self):
        return os.mkdir, (home + "/ran",)
with zipfile.ZipFile(home + "/ok.pt2") as good, zipfile.ZipFile(home + "/evil.pt2", "w") as evil:
    for name in good.namelist():
        content = good.read(name)
        if "sample_inputs" in name and name.endswith(".pt"):
            buffer = io.BytesIO()
            torch.save(Evil(), buffer)
            content = buffer.getvalue()
        evil.writestr(name, content)
torch.export.load(home + "/evil.pt2")
"""
    in_child(program, str(tmp_path))
    assert (tmp_path / "ran").exists()


def test_o_cpu_out_of_memory_is_a_runtime_error() -> None:
    with pytest.raises(RuntimeError, match="DefaultCPUAllocator"):
        torch.empty(2**46)
