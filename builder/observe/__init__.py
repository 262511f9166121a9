"""Numbers and figures of what happens inside a run."""
