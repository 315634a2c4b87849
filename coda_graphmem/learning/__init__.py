"""Learning from use: what is recalled, repeated and found helpful."""
