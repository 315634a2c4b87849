"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from coda_graphmem.language.late import late_pattern


def test_a_late_pattern_does_what_a_compiled_one_does() -> None:
    late, compiled = late_pattern(r"(\w)x", re.IGNORECASE), re.compile(r"(\w)x", re.IGNORECASE)
    text = "ax, bX and cy"
    assert late.pattern == compiled.pattern
    assert late.findall(text) == compiled.findall(text) == ["a", "b"]
    assert late.sub("-", text) == compiled.sub("-", text)
    assert late.split(text) == compiled.split(text)
    assert late.flags == compiled.flags
    for find in ("search", "match", "fullmatch"):
        assert (getattr(late, find)(text) is None) == (getattr(compiled, find)(text) is None)
    assert [found[0] for found in late.finditer(text)] == ["ax", "bX"]


def test_a_late_pattern_is_compiled_when_it_is_used() -> None:
    late = late_pattern("(")
    assert late.pattern == "("
    with pytest.raises(re.error):
        late.search("a")


def test_importing_compiles_hardly_a_pattern_of_a_language() -> None:
    code = """
import re, time
import coda_graphmem.boundary
compiled = []
compile_ = re._compiler.compile
re._compiler.compile = lambda pattern, flags=0: compiled.append(pattern) or compile_(pattern, flags)
import coda_graphmem.language.question_time, coda_graphmem.language.periods, coda_graphmem.retrieval.figure_reader
import coda_graphmem.facts.gate
print(sum(len(pattern) for pattern in compiled if isinstance(pattern, str)))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 2_000
