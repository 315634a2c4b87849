"""Benchmarks; each takes folders of data as arguments."""
