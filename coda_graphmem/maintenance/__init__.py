"""Looks after memories: decay, consolidation, limits, re-embedding."""
