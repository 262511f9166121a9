"""LayerLoom: draw a neural network, train it, see inside it, take it away."""

__version__ = "0.1.0"
