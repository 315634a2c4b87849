"""Reading, listing, counting and deleting memories by id or by filter."""
