"""Finds the entities that texts mention."""
