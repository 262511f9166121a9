"""onnx: preparation, network and answers as one graph that other runtimes execute."""

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from builder.errors import ExportError
from builder.export.formats import Format
from builder.projects.atomic import write_bytes

if TYPE_CHECKING:
    from builder.train.trained import Trained

FORMAT = Format(
    kind="onnx",
    title="ONNX",
    summary="One graph with preparation inside, for any number of samples at once. Runs in ONNX Runtime.",
    extension="onnx",
    purpose="runtimes",
    order=4,
    packages=("onnx", "onnxscript", "onnxruntime"),
)
FEEDS = "raw"
RELOAD = """
import onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(artefact, options, providers=["CPUExecutionProvider"])

def answer(inputs):
    return session.run(None, inputs)[0]
"""


def write(trained: "Trained", path: Path) -> None:
    """Exports through torch.export with a dynamic batch; checks the graph with onnx before it is written."""
    import torch

    from builder.export.model import pipeline as module_of
    from builder.export.model import real_samples

    try:
        import onnx
        import onnxscript  # noqa: F401
    except Exception as error:
        raise ExportError(
            "The ONNX export needs more packages: pip install 'layerloom[export]'."
        ) from error
    pipeline = module_of(trained).eval()
    samples = real_samples(trained, 3)
    example = tuple(torch.from_numpy(samples.raw[name]) for name in pipeline.fields)
    batch = torch.export.Dim("batch", min=1, max=2**20)
    shapes = tuple({0: batch} for _ in example)
    told = logging.getLogger("torch.onnx")
    level = told.level
    told.setLevel(logging.ERROR)  # it warns of every package of other operators that is not there
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                pipeline,
                example,
                dynamo=True,
                dynamic_shapes=(shapes,),
                input_names=list(pipeline.fields),
                output_names=[_output_name(trained)],
                optimize=True,
                verbose=False,
            )
    except Exception as error:
        raise ExportError(
            f"This network cannot be written as ONNX: {str(error).splitlines()[0][:200]}"
        ) from error
    finally:
        told.setLevel(level)
    assert program is not None
    graph = program.model_proto
    onnx.checker.check_model(graph, full_check=True)
    write_bytes(path, graph.SerializeToString())


def _output_name(trained: "Trained") -> str:
    if not trained.recipe.needs_target:
        return {"reconstructions": "reconstruction"}.get(trained.recipe.shows, "samples")
    written = trained.recipe.shows == "translations"
    return "logits" if trained.preparation.classes or written else "values"
