"""A page in the browser that shows a memory: its graph, why an answer came, what is merged, and what happens."""
