"""How good a model is: metrics, baselines, the test split."""
