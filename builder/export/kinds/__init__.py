"""One file a format: FORMAT, FEEDS, RELOAD and write(model, path); torch is imported inside write only."""
