"""Conversations: short-term memory and context."""
