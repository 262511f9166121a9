"""The panels beside the canvas: the chosen layer, problems, cost, code, and the list of layers."""
