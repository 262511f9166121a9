"""bundle: a ZIP that predicts on its own: model, weights, preparation, predict.py, requirements, README."""

import io
import json
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from builder.export.formats import Format
from builder.projects.atomic import write_bytes

if TYPE_CHECKING:
    from builder.train.trained import Trained

FORMAT = Format(
    kind="bundle",
    title="Bundle",
    summary="Everything to predict elsewhere: source, weights, preparation and a program to run.",
    extension="zip",
    purpose="python",
    order=1,
)
FEEDS = "raw"
RELOAD = """
import zipfile
home = folder + "/unpacked"
with zipfile.ZipFile(artefact) as bundle:
    for entry in bundle.namelist():
        target = home + "/" + entry
        import os
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(bundle.read(entry))
sys.path.insert(0, home)
import importlib
program = "generate" if os.path.exists(home + "/generate.py") else "predict"
predict = importlib.import_module(program)

def answer(inputs):
    return predict.outputs_for(inputs)
"""

_ALSO = {"diffusion": ("train/noising.py",)}
"""What a sampler imports, by its name."""
PACKAGES = ("torch", "numpy", "safetensors", "pillow")


def write(trained: "Trained", path: Path) -> None:
    """Writes the ZIP; the same run gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in sorted(_files(trained).items()):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(entry, content)
    write_bytes(path, buffer.getvalue())


def _files(trained: "Trained") -> dict[str, bytes]:
    from safetensors.torch import save

    from builder.export.pipeline_source import pipeline_source
    from builder.paths import PACKAGE

    state = {name: values.contiguous() for name, values in trained.network.state_dict().items()}
    ours = PACKAGE / "export" / "printed"
    programs = ("generate.py",) if _makes(trained) else ("answers.py", "predict.py")
    printed = {name: PACKAGE / "data" / name for name in ("read.py", "steps.py")}
    printed |= {name: ours / name for name in programs}
    if trained.recipe.shows == "text":
        printed["predict.py"] = ours / "continue_text.py"
        printed["writing.py"] = PACKAGE / "train" / "writing.py"
    if trained.recipe.shows == "translations":
        printed["predict.py"] = ours / "translate.py"
        printed["decoding.py"] = PACKAGE / "train" / "decoding.py"
    if trained.recipe.shows == "masks":
        printed["predict.py"] = ours / "segment.py"
        printed["painting.py"] = PACKAGE / "data" / "painting.py"
    if _makes(trained):
        printed["sampling.py"] = ours / f"sampling_{trained.recipe.sampler}.py"
        printed |= {
            path.name: path for path in map(PACKAGE.joinpath, _ALSO.get(trained.recipe.sampler, ()))
        }
    texts = {name: file.read_bytes() for name, file in printed.items()}
    return texts | {
        "model.py": trained.source.encode(),
        "weights.safetensors": save(state),
        "preparation.safetensors": save(trained.preparation.tensors()),
        "pipeline.py": pipeline_source(trained).encode(),
        "requirements.txt": _requirements().encode(),
        "README.md": _readme(trained).encode(),
        "project.loom.json": _project(trained).encode(),
    }


def _requirements() -> str:
    return "".join(f"{name}>={version(name).split('+')[0]}\n" for name in PACKAGES)


def _project(trained: "Trained") -> str:
    return json.dumps(trained.project.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def _makes(trained: "Trained") -> bool:
    return trained.recipe.shows == "generated"


def _how(trained: "Trained") -> str:
    if _makes(trained):
        return (
            "python generate.py --count 16 --seed 0 -o samples.npz\n\n"
            "Writes new samples; the same seed gives the same ones."
        )
    if trained.recipe.shows == "text":
        return (
            'python predict.py "How it begins"\n\n`predict.py` prints the text as the network goes on with it; '
            "`python predict.py -h` tells how to make it shorter, longer, tamer or wilder."
        )
    if trained.recipe.shows == "translations":
        return (
            'python predict.py "A text"\n\n`predict.py` prints one JSON object with the text that is written for it; '
            "it takes text files and CSV files with a column of texts, too."
        )
    if trained.recipe.shows == "masks":
        return (
            "python predict.py PICTURE --masks FOLDER\n\n`predict.py` writes a mask as PNG for each picture, and "
            "prints one JSON object with the share of each class; without --masks it prints the masks, too."
        )
    kind = {
        "image": "a picture",
        "table": "a CSV file or a row as JSON",
        "text": "a text in quotes, a text file, or a CSV file with a column of texts",
        "series": "a CSV file with the last rows; the forecast goes on from the newest",
    }[trained.preparation.schema.kind]
    return (
        f"python predict.py FILE\n\nFILE is {kind}. "
        "`predict.py` prints one JSON object with the predictions."
    )


def _readme(trained: "Trained") -> str:
    target = trained.preparation.schema.target
    fields = ", ".join(_one_line(name) for name in target.classes[:12]) if target else ""
    classes = f"\nClasses: {fields}\n" if fields and trained.recipe.needs_target else ""
    return f"""# {_one_line(trained.project.name) or "A network"}

A network made and trained with LayerLoom (epoch {trained.epoch}, step {trained.step}).

    pip install -r requirements.txt
    {_how(trained)}
{classes}
- `model.py` is the network, exactly the source that was trained; `weights.safetensors` are its weights.
- `pipeline.py` puts preparation (`steps.py`, fitted on the training samples) and network together.
- `read.py` reads files the way they were read for training.
- `project.loom.json` opens in LayerLoom again.
"""


def _one_line(text: str, most: int = 80) -> str:
    """Words of the user's own as Markdown shows them: one line, no markup, no invisible characters."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    short = words if len(words) <= most else f"{words[: most - 1]}…"
    return "".join(f"&#{ord(letter)};" if letter in _MARKUP else letter for letter in short)


_MARKUP = frozenset("\\`*_{}[]()<>#|~")
