"""The drawing canvas around React Flow."""
