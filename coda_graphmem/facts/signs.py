"""What the words of a sentence must be for a rule of the table to find something in it, whatever its parse may be.

The rules are the one place that says which verbs, in which tense and with what beside them, state something; signs are
made of them, so that a sentence is parsed where a rule could fit and is not where none can.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from coda_graphmem.facts.table import Path, Rule, WordTest, load_table
from coda_graphmem.language.dates import CALENDAR, MONTHS, WEEKDAYS
from coda_graphmem.language.verbs import forms_of

#: Forms of "to be", each with the one that rules are found by.
BEING = {
    **dict.fromkeys("am is are 'm 's 're ’m ’s ’re im be isn aren ain".split(), "is"),
    **dict.fromkeys("was were wasn weren".split(), "was"),
    "been": "been",
}
#: Forms of "to have".
HAVING = frozenset("have has had 've ’ve ive haven hasn hadn".split())


class Form:
    """How a verb stands behind its subject, as bits: the flags of ``enum`` would take half of the time."""

    FINITE = 1
    """By itself: "live", "moved"."""
    DOING = 2
    """Behind "to be": "am living"."""
    DONE = 4
    """Behind "have" or "to be": "have lived", "was hired"."""
    BASE = 8
    """Behind "do" or "used to"."""
    COMING = 16
    """Behind "will"."""
    ABLE = 32
    """Behind "can"."""
    ANY = 63


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a sentence."""

    written: Sequence[str]
    low: Sequence[str]
    known: frozenset[str]
    """All of them in lower case."""
    has_name: bool
    """Whether one beyond the first has a capital, or is written as a model is: "X1"."""
    has_figure: bool
    """Whether there is a number, or a day by its name."""
    has_time: bool
    """Whether there is this, or another time."""

    @classmethod
    def of(cls, written: Sequence[str]) -> "Words":
        """Words as they were written, in their order."""
        low = [word.lower() for word in written]
        known = _with_parts(low)
        has_figure = not known.isdisjoint(_FIGURES) or any(word[0] in _DIGITS for word in written)
        has_time = has_figure or not known.isdisjoint(_TIMES)
        return cls(written, low, known, _has_name(written, low), has_figure, has_time)

    def near(self, start: int, end: int) -> frozenset[str]:
        """The words between two places."""
        return _with_parts(self.low[start:end])

    @property
    def denies(self) -> bool:
        """Whether it may deny something."""
        return not self.known.isdisjoint(_DENYING)


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be in a sentence: one of some words."""

    words: frozenset[str]
    endings: tuple[str, ...] = ()

    def is_met(self, within: frozenset[str]) -> bool:
        """Whether it is among some words."""
        if not self.words.isdisjoint(within):
            return True
        return bool(self.endings) and any(
            low.endswith(self.endings) and len(low) > _SHORTEST_BY_ENDING and low not in _ENDING_ALIKE for low in within
        )


@dataclass(frozen=True, slots=True)
class Sign:
    """What one rule needs."""

    form: int
    needs: tuple[Need, ...] = ()
    needs_name: bool = False
    needs_name_next: bool = False
    needs_place: bool = False
    needs_figure: bool = False
    needs_denial: bool = False
    not_next: frozenset[str] = field(default=frozenset())
    """Words that must not follow the verb."""

    def is_met(self, words: Words, following: str, form: int, within: frozenset[str] | None = None) -> bool:
        """Whether a sentence has it.

        Args:
            following: The word behind the verb.
            form: How the verb stands.
            within: The words near the verb, where what is needed has to be; None for anywhere.
        """
        if not self.form & form:
            return False
        near = words.known if within is None else within
        return (
            (words.has_name or not self.needs_name)
            and (words.has_time or not self.needs_figure)
            and following.lower() not in self.not_next
            and (not self.needs_name_next or (following != "" and is_name(following)))
            and (not self.needs_place or words.has_name or not words.known.isdisjoint(_places()))
            and (not self.needs_denial or words.denies)
            and all(need.is_met(near) for need in self.needs)
        )


_DENYING = frozenset("not no never nor longer anymore 't n't nt without neither dont cant doesnt didnt isnt".split())
_NUMBERS = frozenset(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety""".split()
)
_DIGITS = frozenset("0123456789$€£")
#: Numbers and days.
_FIGURES = (
    _NUMBERS
    | {month for month in MONTHS if len(month) > 2 and month not in ("may", "march")}
    | frozenset(WEEKDAYS)
    | frozenset(f"{day}s" for day in WEEKDAYS)
    | frozenset("tomorrow noon midnight".split())
)
_TIMES = frozenset(
    "today tonight week month year weekend half first second third spring summer autumn fall winter".split()
)
_SHORTEST_BY_ENDING = 4
#: End as occupations do.
_ENDING_ALIKE = frozenset(
    """never other another together better after under over later either neither whether rather however ever number
    matter summer winter dinner weather river paper water order longer older younger bigger smaller easier harder
    forever remember wonder consider computer power super offer former list cover letter member mother father brother
    sister daughter woman human minor finger shoulder cancer""".split()
)
#: Behind a verb they stand for its object, which only what was said before tells.
_PRONOUNS = frozenset("it them you him me us how what when if your yourself".split())
_POINTED_AT = frozenset("the all this that these those to about".split())
#: Steps of a path that are no prepositions.
_PLACES = frozenset(
    """object is to_do doing that called subject verb date number after amod advmod attr compound det npadvmod aux
    auxpass poss relcl appos dative acl prt nmod""".split()
) | {"to do", "future date", "before to do", "together with"}
_NAMED = frozenset("proper company person called named somebody brand branded tool".split())
_FIGURED = frozenset("figure count sum money age date".split())


def _with_parts(words: Sequence[str]) -> frozenset[str]:
    """Words, and the parts of those with a hyphen."""
    return frozenset(words).union(*(word.split("-") for word in words if "-" in word))


def _has_name(written: Sequence[str], low: Sequence[str]) -> bool:
    pairs = zip(written[1:], low[1:], strict=True)
    return any((word != lower or not lower.isalpha()) and is_name(word) for word, lower in pairs)


def is_name(word: str) -> bool:
    """Whether a word within a sentence is written as a name, or as a model is."""
    if word in CALENDAR or word == "I":
        return False
    return word[0].isupper() or word[1:] != word[1:].lower() or (word[0].isalpha() and any(map(str.isdigit, word)))


@cache
def signs() -> Mapping[str, tuple[Sign, ...]]:
    """The signs of rules of somebody, by the forms of their verbs."""
    return _collected(rule for rule in load_table().rules if _is_about(rule, ("self", "user")))


@cache
def signs_of_things() -> Mapping[str, tuple[tuple[frozenset[str] | None, Sign], ...]]:
    """The signs of rules of what somebody has ("my job"), by the forms of their verbs, each with the words for it."""
    found: defaultdict[str, list[tuple[frozenset[str] | None, Sign]]] = defaultdict(list)
    for rule in load_table().rules:
        for test in rule.subject if rule.attribute is not None else ():
            if test.owner == "own":
                for verb, sign in _signs(rule):
                    found[verb].append((None if test.nouns is None else spread(test.nouns), sign))
    return {verb: tuple(each) for verb, each in found.items()}


@cache
def signs_of_others() -> Mapping[str, tuple[Sign, ...]]:
    """The signs of what others do to the user ("they **promoted** me"), by the forms of the verbs."""
    return _collected(rule for rule in load_table().rules if _is_about(rule, ("me",)))


def _is_about(rule: Rule, owners: Sequence[str]) -> bool:
    return rule.attribute is not None and any(test.owner in owners for test in rule.subject)


def _collected(rules: Iterable[Rule]) -> Mapping[str, tuple[Sign, ...]]:
    found: defaultdict[str, dict[Sign, None]] = defaultdict(dict)
    for rule in rules:
        for verb, sign in _signs(rule):
            found[verb][sign] = None
    return {verb: tuple(each) for verb, each in found.items()}


def _signs(rule: Rule) -> Iterable[tuple[str, Sign]]:
    """What a rule needs, for each form of each of its verbs."""
    times = rule.time | {"past"} if rule.over else rule.time
    needs = tuple(_needs(rule))
    is_direct = bool(rule.value) and all(path[0] in ("object", "doing", "after") for path in rule.value)
    is_passive = ("auxpass",) in rule.where
    for name in sorted(rule.verb or ()):
        verb, _, particle = name.partition(" ")
        if is_passive and verb == "be":
            continue  # helps the verb, and is none of its own
        forms = forms_of(verb)
        kinds: defaultdict[str, int] = defaultdict(int)
        if "present" in times and rule.progressive is not True and not is_passive:
            for form in forms.plain:
                kinds[form] |= Form.FINITE
        if not times.isdisjoint(("present", "perfect")) and rule.progressive is not False and not is_passive:
            for form in forms.doing:
                kinds[form] |= Form.DOING
        if "past" in times and not is_passive:
            for form in forms.past:
                kinds[form] |= Form.FINITE
        for form in forms.done:
            kinds[form] |= Form.DONE
        if not is_passive:
            kinds[verb] |= Form.BASE if times & {"present", "past"} else 0
            kinds[verb] |= Form.COMING if "future" in times else 0
            kinds[verb] |= Form.ABLE if "can" in rule.modal else 0
        for form, kind in kinds.items():
            yield (
                form,
                Sign(
                    kind,
                    (Need(frozenset({particle})), *needs) if particle else needs,
                    needs_name=rule.shape in _NAMED,
                    needs_name_next=rule.shape == "somebody",
                    needs_place=rule.shape == "place",
                    needs_figure=rule.shape in _FIGURED or ("future date",) in rule.where,
                    needs_denial=rule.negated == "yes",
                    not_next=_PRONOUNS | (_POINTED_AT if rule.shape == "liked" else frozenset())
                    if is_direct
                    else frozenset(),
                ),
            )


def _needs(rule: Rule) -> Iterable[Need]:
    if rule.among is not None:
        yield _need(rule.among)
    ways = [_preposition(path) for path in rule.value]
    if ways and all(ways):
        yield Need(frozenset(ways))
    for path, test in rule.where.items():
        if test is not None and path[0] != "auxpass" and path != ("subject",):
            yield _need(test)
        elif test is None and (way := _preposition(path)):
            yield Need(frozenset({way}))
    for one_of in (rule.adverb, rule.quality):
        if one_of is not None:
            yield Need(spread(one_of))


def _preposition(path: Path) -> str:
    if "to do" in path:
        return "to"
    return next((step for step in path if step not in _PLACES), "")


def _need(test: WordTest) -> Need:
    digits = tuple(ending for ending in test.endings if ending.isdigit())
    words = spread(test.words) | (_NUMBERS | frozenset(map(str, range(120))) if digits else frozenset())
    return Need(words, () if digits else test.endings)


def spread(words: Iterable[str]) -> frozenset[str]:
    """Words with their plurals, and the last part of those that are joined by a hyphen."""
    found: set[str] = set()
    for word in words:
        for part in {word, word.rpartition("-")[2]}:
            found |= {part, f"{part}s", f"{part}es"}
            if part.endswith("y"):
                found.add(f"{part[:-1]}ies")
    return frozenset(found)


@cache
def _places() -> frozenset[str]:
    return spread(load_table().words["places"])
