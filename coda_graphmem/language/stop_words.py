"""Words that say nothing of what a text is about (``data/stop_words.toml``), one list for each use."""

from __future__ import annotations

from coda_graphmem.language.stems import stem
from coda_graphmem.language.tables import listed

#: Words that texts are not searched for.
STOP_WORDS = listed("stop_words", "search")
#: Their stems.
STOP_STEMS = frozenset(map(stem, STOP_WORDS))

#: Words before a name that do not belong to it.
DETERMINERS = listed("stop_words", "determiners")
#: Words that name nothing alone, or among one another.
NAMELESS = DETERMINERS | listed("stop_words", "nameless") | listed("stop_words", "numbers")

#: Words that do not belong to the value of a fact: fewer than `DETERMINERS`, as "two" and "another" are worth keeping.
BEFORE_VALUES = listed("stop_words", "before_values")

#: Words that do not show whether an answer takes up a memory: shorter than `STOP_WORDS`, as no ranking depends on it.
COMMON_WORDS = listed("stop_words", "answers")

#: Lemmas that add nothing where statements are compared; unlike `STOP_WORDS` none that tell statements apart.
LIGHT_WORDS = listed("stop_words", "light")
