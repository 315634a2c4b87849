"""Fills in test classes that packages bring along."""
