"""Tests of what makes texts for prompts."""
