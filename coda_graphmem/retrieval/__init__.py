"""Ranks what the stores find: one formula, the same for every store."""
