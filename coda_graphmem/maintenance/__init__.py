"""Looks after a store: keeps it within its limits and renews its vectors."""
