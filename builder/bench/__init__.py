"""Speed as ratios measured in one run: training against hand-written loops, editing against its budget."""
