"""Merges memories that say the same, and only those."""
