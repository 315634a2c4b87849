"""Whether the words of a sentence tell what a thing is, costs or has, or what becomes of it."""

from dataclasses import dataclass
from functools import cache

from coda_graphmem.facts.signs import BEING, HAVING, Form, Words, signs_of_things, spread
from coda_graphmem.facts.table import load_table
from coda_graphmem.language.pronouns import OWN_SUBJECTS, OWNERS
from coda_graphmem.language.verbs import all_forms

#: Longer sentences about things, in which nobody tells of themselves, speak of too much.
_LONGEST_OF_OTHERS = 160
_ONESELF = OWN_SUBJECTS | OWNERS
_POINTED_AT = frozenset(("the", "this", "my", "our"))
_NAMES = frozenset("is called named".split())
_FAVORITES = frozenset("favorite favourite favorites favourites fave".split())
#: What happens to a figure, whatever it is of.
_TOLD_ALONE = frozenset("pay earn written built implemented upgraded switched moved version".split())
#: How one says for which tool another is given up.
_IN_FAVOR = frozenset("for with by favour favor".split())


def is_told_of_thing(words: Words, length: int) -> bool:
    """Whether a sentence tells something of a thing.

    Args:
        words: Its words.
        length: Its length in characters.
    """
    known, lists = words.known, _lists()
    if length > _LONGEST_OF_OTHERS and known.isdisjoint(_ONESELF):
        return False
    if not known.isdisjoint(OWNERS) and (not known.isdisjoint(_FAVORITES) or _is_of_own_thing(words)):
        return True
    if (_is_off(words) and not known.isdisjoint(lists.events)) or (words.has_name and _is_exchanged(known)):
        return True
    is_measured = words.has_figure or (words.has_name and not known.isdisjoint(lists.working))
    return is_measured and (_has_become(words) or _is_had(words))


def _is_off(words: Words) -> bool:
    """Whether something is called off: "cancelled", "the wedding **is off**"."""
    if not words.known.isdisjoint(_lists().cancelling):
        return True
    return any(
        low == "off" and at > 0 and (words.low[at - 1] in BEING or "call" in words.low[at - 1])
        for at, low in enumerate(words.low)
    )


def _is_exchanged(known: frozenset[str]) -> bool:
    """Whether somebody goes over from one tool to another: "we **moved from** MySQL **to** Postgres"."""
    lists = _lists()
    if "to" in known and not known.isdisjoint(lists.going_over):
        return "from" in known or not known.isdisjoint(lists.switching)
    return not known.isdisjoint(lists.giving_up) and not known.isdisjoint(_IN_FAVOR)


def _is_of_own_thing(words: Words) -> bool:
    """Whether a sentence says what the user's is, or has: "my **surname is Lund**", "our **flat has** a balcony"."""
    return "there" in words.known or any(
        _is_said_of(words, at, place)
        for at, low in enumerate(words.low)
        if low in OWNERS
        for place in range(at + 2, min(at + 7, len(words.low)))
    )


def _is_said_of(words: Words, at: int, place: int) -> bool:
    """Whether the word in a place is the verb of what is the user's by the word "my" in another."""
    verb = BEING.get(words.low[place], words.low[place])
    if verb in _NAMES and words.has_name:
        return True
    if verb in ("has", "have") and not _lists().had.isdisjoint(words.low[at + 1 : place]):
        return True
    return any(
        (nouns is None or not nouns.isdisjoint(words.known)) and sign.is_met(words, "", Form.ANY)
        for nouns, sign in signs_of_things().get(verb, ())
    )


def _has_become(words: Words) -> bool:
    """Whether something is, costs or has so much, or has become another: "**the rent went** up to 940"."""
    lists = _lists()
    for at, low in enumerate(words.low):
        if low in _POINTED_AT and not lists.becoming.isdisjoint(words.low[at + 2 : at + 7]):
            return True
        if low in lists.changing and not _POINTED_AT.isdisjoint(words.low[at + 1 : at + 4]):
            return True
        if low in ("it", "there") and at + 1 < len(words.low) and words.low[at + 1] in BEING:
            return True
    is_named = words.written[0][0].isupper() and words.low[0] not in load_table().words["nobody"]
    return is_named and not lists.becoming.isdisjoint(words.low[1:5])


def _is_had(words: Words) -> bool:
    """Whether somebody has a figure, or something with a day: "I'm on **2,900 a month**", "I've an interview at 9"."""
    lists = _lists()
    if not words.known.isdisjoint(_TOLD_ALONE) or (
        not words.known.isdisjoint(lists.figures) and not words.known.isdisjoint(OWN_SUBJECTS)
    ):
        return True
    return any(
        low in OWN_SUBJECTS
        and not lists.having.isdisjoint(words.low[at + 1 : at + 5])
        and (
            not words.known.isdisjoint(lists.events)
            or ("on" in words.low[at + 1 : at + 4] and not words.known.isdisjoint(("a", "per")))
        )
        for at, low in enumerate(words.low)
    )


@dataclass(frozen=True, slots=True)
class _Lists:
    """Words by which things are told of, of the table's."""

    cancelling: frozenset[str]
    events: frozenset[str]
    changing: frozenset[str]
    going_over: frozenset[str]
    giving_up: frozenset[str]
    switching: frozenset[str]
    working: frozenset[str]
    becoming: frozenset[str]
    having: frozenset[str]
    figures: frozenset[str]
    had: frozenset[str]


@cache
def _lists() -> _Lists:
    lists = load_table().words
    occurring = (verb.partition("-")[0] for verb in lists["occurring"] | lists["having"])
    cancelling = all_forms(verb for verb in (*lists["cancelling"], "forget", "ignore", "disregard") if "-" not in verb)
    cancelling |= all_forms(("postpone",))
    changing = all_forms(lists["changing"] | lists["going_over"])
    measuring = all_forms("cost use hold contain include cap limit renew ship require".split())
    return _Lists(
        cancelling=cancelling,
        events=spread(lists["events"] | lists["plannable"] | lists["once"] | lists["dated"]),
        changing=changing,
        going_over=all_forms(lists["going_over"]),
        giving_up=all_forms(lists["giving_up"]),
        switching=all_forms(("switch", "migrate")),
        working=all_forms(("run", "use", "require")) | {"written", "built", "implemented", "on", "to"},
        becoming=changing | all_forms(occurring) | measuring | frozenset(BEING) | cancelling,
        having=all_forms(lists["having"]) | frozenset(BEING) | HAVING,
        figures=spread(lists["figures"] | lists["personal_figures"]),
        had=lists["told_by_rules"],
    )
