"""What people say of themselves and of things: read by one table of rules, kept as facts that hold for a while."""
