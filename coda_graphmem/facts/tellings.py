"""Whether the words of a sentence tell something of somebody, or say who is who, whatever their parse may be."""

import re
from collections.abc import Mapping
from functools import cache

from coda_graphmem.facts.regularity import is_regular
from coda_graphmem.facts.signs import BEING, HAVING, Form, Sign, Words, signs, signs_of_others, spread
from coda_graphmem.facts.table import load_table
from coda_graphmem.facts.thing_tellings import is_told_of_thing
from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.pronouns import OWNERS
from coda_graphmem.language.verbs import all_forms, forms_of, irregular, irregular_pasts, third_person_of

#: Words behind "to be" within which it is said what somebody is.
_NEAR = 8
#: Words between a subject and its verb at most.
_MOST_BETWEEN = 8
_SELF = frozenset("i we user im ive".split())
_HE_OR_SHE = frozenset("he she".split())
_TELLERS = _SELF | _HE_OR_SHE | OWNERS | {"the"}
_JOINING = frozenset(", ; and but so or because as since - – — where that".split())
_BEFORE_NAMES = _JOINING | frozenset('. ! ? : ( " “'.split())
_DOING = frozenset("do does did don doesn didn dont doesnt didnt".split())
_PHONE = re.compile(r"\d[\d ()/.-]{5,}\d")
_MINE = OWNERS | frozenset(("i", "we", "me", "us", "user", "his", "her", "'s", "’s"))


def is_told(words: Words, sentence: str, *, follows: bool) -> bool:
    """Whether a sentence tells something.

    Args:
        words: Its words.
        sentence: The same as it was written.
        follows: Whether the sentence before it may tell something, so that "he" is whom that names.
    """
    return (
        _is_told_of_somebody(words, sentence, follows=follows)
        or _is_told_who(words, sentence)
        or is_told_of_thing(words, len(sentence))
    )


# ------------------------------------------------------------------------------------------------- somebody


def _is_told_of_somebody(words: Words, sentence: str, *, follows: bool) -> bool:
    known, has_subject = signs(), False
    for at, low in enumerate(words.low):
        start, form = _after_subject(words, at, follows=follows or has_subject), Form.FINITE
        is_named = start is not None
        if start is not None:
            has_subject = True
        elif has_subject and low in _JOINING:
            start = at + 1
        elif at == 0 and low in load_table().words["without_subject"]:
            start, form = 0, Form.ANY
        if start is None:
            continue
        if _is_told_by_verb(words, start, known, form=form):
            return True
        if is_named and _may_have_habits(words, at) and _is_habit(words, start, sentence, by_user=low in _SELF):
            return True
    return _is_denied(words, known) or _is_done_to_user(words)


def _is_denied(words: Words, known: Mapping[str, tuple[Sign, ...]]) -> bool:
    """Whether a sentence begins with what somebody is not: "**Not a fan** of opera"."""
    if words.low[0] != "not" and words.low[:2] != ["no", "longer"]:
        return False
    near = words.near(0, _NEAR)
    return any(sign.is_met(words, "", Form.FINITE, near) for sign in known["is"]) or _is_told_by_verb(
        words, 1, known, form=Form.ANY
    )


def _after_subject(words: Words, at: int, *, follows: bool) -> int | None:
    """Where the verb may begin of whom a word begins to name; None for no subject."""
    low = words.low[at]
    if low in _SELF and words.written[at] != "user":
        return at if low in BEING or low in HAVING else at + 1
    if low in _HE_OR_SHE and follows:
        return at + 1
    if low in OWNERS:
        return _after_owned(words, at)
    if low == "the" and words.low[at + 1 : at + 2] and words.low[at + 1] in load_table().words["own_by_the"]:
        return at + 2
    if may_be_name(words, at) and (at == 0 or words.low[at - 1] in _BEFORE_NAMES):
        return _after_names(words, at + 1)
    return None


def _after_owned(words: Words, at: int) -> int | None:
    """Where the verb of somebody begins who is the user's: "my **sister Mia lives**"."""
    ours = _people() | pets()
    noun = next((place for place in range(at + 1, min(at + 5, len(words.low))) if words.low[place] in ours), None)
    return None if noun is None else _after_names(words, noun + 1)


def _after_names(words: Words, at: int) -> int:
    while at < len(words.low) and (may_be_name(words, at) or words.low[at] == ","):
        at += 1
    if at + 1 < len(words.low) and words.low[at] == "and" and may_be_name(words, at + 1):
        return _after_names(words, at + 1)
    return at


def may_be_name(words: Words, at: int) -> bool:
    """Whether a word may be somebody's name by its capital, wherever it stands."""
    word = words.written[at]
    return word[0].isupper() and word not in CALENDAR and words.low[at] not in load_table().words["nobody"]


def _is_told_by_verb(words: Words, at: int, known: Mapping[str, tuple[Sign, ...]], *, form: int) -> bool:
    """Whether a verb that begins here, behind its helpers, tells something."""
    helping, words_of = _helping(), load_table().words
    supposing, beside = words_of["supposing_verbs"], words_of["beside_verbs"]
    for place in range(at, min(at + _MOST_BETWEEN, len(words.low))):
        low = words.low[place]
        if low in supposing:
            return False
        following = words.written[place + 1] if place + 1 < len(words.low) else ""
        if low == "gonna" or (low == "going" and following == "to"):
            then = words.low[place + 2 - (low == "gonna") : place + 3]
            if then and then[0] not in words_of["no_plans"]:
                return True
        elif (found := known.get(BEING.get(low, low))) is not None:
            near = words.near(place + 1, place + _NEAR) if low in BEING else None
            if any(sign.is_met(words, following, form, near) for sign in found):
                return True
        if low in helping:
            form = helping[low]
        elif low not in beside and not low.endswith("ly"):
            return False
    return False


def _may_have_habits(words: Words, at: int) -> bool:
    """Whether a word begins to name somebody, in a clause of its own: "Casting pots" and "how I work" do not."""
    if at and words.low[at - 1] in load_table().words["subordinating"]:
        return False
    return words.low[at] in _TELLERS or not words.low[at].endswith(("ing", "s", "ly"))


def _is_habit(words: Words, at: int, sentence: str, *, by_user: bool) -> bool:
    """Whether a verb that no rule knows may tell of a habit: it stands in the present, with something behind it."""
    place, is_helped, is_doing = at, False, False
    while place < len(words.low):
        low = words.low[place]
        is_helped = is_helped or low in _DOING
        is_doing = is_doing or low in _phases() or low == "been"
        if not (low in _before_habits() or low.endswith("ly")):
            break
        place += 1
    if place >= len(words.low) or not words.low[place].isalpha() or words.written[place] != words.low[place]:
        return False
    if not _may_be_habit(low, is_doing=is_doing, is_plain=by_user or is_helped):
        return False
    if place + 1 >= len(words.low) or not words.low[place + 1].isalpha() or words.low[place + 1] in _JOINING:
        return low in load_table().words["abilities"]
    if words.low[place + 1] in load_table().words["no_habitual_objects"]:
        return False
    return low not in _many_sided() or is_regular(sentence)


def _may_be_habit(verb: str, *, is_doing: bool, is_plain: bool) -> bool:
    """Whether a word is a verb in the present that may tell of a habit.

    Args:
        is_doing: Whether it is said that one began, stopped or has been at it.
        is_plain: Whether it may stand without -s.
    """
    if verb in _no_habits() or verb in irregular_pasts() or verb.endswith("ed"):
        return False
    if verb.endswith("ing") and verb not in irregular():
        return is_doing
    return is_plain or verb.endswith("s")


def _is_done_to_user(words: Words) -> bool:
    """Whether somebody does something to the user: "they **promoted me**"."""
    if words.known.isdisjoint(("me", "us", "my", "our")):
        return False
    known = signs_of_others()
    return any(
        sign.is_met(words, "", Form.ANY) for low in words.low if low in known for sign in known[low]
    ) or not words.known.isdisjoint(_teaching())


# ------------------------------------------------------------------------------------------------- who somebody is


def _is_told_who(words: Words, sentence: str) -> bool:
    """Whether a sentence says who somebody is to the user or what a pet is called, and how one is reached."""
    known, words_of = words.known, load_table().words
    is_reached = "@" in sentence or (
        not known.isdisjoint(words_of["ways_to_reach"]) and _PHONE.search(sentence) is not None
    )
    if is_reached or ("my" in known and "pronouns" in known) or (words.has_name and {"call", "me"} <= known):
        return True
    if not known.isdisjoint(pets()) and (_is_owned(words, pets()) or not known.isdisjoint(words_of["naming"])):
        return True
    if known.isdisjoint(_people()):
        return False
    if words.has_figure and "the" in known and not known.isdisjoint(words_of["acquaintances"]):
        return True  # "The dentist can see me on the 21st"
    is_named = words.has_name or may_be_name(words, 0) or not known.isdisjoint(_parting())
    return is_named and not known.isdisjoint(_MINE)


def _is_owned(words: Words, nouns: frozenset[str]) -> bool:
    return any(low in OWNERS and not nouns.isdisjoint(words.low[at + 1 : at + 4]) for at, low in enumerate(words.low))


@cache
def _phases() -> frozenset[str]:
    """Verbs that say of another that it begins, goes on or ends."""
    return all_forms(load_table().words["phases"])


@cache
def _helping() -> Mapping[str, int]:
    """How a verb stands behind each word that helps it."""
    return {
        **dict.fromkeys(_phases(), Form.ANY),
        **dict.fromkeys(BEING, Form.DOING | Form.DONE),
        **dict.fromkeys(HAVING, Form.DONE),
        **dict.fromkeys(_DOING, Form.BASE),
        **dict.fromkeys("will 'll ’ll won wont shall gonna".split(), Form.COMING),
        **dict.fromkeys("can cannot cant".split(), Form.ABLE),
    }


@cache
def _before_habits() -> frozenset[str]:
    """What stands before the verb of a habit."""
    return load_table().words["beside_verbs"] | _DOING | _phases() | HAVING | frozenset(("been",))


@cache
def _people() -> frozenset[str]:
    words = load_table().words
    return spread(words["relatives"] | words["acquaintances"] | words["people_of_ones_own"])


@cache
def pets() -> frozenset[str]:
    """Words for pets."""
    return spread(load_table().words["pets"])


@cache
def _parting() -> frozenset[str]:
    """What people do who are no longer what they were."""
    words = load_table().words
    return all_forms(verb.partition("-")[0] for verb in words["ending"] | words["parting"] | words["changing_places"])


@cache
def _teaching() -> frozenset[str]:
    """What others do to the user, as no rule lists it."""
    return frozenset(map(third_person_of, load_table().words["teaching"]))


@cache
def _no_habits() -> frozenset[str]:
    """Words that no habit is told by: verbs of a moment, in the forms of the present, and what is no verb."""
    words = load_table().words
    found = set(words["no_verbs"])
    for verb in words["passing"]:
        found |= forms_of(verb).plain | forms_of(verb).doing
    return frozenset(found)


@cache
def _many_sided() -> frozenset[str]:
    return frozenset(form for verb in load_table().words["many_sided"] for form in forms_of(verb).plain)
