"""The catalogue: one class is everything about one layer."""
