"""Any text on every path a text takes: no error, soon, and what was found stands where it is said to stand."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.facts.contractions import spell
from coda_graphmem.facts.reader import FactReader
from coda_graphmem.facts.table import load_table
from coda_graphmem.importance import importance
from coda_graphmem.language.keys import entity_key, longest_matches, query_keys
from coda_graphmem.language.normal_form import folded, index_text
from coda_graphmem.language.passages import passages
from coda_graphmem.language.periods import time_spans
from coda_graphmem.language.quantities import find_quantities
from coda_graphmem.language.repeats import repeat_form
from coda_graphmem.language.words import describe, stems, words
from coda_graphmem.learning.feedback import credit
from coda_graphmem.models import MemoryType
from coda_graphmem.retrieval.factors import named_speakers, spellings
from coda_graphmem.retrieval.terms import names, query_terms, without_names
from coda_graphmem.store.neo4j.conditions import ANYTHING
from coda_graphmem.store.neo4j.lucene import lucene_queries, plain, term_query
from tests.fuzz.profiles import fuzzed

#: Seconds of the processor that no text of 100,000 characters takes on any of these paths.
SOON = 5.0

_PIECES = st.sampled_from(
    """I'm i've don't gonna Anna's Rex Oslo New\nYork may march 3rd 11/11/2026 1990s Monday ago aB3x
    ﬁsh Straße İzmir ё ﷺ 花生 味噌汁 커피를 กาแฟ हिन्दी שָׁלוֹם كِتَاب \uff21\uff11 🙂 👩\u200d👩
    \u0301 \u0316 \u200b \u202e ½ ™ ß ǅ
    " ' “ ” ( ) [ ] { } <a> ``` ### - -- _ . … ! ? , ; : / \\ @ # $ % ^ & * + = | ~ http://a.b/c?d me@x.org
    +49 1 007 1e9
    """.split()
)
_TEXTS = st.lists(
    _PIECES | st.sampled_from([" ", "\n", "\t", "\r\n", "\u3000", "\u2028"]) | st.text(max_size=8), max_size=60
).map("".join)

_PATHS: dict[str, Callable[[str], object]] = {
    "importance": lambda text: importance(text, MemoryType.SEMANTIC),
    "repeat": repeat_form,
    "traits": lambda text: describe(text, "Anna"),
    "folded": folded,
    "indexed": index_text,
    "words": words,
    "stems": stems,
    "passages": lambda text: list(passages(text)),
    "quantities": lambda text: [find_quantities(passage.text) for passage in passages(text)],
    "credit": lambda text: credit(text, text),
    "lucene": lambda text: (
        plain(text),
        lucene_queries("ns", [text[:10_000]], ANYTHING),
        term_query("ns", text[:10_000]),
    ),
    "entity": entity_key,
    "spelled": lambda text: [spell(passage.text, load_table().spellings) for passage in passages(text)],
}
_QUERY_PATHS: dict[str, Callable[[str], object]] = {
    "keys": lambda text: longest_matches(text, query_keys(text)),
    "periods": lambda text: time_spans(text, 1.75e9),
    "terms": lambda text: (query_terms(text), names(text), without_names(text, ["anna"])),
    "speakers": lambda text: (spellings(text), named_speakers(text, ["anna", "tom"])),
}


@pytest.mark.parametrize("path", [*_PATHS, *_QUERY_PATHS])
@fuzzed
@given(text=_TEXTS, times=st.integers(1, 3))
def test_any_text(path: str, text: str, times: int) -> None:
    (_PATHS | _QUERY_PATHS)[path](text * times)


@pytest.mark.parametrize("path", [*_PATHS, *_QUERY_PATHS])
@fuzzed
@given(part=_PIECES | st.text(min_size=1, max_size=3), end=_PIECES | st.just(""))
def test_long_texts_of_one_thing_take_no_time(path: str, part: str, end: str) -> None:
    size = 100_000 if path in _PATHS else 10_000
    text = (part * (size // len(part) + 1))[:size] + end
    started = time.process_time()
    (_PATHS | _QUERY_PATHS)[path](text)
    assert time.process_time() - started < SOON, (part, end)


@fuzzed
@given(text=_TEXTS)
def test_folding_is_done_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@fuzzed
@given(before=_TEXTS, after=_TEXTS)
def test_values_stand_where_their_spans_say(before: str, after: str) -> None:
    text = f"{before}\n\nI'm from Oslo but live in Rome and don't eat cheese.\n\n{after}"
    for info in FactReader().read(text):
        assert text[slice(*info.span)] == info.value
