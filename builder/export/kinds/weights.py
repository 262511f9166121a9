"""safetensors: the trained weights, a format that cannot run code."""

from pathlib import Path
from typing import TYPE_CHECKING

from builder.export.formats import Format
from builder.projects.atomic import write_bytes

if TYPE_CHECKING:
    from builder.train.trained import Trained

FORMAT = Format(
    kind="safetensors",
    title="Weights (safetensors)",
    summary="The trained weights alone, named like the layers of the source. Cannot run code.",
    extension="safetensors",
    purpose="python",
    order=3,
)
FEEDS = "prepared"
RELOAD = """
import importlib.util
import torch
from safetensors.torch import load_file
spec = importlib.util.spec_from_file_location("exported_model", folder + "/model.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
facts = json.load(open(folder + "/facts.json"))
model = vars(module)[facts["class"]]()
model.load_state_dict(load_file(artefact))
model.eval()

def answer(inputs):
    with torch.no_grad():
        made = model(*(torch.from_numpy(values) for values in inputs.values()))
    return (made[facts["answer"]] if isinstance(made, tuple) else made).numpy()
"""


def write(trained: "Trained", path: Path) -> None:
    """Writes the network's state as safetensors, with the class it belongs to as metadata."""
    from safetensors.torch import save

    state = {name: values.contiguous() for name, values in trained.network.state_dict().items()}
    metadata = {"class": trained.class_name, "format": "pt"}
    write_bytes(path, save(state, metadata=metadata))
