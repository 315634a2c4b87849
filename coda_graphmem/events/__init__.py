"""Tells others what happens in a memory, without ever holding it up."""
