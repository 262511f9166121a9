"""Inputs on which many kinds are tried: small, and no two sizes of one alike where that would hide a mistake."""

from builder.layers.base import TensorType

IMAGE = TensorType((3, 4, 4), "float32", "image")
SEQUENCE = TensorType((6, 8), "float32", "sequence")
WIDE_SEQUENCE = TensorType((6, 16), "float32", "sequence")
"""For attention, whose heads divide the features."""
