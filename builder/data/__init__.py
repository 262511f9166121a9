"""What a network learns from: built-in sets, uploads, preparation, splits."""
