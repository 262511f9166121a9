"""Projects on disk: atomic files, history, trash, templates."""
