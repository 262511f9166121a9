"""Joins drawing, data, recipe and device: what stops a run and what is inferred."""
