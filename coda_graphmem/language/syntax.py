"""Who and what stands where in a clause, by the labels of spaCy's parse; for all who read clauses."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

#: Tags of verbs, and of what may be finite.
VERB_TAGS = frozenset("VB VBD VBG VBN VBP VBZ".split())
FINITE_TAGS = VERB_TAGS | {"MD"}

_SUBJECTS = ("nsubj", "nsubjpass", "csubj", "expl")
_HELPING = ("aux", "auxpass")
#: Places by the labels of what fills them; a label itself is a place as well.
_LABELS = {
    "object": ("dobj", "dative"),
    "number": ("nummod",),
    "is": ("attr", "acomp", "oprd"),
    "subject": ("nsubj", "nsubjpass"),
    "that": ("ccomp",),
} | {
    label: (label,)
    for label in "amod advmod attr compound det npadvmod aux auxpass poss relcl appos dative acl prt".split()
}
_CALLED = ("call", "name", "title", "dub")
_PAST = frozenset("yesterday last ago since".split())
#: Adverbs another preposition may follow: "moved back to Rome".
_PARTICLES = frozenset("out back up over down".split())


def follow(token: Any, path: Sequence[str]) -> list[Any]:
    """What fills the place a path leads to, such as ``("is", "of")``: "CEO of **Acme**"."""
    found = [token]
    for step in path:
        found = [filler for one in found for filler in fill(one, step)]
    return found


def fill(token: Any, place: str) -> list[Any]:
    """What fills one place of a word.

    Args:
        place: A key of `_LABELS` or `_PLACES`, or a preposition. The head of ``rules.toml`` explains them.
    """
    if place in _LABELS:
        return [child for child in token.children if child.dep_ in _LABELS[place]]
    if place in _PLACES:
        return list(_PLACES[place](token))
    # "From Graz to Linz": a name behind "to" that the tagger takes for a verb.
    taken = [child for child in token.children if place == "to" and _is_name_for_a_verb(child)]
    return taken + [
        filler
        for child in token.children
        if child.dep_ in ("prep", "agent", "dative", "advmod", "prt", "advcl") and child.lower_ == place
        for filler in (*_objects(child), *(_deeper(child) if place in _PARTICLES else ()))
    ]


def _is_name_for_a_verb(token: Any) -> bool:
    return token.dep_ in ("advcl", "xcomp") and token.text[:1].isupper() and token.text.isalpha() and infinitive(token)


def own_subjects(verb: Any) -> list[Any]:
    """The subjects that hang on a verb itself: where two texts are compared, both are read alike whatever is missed."""
    return [child for child in verb.children if child.dep_ in _SUBJECTS]


def subjects(verb: Any) -> list[Any]:
    """The subjects of a verb, also where the parser hung them on its helping verb: a fact needs its subject."""
    return [child for holder in (verb, *auxiliaries(verb)) for child in own_subjects(holder)]


def auxiliaries(verb: Any) -> list[Any]:
    """The helping verbs of a verb, in order."""
    return [child for child in verb.children if child.dep_ in _HELPING]


def infinitive(verb: Any) -> bool:
    """Whether a verb stands with "to"."""
    return verb.tag_ == "VB" and any(child.tag_ == "TO" for child in verb.children)


def _objects(preposition: Any) -> list[Any]:
    return [child for child in preposition.children if child.dep_ in ("pobj", "pcomp")]


def _deeper(particle: Any) -> list[Any]:
    return [filler for child in particle.children if child.dep_ == "prep" for filler in _objects(child)]


def _called(token: Any) -> Iterator[Any]:
    """The name in "called Rex", of the verb or of the noun it stands with."""
    callers = [child for child in token.children if child.dep_ == "acl" and child.lemma_.lower() in _CALLED]
    if token.lemma_.lower() in _CALLED:
        callers.append(token)
    for caller in callers:
        for child in caller.children:
            if child.dep_ in ("oprd", "dobj", "attr", "ccomp", "acomp") and child.tag_ != "PRP":
                yield child


def _dates(token: Any) -> list[Any]:
    """First tokens of the dates below a verb."""
    dates = token.doc.user_data["dates"]
    return [t for t in token.subtree if t.i in dates and dates[t.i][0] == t.i]


def _coming_dates(token: Any) -> list[Any]:
    dates = token.doc.user_data["dates"]
    return [t for t in _dates(token) if _PAST.isdisjoint(w.lower_ for w in t.doc[slice(*dates[t.i])])]


def _infinitives(token: Any, labels: Iterable[str]) -> list[Any]:
    return [
        t
        for t in token.children
        if t.dep_ in labels
        and (infinitive(t) or (t.tag_ == "VBN" and any(child.tag_ == "TO" for child in t.children)))  # "to get married"
        and not subjects(t)
    ]


def _together(subject: Any) -> list[Any]:
    """Whoever the speaker does something with: "**Omar** and I", also where the parse parts them."""
    joined = [t for t in (subject, *subject.conjuncts) if t.tag_[:2] == "NN" and t.text[:1].isupper()]
    if not joined and subject.i > 1 and subject.nbor(-1).lower_ == "and" and subject.nbor(-2).tag_[:2] == "NN":
        joined = [subject.nbor(-2)] if subject.nbor(-2).text[:1].isupper() else []
    return joined


_AFTER = ("RB", "JJ", "NN", "NNS", "VBN", "FW")
_PLACES: Mapping[str, Callable[[Any], Iterable[Any]]] = {
    "verb": lambda token: [token],
    "called": _called,
    "date": _dates,
    "future date": _coming_dates,
    "to do": lambda token: _infinitives(token, ("xcomp", "acl", "advcl", "ccomp")),
    "before to do": lambda token: [t for t in _infinitives(token, ("advcl", "ccomp")) if t.i < token.i],
    # In "I quit smoking two years ago" it passes for a noun.
    "doing": lambda token: [
        t
        for t in token.children
        if (t.dep_ in ("xcomp", "pcomp", "attr", "advcl", "ccomp") and t.tag_ == "VBG")
        or (t.dep_ == "xcomp" and t.tag_ == "NN" and t.lower_.endswith("ing"))
    ],
    "together with": _together,
    # A noun the tagger does not know may pass for an adverb: "I don't like cilantro".
    "after": lambda token: [
        t
        for t in token.children
        if t.dep_ in ("advmod", "acomp", "oprd", "npadvmod") and t.i > token.i and t.tag_ in _AFTER
    ],
}
