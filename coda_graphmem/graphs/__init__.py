"""A part of a memory as a graph, and the pictures, pages and files of it."""
