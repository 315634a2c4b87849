"""Which candidate tells what a question for the past asks for, where turns tell the states of one thing.

"Hosted on Heroku", "migrated from Heroku to Fly", "everything runs on Hetzner now": no rule reads these, and all answer
"Where were we hosted before?". Those that speak of what is asked are put in the order they were said in, each word of a
change begins another state (`coda_graphmem.retrieval.states`), and the state that the question asks for comes first.
Where a figure is asked for, each other figure is another state. Only this order changes: nothing is marked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from coda_graphmem.language.question_time import QuestionTime, asks_for_state, topic
from coda_graphmem.language.roles import assistants
from coda_graphmem.language.words import STOP_STEMS, stems
from coda_graphmem.retrieval.candidates import Floats, Pool, ranking
from coda_graphmem.retrieval.changes import (
    TIMES,
    asks_for_own,
    capital_names,
    held_share,
    names_of,
    only_ends,
    points_back,
    speaks_of_somebody,
    tells_change,
)
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.figure_question import Asked, asked_figure
from coda_graphmem.retrieval.figure_reader import Stated
from coda_graphmem.retrieval.figure_text import figures
from coda_graphmem.retrieval.present import figure_statements, runs
from coda_graphmem.retrieval.states import State, Telling, asked_state, states
from coda_graphmem.retrieval.succession import Succession
from coda_graphmem.retrieval.terms import Wording

#: Wishes that ask for a state among others.
_EARLIER = frozenset({"past", "first", "before", "after", "at", "current"})
#: How far above the best candidate the one is that takes its place.
_ABOVE = 1.01
#: Match of what holds nothing of a question, and a little.
_NO_MATCH = 0.2


@dataclass(frozen=True)
class Asking:
    """A question for the past."""

    text: str
    time: QuestionTime
    wording: Wording
    """How telling its words are."""
    now: float
    """When it is asked, in seconds."""

    @cached_property
    def figure(self) -> Asked | None:
        """The figure it asks for."""
        return asked_figure(topic(self.text))

    @cached_property
    def about(self) -> frozenset[str]:
        """Stems of the words for what it asks about, at whatever time."""
        found = stems(topic(self.text)) - STOP_STEMS
        return found - TIMES or found

    @cached_property
    def words(self) -> frozenset[str]:
        """Stems of all its words."""
        return stems(self.text)

    @cached_property
    def is_own(self) -> bool:
        """Whether whoever asks means something of their own, and of nobody else."""
        return asks_for_own(topic(self.text))

    @cached_property
    def named(self) -> frozenset[str]:
        """Stems of those for what stood before or after."""
        return stems(self.time.named) - STOP_STEMS


def earlier_factor(
    pool: Pool,
    scores: Floats,
    match: Floats,
    asking: Asking,
    *,
    succession: Succession,
    follows: Collection[tuple[str, str]],
    constants: RankingConstants,
) -> Floats | None:
    """How much it speaks for each candidate that it tells the state asked for; shape (n,), all 1 but for one at most.

    Args:
        scores: Of the order so far, above 0, shape (n,).
        match: How well each answers, whatever time is asked about, above 0, shape (n,).
        succession: What facts know of what is over.
        follows: Ids of turns, each with that of the next one in its conversation, as far as they are known.

    Returns:
        None where no state is told that the question asks for.
    """
    asked = asking.time
    if asked.wish not in _EARLIER or not len(pool) or (asked.wish == "at" and not asks_for_state(asking.text)):
        return None
    if asked.wish == "current" and len(pool) >= constants.present_few:
        return None
    course = _Course(pool, match, asking, succession=succession, follows=follows, constants=constants)
    told = course.of_figures() or course.of_words()
    state = course.saying_so(told) or (asked_state(states(told), asked, asking.now) if told else None)
    if state is None:
        return None
    factor = np.ones(len(pool))
    places = state.places or [one.place for one in state.tellings]
    place = max(places, key=lambda i: float(match[i]))
    if asked.wish == "first" and match[places[0]] >= constants.earlier_share * match[place]:
        place = places[0]  # what was told later tells more of what came of it
    first = int(np.argmax(scores))
    # What tells of a change itself gives no way to what answers much worse, and tells of another one.
    keeps = asked.wish == "current" and match[place] < constants.earlier_share * match[first]
    if keeps and tells_change(pool.candidates[first].excerpt):
        return None
    if scores[place] < scores[first]:
        factor[place] = _ABOVE * float(scores[first]) / float(scores[place])
    return factor


class _Course:
    """The turns among candidates that tell of what a question asks about, in the order they were said in."""

    def __init__(
        self,
        pool: Pool,
        match: Floats,
        asking: Asking,
        *,
        succession: Succession,
        follows: Collection[tuple[str, str]],
        constants: RankingConstants,
    ) -> None:
        self._pool, self._match, self._asking, self._constants = pool, match, asking, constants
        self._texts = [candidate.excerpt for candidate in pool.candidates]
        self._spoken = {place for place in self._by_people() if not self._is_of_others(place)}
        self._links = [
            (pool.position[entry.memory_id], pool.position[name])
            for entry in succession.over.values()
            if entry.reason != "retracted" and entry.memory_id in pool.position
            for name in succession.after(entry)
            if name in pool.position
        ]
        self._previous = self._turns_before(follows)
        self._names_of: dict[int, frozenset[str]] = {}
        self._near: set[int] = set()
        self._in_words: set[int] = set()
        self._alike, self._far = self._similar()
        self._members = self._matching()

    @cached_property
    def _capital(self) -> frozenset[str]:
        return capital_names(self._texts)

    def _names(self, places: Collection[int]) -> frozenset[str]:
        """Stems of the names that turns hold."""
        found: set[str] = set()
        for place in places:
            if place not in self._names_of:
                self._names_of[place] = stems(self._texts[place]) & self._capital
            found |= self._names_of[place]
        return frozenset(found)

    def of_figures(self) -> list[Telling]:
        """The turns that state the figure asked for; empty where they state one at most."""
        wanted = self._asking.figure
        if wanted is None:
            return []
        best = ranking(self._pool, self._match)[: self._constants.figure_candidates]
        said = figure_statements(self._pool, best, wanted, self._asking.wording, self._constants)
        nearest = max((stated.closeness for stated in said.values() if not stated.is_other_case), default=0.0)
        if nearest < self._constants.figure_least:
            return []
        slot = [place for place, stated in said.items() if self._states(place, stated, wanted, nearest)]
        silent = {place for place in self._members if place not in said and tells_change(self._texts[place])}
        further = {place: self._read(place, wanted) for place in silent | self._pointing_back(slot)}
        slot = self._by_time([*slot, *(place for place, stated in further.items() if stated.values)])
        numbers = runs(
            [said.get(place) or further[place] for place in slot], self._constants.figure_share_from * nearest
        )
        if max((number for number in numbers if number is not None), default=0) < 1:
            return []
        found, last = [], 0
        for place, number in zip(slot, numbers, strict=True):
            if number is not None:
                found.append(self._telling(place, opens=number > last))
                last = number
        return found

    def of_words(self) -> list[Telling]:
        """The turns that speak of what is asked, that take up what one of them names, and that facts link with them.

        Where none of them says that something became otherwise, each tells of a state of its own if the question says
        that there are others; and else they tell of none.
        """
        members = set(self._members)
        members |= self._naming_the_same(members)
        members |= {place for link in self._links if not members.isdisjoint(link) for place in link}
        members |= self._taking_up(members)
        members |= self._pointing_back(members)
        after = {new for _, new in self._links}
        order = self._by_time(members)
        changes = [place in after or tells_change(self._texts[place]) for place in order]
        is_sure = any(changes[1:])
        if not is_sure and (self._asking.time.wish == "at" or not self._asking.time.is_said):
            return []
        found: list[Telling] = []
        for place, changed in zip(order, changes, strict=True):
            named = self._named(place)
            is_new_name = named > max((one.named for one in found), default=0.0) or self._replaces(place, order)
            ends = only_ends(self._texts[place])
            found.append(self._telling(place, opens=changed or not is_sure or is_new_name, ends=ends))
        return found

    def saying_so(self, told: Sequence[Telling]) -> State | None:
        """What a turn tells of just the time that is asked for: "my rating went up to 1550 **after the open**"."""
        asked = self._asking.time
        if asked.wish not in ("before", "after") or not asked.named:
            return None
        words = f"{asked.wish} {asked.named}".lower()
        return next((State((one,)) for one in told if words in self._texts[one.place].lower()), None)

    # ------------------------------------------------------------------ who speaks of it

    def _by_people(self) -> set[int]:
        """Short turns of people that are no questions."""
        pool = self._pool
        programs = assistants(pool.speaker_keys)
        return {
            place
            for place in range(len(pool))
            if pool.words[place] <= self._constants.change_words
            and not pool.is_question[place]
            and pool.speakers[place] not in programs
        }

    def _is_of_others(self, place: int) -> bool:
        """Whether a question for something of one's own finds what is told of him or her."""
        asks = self._asking
        return asks.is_own and speaks_of_somebody(self._texts[place])

    def _matching(self) -> set[int]:
        """Those that answer the question nearly as well as the best one, or well and in its words.

        What names what stood before or after answers it best for that alone; the others are compared with one another.
        """
        constants = self._constants
        best = ranking(self._pool, self._match)[: constants.earlier_candidates]
        spoken = [place for place in best if place in self._spoken]
        naming = {place for place in spoken if self._named(place) > 0.0}
        others = [place for place in spoken if place not in naming] or spoken
        highest = max((float(self._match[place]) for place in others), default=0.0)
        held = {place: held_share(self._texts[place], self._asking.about) for place in spoken}
        most = max(held.values(), default=0.0)

        def least(place: int) -> float:
            changed = tells_change(self._texts[place])
            if held[place] > 0.0 and (held[place] > 0.5 * most or (changed and 2.0 * held[place] == most)):
                return constants.earlier_share
            return constants.earlier_share_changed if changed else constants.earlier_share_alike

        floor = max(constants.earlier_share * highest, _NO_MATCH)
        self._near = {place for place in spoken if self._match[place] >= floor}
        self._in_words = {place for place in self._near if held[place] > 0.0 and held[place] >= 0.5 * most}
        matched = {place for place in self._near if self._match[place] >= least(place) * highest}
        # Where one that answers well tells of a change, what answers much worse tells of another one.
        told = max((float(self._match[place]) for place in matched if tells_change(self._texts[place])), default=0.0)
        alike = {place for place in self._alike if tells_change(self._texts[place])}
        return matched | {place for place in alike if self._match[place] >= constants.earlier_share * told}

    def _similar(self) -> tuple[set[int], set[int]]:
        """Turns about as similar to the question as the best one, and those far less, where few memories are found.

        How well each answers is told by where it stands between the best and the last one found, which of few is near.
        """
        pool, constants = self._pool, self._constants
        if len(pool) >= constants.candidates:
            return set(), set()
        similarity = np.nan_to_num(pool.similarity, nan=1.0)
        best = max((float(pool.similarity[place]) for place in self._spoken), default=0.0)
        least = max(constants.earlier_cosine * best, constants.earlier_cosine_least)
        alike = {place for place in self._spoken if pool.similarity[place] >= least}
        return alike, {place for place in self._spoken if similarity[place] < constants.earlier_cosine_far * best}

    def _taking_up(self, members: Collection[int]) -> set[int]:
        """Turns that say that something became otherwise and name what an earlier one told of.

        "Sold the Polo, got a Kona" takes up "I drive a Polo".
        """
        if not members:
            return set()
        at = self._pool.timestamp
        since = min(at[place] for place in members)
        later = [place for place in self._spoken - self._far if at[place] > since and place not in members]
        changed = [place for place in self._by_time(later) if tells_change(self._texts[place])]
        if not changed:
            return set()
        names = names_of(self._texts, self._capital, self._asking.words, [self._texts[place] for place in members])
        told = {place: names[place] for place in members}
        found: set[int] = set()
        for place in changed:
            if self._is_taken(place, names, told):
                found.add(place)
                told[place] = names[place]
        return found

    def _naming_the_same(self, members: Collection[int]) -> set[int]:
        """Turns that answer well, and hold a name that one of some holds."""
        held = self._names(members) - self._asking.words
        return {place for place in self._near if not held.isdisjoint(self._names([place]))} if held else set()

    def _replaces(self, place: int, order: Sequence[int]) -> bool:
        """Whether a turn names what an earlier one named, and what none did: "Ravi is ill, I play with Simone"."""
        before = order[: order.index(place)]
        known, names = self._names(before), self._names([place]) - self._asking.words
        return not names.isdisjoint(known) and not names <= known

    def _is_taken(self, place: int, names: Mapping[int, frozenset[str]], told: Mapping[int, frozenset[str]]) -> bool:
        at = self._pool.timestamp
        return any(at[earlier] < at[place] and not named.isdisjoint(names[place]) for earlier, named in told.items())

    def _pointing_back(self, members: Collection[int]) -> set[int]:
        """Turns that say of "it" that it became otherwise, right after one of some in its conversation."""
        found: set[int] = set()
        for place in self._by_time(self._spoken):
            before = self._previous.get(place)
            if before in members or before in found:
                text = self._texts[place]
                if place not in members and tells_change(text) and points_back(text):
                    found.add(place)
        return found

    def _turns_before(self, follows: Collection[tuple[str, str]]) -> dict[int, int]:
        """By the place of each turn of a person: that of the last one of a person before it in its conversation."""
        position = self._pool.position
        before = {position[b]: position[a] for a, b in follows if a in position and b in position}
        programs = assistants(self._pool.speaker_keys)
        found = {}
        for place, other in before.items():
            answered = before.get(other) if self._pool.speakers[other] in programs else other
            if answered is not None:
                found[place] = answered
        return found

    # ------------------------------------------------------------------ what a turn says

    def _states(self, place: int, stated: Stated, wanted: Asked, nearest: float) -> bool:
        """Whether a turn states the figure asked for, be it in a sentence that leaves out what it belongs to."""
        if stated.is_other_case:
            return False
        held = stems(self._texts[place])
        if place in self._members | self._in_words and wanted.head[-1] not in held:
            return True
        if place in self._alike and not held.isdisjoint(wanted.head):
            return True
        return stated.belongs and stated.closeness >= self._constants.figure_share_changed * nearest

    def _read(self, place: int, wanted: Asked) -> Stated:
        """The figure of a turn that says "it" of what it belongs to."""
        fitting = [figure for figure in figures(self._texts[place].lower()) if figure.kind in wanted.kinds]
        return Stated(values=frozenset({fitting[-1].value}), is_change=True) if fitting else Stated()

    def _named(self, place: int) -> float:
        named = self._asking.named
        return len(named & stems(self._texts[place])) / len(named) if named else 0.0

    def _telling(self, place: int, *, opens: bool, ends: bool = False) -> Telling:
        at = float(self._pool.timestamp[place])
        return Telling(place, at, opens=opens, ends=ends, named=self._named(place))

    def _by_time(self, places: Collection[int]) -> list[int]:
        return sorted(places, key=lambda place: (float(self._pool.timestamp[place]), place))
