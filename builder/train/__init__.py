"""Learning: recipes, loop, checkpoints, probes."""
