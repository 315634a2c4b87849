"""What values from outside must be, and the one place that turns what does not fit into our own error."""
