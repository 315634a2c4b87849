"""A conversation over seven weeks, and questions that show what the memory makes of it."""

from coda_graphmem.demo.sample import QUESTIONS, Question, read_sample

__all__ = ["QUESTIONS", "Question", "read_sample"]
