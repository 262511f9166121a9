"""A drawing pad."""
