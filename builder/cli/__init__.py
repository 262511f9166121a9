"""The same work without a browser: what scripts, CI and clusters use."""
