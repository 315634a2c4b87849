"""Keeps values under keys in paths of labels, and finds them by path, by what they hold, and by meaning."""
