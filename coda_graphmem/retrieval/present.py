"""Puts the figure that holds now before those it replaced, where a question asks for one.

Of the memories found, those say the figure that name one of its kind beside the words asked for; where they name
different ones, what was said last holds. Nothing is marked as outdated: only this order changes.
"""

from collections.abc import Collection, Sequence

import numpy as np

from coda_graphmem.language.roles import assistants
from coda_graphmem.retrieval.candidates import Floats, Pool, ranking
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.figure_question import Asked
from coda_graphmem.retrieval.figure_reader import Reader, Stated
from coda_graphmem.retrieval.terms import Wording


def figure_factor(
    pool: Pool,
    base: Floats,
    asked: Asked,
    wording: Wording,
    constants: RankingConstants,
    *,
    over: Collection[str] = (),
) -> Floats:
    """How much the figure asked for speaks for each candidate; shape (n,), all 1 where none states it.

    Those that state it are lifted by ``figure_lift ** (c / c_best)`` with c how near it stands to the words asked for.
    Of those that state it as well as any, the latest takes the place of the best one whose figure it replaces, and
    `RankingConstants.figure_outdated` is left of these.

    Args:
        base: The product of all other factors, shape (n,), above 0.
        asked: What the question asks for, of what holds now.
        wording: How telling the words of the question are.
        over: Ids of memories that are known not to hold any more; they state nothing.
    """
    factor = np.ones(len(pool))
    best = [i for i in ranking(pool, base)[: constants.figure_candidates] if pool.candidates[i].memory_id not in over]
    said = figure_statements(pool, best, asked, wording, constants)
    nearest = max((stated.closeness for stated in said.values() if not stated.is_other_case), default=0.0)
    if nearest < constants.figure_least:
        return factor
    for place, stated in said.items():
        if not stated.is_other_case:
            closeness = stated.closeness * (constants.figure_changed if stated.is_change else 1.0)
            closeness *= 1.0 if stated.belongs else constants.figure_apart
            factor[place] = constants.figure_lift ** min(1.0, closeness / nearest)
    slot = [place for place, stated in said.items() if _is_of_slot(stated, nearest, constants)]
    slot.sort(key=lambda place: (pool.timestamp[place], said[place].closeness))
    if not slot:
        return factor
    values = present_values([said[place] for place in slot], constants.figure_share_from * nearest)
    same = [place for place in slot if not said[place].differs(values)]
    replaced = [place for place in slot if place not in same]
    replaced += [place for place, stated in said.items() if stated.is_other_case]
    if replaced:
        total = base * factor
        # Of those that say the same, the one that answers best.
        latest = max(same, key=lambda place: float(total[place]))
        factor[latest] *= max(1.0, float(total[replaced].max()) / float(total[latest]))
        factor[replaced] *= constants.figure_outdated
    return factor


def present_values(statements: Sequence[Stated], close: float) -> frozenset[str]:
    """The values that hold after statements of one figure, at least one, in the order they were made.

    Args:
        close: As for `runs`.
    """
    numbers = runs(statements, close)
    last = max(number for number in numbers if number is not None)
    return statements[numbers.index(last)].values


def runs(statements: Sequence[Stated], close: float) -> list[int | None]:
    """Which figure each of some statements tells, counted from 0 by the changes so far; None for those that count not.

    What was said before, and is told again without a word of change, is the story of how it came about. What is said
    to have been another figure than those that were stated is probably a figure of something else.

    Args:
        statements: Of one figure, in the order they were made.
        close: Closeness from which the figure is not one of something else.
    """
    present = statements[0].values if statements else frozenset()
    told = set(present)
    number = 0
    found: list[int | None] = [0] if statements else []
    for stated in statements[1:]:
        if stated.differs(present):
            is_again = not stated.is_change and stated.values <= told
            goes_on = not stated.was or not stated.was.isdisjoint(told) or stated.closeness >= close
            if is_again or not goes_on:
                found.append(None)
                continue
            present = stated.values
            number += 1
        told |= stated.values
        found.append(number)
    return found


def _is_of_slot(stated: Stated, nearest: float, constants: RankingConstants) -> bool:
    """Whether a memory states the figure asked for, and not that of something else."""
    is_plain = stated.is_change or stated.is_counted
    share = constants.figure_share_changed if is_plain else constants.figure_share
    return stated.belongs and not stated.is_other_case and stated.closeness >= share * nearest


def figure_statements(
    pool: Pool, places: Sequence[int], asked: Asked, wording: Wording, constants: RankingConstants
) -> dict[int, Stated]:
    """What candidates say of the figure, by their places in the pool; only those that say something, and no assistant.

    What an assistant says of it, it has from somebody, or made up.
    """
    idf = dict(zip(wording.stems, wording.idf.tolist(), strict=True))
    reader = Reader(asked, idf, float(wording.idf.mean()) if idf else 1.0, constants)
    programs = assistants(pool.speaker_keys)
    spoken = (place for place in places if pool.speakers[place] not in programs)
    said = {place: reader.read(pool.candidates[place].excerpt) for place in spoken}
    return {place: stated for place, stated in said.items() if stated.closeness > 0.0}
