"""Turning what callers say into memories: identity, embedding, entities, limits."""
