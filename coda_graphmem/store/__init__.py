"""Stores: where memories live. `protocol` is what the rest of the package knows of them."""
