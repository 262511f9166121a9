"""LayerLoom: draw a neural network, train it, see inside it, take it away."""

__version__ = "0.1.0"

import os as _os

# libgomp's threads spin for milliseconds at every barrier; on a machine busy with other things a step of a small
# network then takes a hundred times as long (measured: 0.6 ms against 111 ms). It reads this when torch is imported.
_os.environ.setdefault("GOMP_SPINCOUNT", "20000")
