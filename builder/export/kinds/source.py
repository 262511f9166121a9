"""source: the readable PyTorch file of the network, exactly what was trained."""

from pathlib import Path
from typing import TYPE_CHECKING

from builder.export.formats import Format
from builder.projects.atomic import write_bytes

if TYPE_CHECKING:
    from builder.train.trained import Trained

FORMAT = Format(
    kind="source",
    title="PyTorch source",
    summary="One readable Python file with the network's class. Needs only torch.",
    extension="py",
    purpose="python",
    order=2,
)
FEEDS = "prepared"
RELOAD = """
import importlib.util
import torch
from safetensors.torch import load_file
spec = importlib.util.spec_from_file_location("exported_model", artefact)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
facts = json.load(open(folder + "/facts.json"))
model = vars(module)[facts["class"]]()
model.load_state_dict(load_file(folder + "/weights.safetensors"))
model.eval()

def answer(inputs):
    with torch.no_grad():
        made = model(*(torch.from_numpy(values) for values in inputs.values()))
    return (made[facts["answer"]] if isinstance(made, tuple) else made).numpy()
"""


def write(trained: "Trained", path: Path) -> None:
    """Writes the very file that trained."""
    write_bytes(path, trained.source.encode())
