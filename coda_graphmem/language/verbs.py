"""How verbs are inflected, for those who look for them in texts that nobody has parsed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from coda_graphmem.language.tables import table

_VOWELS = frozenset("aeiou")


@dataclass(frozen=True, slots=True)
class Forms:
    """What a verb may look like; of a few ways to write a form all."""

    plain: frozenset[str]
    """In the present: "live", "lives"."""
    past: frozenset[str]
    done: frozenset[str]
    """The participle behind "have"."""
    doing: frozenset[str]


@cache
def forms_of(verb: str) -> Forms:
    """The forms of a verb by its base, in lower case."""
    stems = frozenset({verb, verb + verb[-1]}) if _may_double(verb) else frozenset({verb})
    past, done = irregular().get(verb, (frozenset[str](), frozenset[str]()))
    regular = frozenset(_with_ed(stem) for stem in stems)
    return Forms(
        plain=frozenset({verb, third_person_of(verb)}),
        past=past or regular,
        done=done or past or regular,
        doing=frozenset(_with_ing(stem) for stem in stems),
    )


def all_forms(verbs: Iterable[str]) -> frozenset[str]:
    """Every form of some verbs, by their bases."""
    found: set[str] = set()
    for verb in verbs:
        forms = forms_of(verb)
        found |= forms.plain | forms.past | forms.done | forms.doing
    return frozenset(found)


def third_person_of(verb: str) -> str:
    """A verb as it stands with "she" in the present."""
    if verb in ("have", "be"):
        return {"have": "has", "be": "is"}[verb]
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2:-1] not in _VOWELS else f"{verb}s"


@cache
def irregular() -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """Past and participle of the verbs that are not inflected as most are, by their bases."""
    found = {}
    for line in table("verbs")["irregular"].split("\n"):
        if words := line.split():
            past = frozenset(words[1].split("/"))
            found[words[0]] = (past, frozenset(words[2].split("/")) if len(words) > 2 else past)
    return found


@cache
def irregular_pasts() -> frozenset[str]:
    """The forms of the past that do not end in -ed and are written otherwise than in the present."""
    return frozenset(form for verb, (past, _) in irregular().items() for form in past if form != verb)


def _may_double(verb: str) -> bool:
    is_closed = len(verb) > 2 and verb[-1] not in _VOWELS | frozenset("wxy") and verb[-2] in _VOWELS
    return is_closed and (verb[-3] not in _VOWELS or verb[-4:-2] == "qu")


def _with_ed(stem: str) -> str:
    if stem.endswith("e"):
        return f"{stem}d"
    return f"{stem[:-1]}ied" if stem.endswith("y") and stem[-2:-1] not in _VOWELS else f"{stem}ed"


def _with_ing(stem: str) -> str:
    if stem.endswith("ie"):
        return f"{stem[:-2]}ying"
    return f"{stem[:-1]}ing" if stem.endswith("e") and not stem.endswith(("ee", "oe", "ye")) else f"{stem}ing"
