"""Words that every normalisation shares: epsilon, and the learned scale and shift."""

from functools import partial

from builder.layers.base import knob

affine = partial(
    knob,
    title="Learned scale and shift",
    description="Lets the layer learn its own scale and shift afterwards. Usually on. "
    "Costs two weights a channel.",
)
eps = partial(
    knob,
    title="Epsilon",
    description="A small number that prevents division by zero. Rarely changed. "
    "More makes the layer gentler.",
)
