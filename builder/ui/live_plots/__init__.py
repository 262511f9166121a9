"""Plotly charts that keep zoom and hover while they update."""
