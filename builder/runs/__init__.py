"""Runs on disk: immutable snapshot, live state, metrics, queue."""
