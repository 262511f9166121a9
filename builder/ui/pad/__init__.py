"""The drawing pad: strokes of pen, mouse or keys, made into a picture like those of the training data."""
