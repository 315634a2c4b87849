"""What speaks for a turn of a conversation before its content is compared: who says it, how much it says.

Documents have no speaker, and for them length means nothing; they keep a factor of 1.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np

from coda_graphmem.extraction.keys import query_keys
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.pool import Floats, Pool

_FIRST_PERSON = re.compile(r"\b(?:i|me|my|mine|myself)\b", re.IGNORECASE)

#: Names under which programs keep what an assistant said.
ASSISTANTS = frozenset({"assistant", "ai", "bot", "chatbot", "model", "system"})


def named_speakers(query: str, speakers: Collection[str]) -> frozenset[str]:
    """Keys of the speakers a query is about.

    A speaker is named by the whole name or by its first word. Where one of those who speak is an
    assistant, "I" and "my" name all the others: somebody asks about what they said themselves.

    Args:
        query: The question.
        speakers: Keys of all who speak.
    """
    if not speakers:
        return frozenset()
    words = set(query_keys(query))
    named = {speaker for speaker in speakers if speaker in words or speaker.split(" ", 1)[0] in words}
    if not ASSISTANTS.isdisjoint(speakers) and _FIRST_PERSON.search(query):
        named |= set(speakers) - ASSISTANTS
    return frozenset(named)


def speaker_prior(pool: Pool, named: Collection[str], constants: RankingConstants) -> Floats:
    """``speaker_factor`` for what a named speaker said, else 1; shape (n,)."""
    said = np.array([speaker in named for speaker in pool.speakers], dtype=np.bool_)
    return np.where(said, constants.speaker_factor, 1.0)


def informativeness(pool: Pool, constants: RankingConstants) -> Floats:
    """How much each turn says, in (0, 1], 1 for what is no turn; shape (n,).

    ``((1 + min(w, cap)) / (1 + cap)) ** length_exponent`` for w words, times ``question_factor`` for
    a short turn that does nothing but ask.
    """
    cap = constants.length_cap
    length = ((1.0 + np.minimum(pool.words, cap)) / (1.0 + cap)) ** constants.length_exponent
    asks = pool.is_question & (pool.words <= constants.question_words)
    return np.where(pool.is_turn, length * np.where(asks, constants.question_factor, 1.0), 1.0)
