"""Programs that are copied whole into exports; they import the standard library, numpy and torch only."""
