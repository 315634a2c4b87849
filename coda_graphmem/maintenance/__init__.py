"""Looks after memories: their decay and consolidation, the limits of a store, and its vectors."""
