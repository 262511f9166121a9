"""Our own torch modules by name, printed whole into generated source; each stands alone on torch and math."""

from builder.layers.modules import attention, sequences, values
from builder.layers.modules.attention import (
    LearnedPositions,
    MixtureOfExperts,
    RotaryAttention,
    RotaryPositions,
    SinusoidalPositions,
    Transformer,
    TransformerDecoder,
    TransformerEncoder,
)
from builder.layers.modules.sequences import CausalConv1d, Mamba, PaddedRecurrent, PooledSteps
from builder.layers.modules.values import (
    DropPath,
    FiLM,
    FractionalMaxPool2d,
    FractionalMaxPool3d,
    GaussianNoise,
    LayerScale,
    LearnedValues,
    Reparameterise,
    TimeEmbedding,
)

FILES = (attention, sequences, values)
"""Where they are written; a new file is named here."""

__all__ = [
    "CausalConv1d",
    "DropPath",
    "FiLM",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "GaussianNoise",
    "LayerScale",
    "LearnedPositions",
    "LearnedValues",
    "Mamba",
    "MixtureOfExperts",
    "PaddedRecurrent",
    "PooledSteps",
    "Reparameterise",
    "RotaryAttention",
    "RotaryPositions",
    "SinusoidalPositions",
    "TimeEmbedding",
    "Transformer",
    "TransformerDecoder",
    "TransformerEncoder",
]
