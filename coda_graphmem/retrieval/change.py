"""Which of several memories that answer a question says that something became otherwise.

"I live in Rouen", and later "so we moved! Nantes now": no rule reads the second, and both answer "Where do I live?".
A short turn with words of change that was said later than what answers best, and answers nearly as well, mostly tells
what holds now; what it is later than mostly tells what held before. Only this order changes: nothing is marked.
"""

import numpy as np

from coda_graphmem.language.phrases import Phrases
from coda_graphmem.language.question_time import QuestionTime
from coda_graphmem.language.roles import assistants
from coda_graphmem.retrieval.candidates import Floats, Pool, ranking
from coda_graphmem.retrieval.constants import RankingConstants

#: Words by which people say that something is not as it was.
CHANGE = Phrases(
    r"""\b(?:now|any\ ?more|no\ longer|instead|nowadays|these\ days|changed?|switch(?:ed)?|moved?|relocated|replaced
    |quit|stopp?ed|cancel(?:l)?ed|called\ off|postponed|rescheduled|delayed|updated|renamed|actually|became|new|since
    |again|back|migrated|upgraded|raised|lowered|increased|off|sold|bought|gave\ up|left|broke\ up|died
    |turns\ out|pushed|bumped|down\ to|up\ to|not\ .{1,20}\ after\ all)\b"""
)
#: Characters of a text that are looked through.
_LOOKED_THROUGH = 400
#: How far above the best candidate the one is that takes its place.
_ABOVE = 1.01


def change_factor(pool: Pool, scores: Floats, asked: QuestionTime, constants: RankingConstants) -> Floats:
    """How much the word of a change speaks for each candidate; shape (n,), all 1 but for one at most.

    In a question for what holds, of the ``change_candidates`` best the best turn takes the first place that was said
    later than the first, says that something changed, is short (``change_words``), no question and nobody's who is an
    assistant, and has at least ``change_share`` of the score of the first. In a question for what held before, where
    the first says that something changed, the best turn does that was said before it.

    Args:
        scores: Of the order so far, above 0, shape (n,).
        asked: What time the question is about.
    """
    factor = np.ones(len(pool))
    first, *others = ranking(pool, scores)[: constants.change_candidates] or [-1]
    if not others or asked.wish not in ("current", "past"):
        return factor
    wants_later = asked.wish == "current"
    if not wants_later and not _tells_change(pool, first):
        return factor
    programs = assistants(pool.speaker_keys)
    for place in others:
        later = pool.timestamp[place] > pool.timestamp[first]
        if (
            scores[place] >= constants.change_share * scores[first]
            and pool.timestamp[place] != pool.timestamp[first]
            and later == wants_later
            and pool.words[place] <= constants.change_words
            and not pool.is_question[place]
            and pool.speakers[place] not in programs
            and (not wants_later or _tells_change(pool, place))
        ):
            factor[place] = _ABOVE * scores[first] / scores[place]
            break
    return factor


def _tells_change(pool: Pool, place: int) -> bool:
    return CHANGE.are_in(pool.candidates[place].excerpt[:_LOOKED_THROUGH])
