"""Bringing projects and weights in."""
