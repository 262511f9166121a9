"""Live charts: the newest numbers drawn into plots that keep zoom, hover and hidden lines."""
