"""Graph-augmented memory for assistants."""

__version__ = "0.1.0"
