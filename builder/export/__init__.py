"""Taking a trained model away, verified."""
