"""Every template: its printed source, alone in a fresh process, is the compiled network bit for bit."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from builder.network.compile import build
from builder.network.source import generate
from builder.projects.templates import templates
from builder.readiness.check import check_project
from builder.readiness.expect import expectations

ALONE = """
import importlib.util, json, sys
import numpy as np, torch
from safetensors.torch import load_file

assert not any(name.split(".")[0] in ("builder", "streamlit") for name in sys.modules)
torch.set_num_threads(1)
rows = json.loads(sys.stdin.read())
for row in rows:
    spec = importlib.util.spec_from_file_location("model", row["source"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = getattr(module, row["class"])()
    model.load_state_dict(load_file(row["weights"]))
    inputs = [torch.from_numpy(np.load(path)) for path in row["inputs"]]
    with torch.no_grad():
        outputs = model.eval()(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    np.savez(row["outputs"], *[one.numpy() for one in outputs])
assert not any(name.split(".")[0] in ("builder", "streamlit") for name in sys.modules)
"""


def random_input(feed, generator):
    shape = (3, *feed.type.shape)
    if feed.type.dtype == "float32":
        return torch.randn(shape, generator=generator)
    return torch.randint(0, 2, shape, generator=generator)


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What the compiled network and the file alone answer to the same input, by template and network."""
    folder = tmp_path_factory.mktemp("alone")
    rows, inside = [], {}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for template in templates():
        expected = expectations(template.project)
        source = generate(template.project, expected)
        path = folder / f"{template.id}.py"
        for name, network in build(source, path, 7).items():
            stem = f"{template.id}.{name}"
            feeds = {feed.name: feed for feed in expected[name].inputs}
            generator = torch.Generator().manual_seed(3)
            inputs = [random_input(feeds[one], generator) for one in source.inputs[name]]
            save_file(network.state_dict(), folder / f"{stem}.safetensors")
            places = []
            for place, one in enumerate(inputs):
                np.save(folder / f"{stem}.{place}.npy", one.numpy())
                places.append(str(folder / f"{stem}.{place}.npy"))
            with torch.no_grad():
                outputs = network.eval()(*inputs)
            inside[stem] = outputs if isinstance(outputs, tuple) else (outputs,)
            rows.append(
                {
                    "source": str(path),
                    "class": source.classes[name],
                    "weights": str(folder / f"{stem}.safetensors"),
                    "inputs": places,
                    "outputs": str(folder / f"{stem}.npz"),
                }
            )
    torch.set_num_threads(threads)
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE],
        input=json.dumps(rows),
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {stem: (outputs, np.load(folder / f"{stem}.npz")) for stem, outputs in inside.items()}


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_the_source_alone_answers_bit_for_bit_as_the_compiled_network(template, answers):
    for network in template.project.networks:
        inside, alone = answers[f"{template.id}.{network.name}"]
        assert len(inside) == len(alone.files)
        for one, name in zip(inside, alone.files, strict=True):
            assert np.array_equal(one.numpy(), alone[name])
            assert np.isfinite(alone[name]).all()


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_the_parameters_on_the_card_are_those_of_the_drawing(template):
    reports = check_project(template.project).reports
    assert sum(report.parameters for report in reports.values()) == template.parameters
