"""Who and what stands where in a clause, by spaCy's dependency labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

#: Names of places by spaCy's labels of them.
_LABELS = {
    "object": ("dobj", "dative"),
    "is": ("attr", "acomp", "oprd"),
    "subject": ("nsubj", "nsubjpass"),
    "that": ("ccomp",),
}
_SUBJECTS = ("nsubj", "nsubjpass", "csubj", "expl")
#: Places that are spaCy's own labels.
_DEPENDENCIES = frozenset("amod advmod auxpass poss relcl appos dative acl".split())
_PAST = frozenset("yesterday last ago since".split())
_CALLED = ("call", "name", "title", "dub")


def follow(token: Any, path: Sequence[str]) -> list[Any]:
    """What fills the place a path leads to, such as ``("is", "of")``: "CEO of **Acme**"."""
    found = [token]
    for step in path:
        found = [filler for one in found for filler in fill(one, step)]
    return found


def fill(token: Any, place: str) -> list[Any]:
    """What fills one place of a word.

    Args:
        token: The governing word.
        place: A name of `_LABELS`, ``to`` for an infinitive or what stands after "to", ``doing`` for a gerund, ``called`` for a name
            ("a dog called **Rex**"), ``verb`` for the word itself, or a preposition.
    """
    children = list(token.children)
    if place == "verb":
        return [token]
    if place in _LABELS:
        return [child for child in children if child.dep_ in _LABELS[place]]
    if place == "called":
        return list(_called(token, children))
    if place == "date":
        return _dates(token)
    if place == "future date":
        return [
            t
            for t in _dates(token)
            if not _PAST.intersection(w.lower_ for w in t.doc[slice(*t.doc.user_data["dates"][t.i])])
        ]
    if place == "before to do":
        return [
            t for t in children if t.dep_ in ("advcl", "ccomp") and t.i < token.i and infinitive(t) and not subjects(t)
        ]
    if place == "after":
        # A noun the tagger does not know may pass for an adverb: "I don't like cilantro".
        return [
            child
            for child in children
            if child.dep_ in ("advmod", "acomp", "oprd", "npadvmod")
            and child.i > token.i
            and child.tag_ in ("RB", "JJ", "NN", "NNS", "VBN", "FW")
        ]
    if place in _DEPENDENCIES:
        return [child for child in children if child.dep_ == place]
    if place == "to do":
        return [
            child
            for child in children
            if child.dep_ in ("xcomp", "acl", "advcl", "ccomp") and infinitive(child) and not subjects(child)
        ]
    if place == "doing":
        return [
            child
            for child in children
            if child.dep_ in ("xcomp", "pcomp", "attr", "advcl", "ccomp") and child.tag_ == "VBG"
        ]
    return [
        filler
        for child in children
        if child.dep_ in ("prep", "agent", "dative", "advmod", "prt", "advcl") and child.lower_ == place
        for filler in (
            *_objects(child),
            *(
                o
                for deeper in child.children
                if deeper.dep_ == "prep" and place in ("out", "back", "up", "over", "down")
                for o in _objects(deeper)
            ),
        )
    ]


def _dates(token: Any) -> list[Any]:
    """First tokens of the dates below a verb."""
    dates = token.doc.user_data["dates"]
    return [t for t in token.subtree if t.i in dates and dates[t.i][0] == t.i]


def _objects(preposition: Any) -> list[Any]:
    return [child for child in preposition.children if child.dep_ in ("pobj", "pcomp")]


def _called(token: Any, children: Iterable[Any]) -> Iterable[Any]:
    if token.lemma_.lower() in _CALLED:
        yield from (
            child
            for child in children
            if child.dep_ in ("oprd", "dobj", "attr", "ccomp", "acomp") and child.tag_ != "PRP"
        )
    for child in children:
        if child.dep_ == "acl" and child.lemma_.lower() in _CALLED:
            yield from (c for c in child.children if c.dep_ in ("oprd", "dobj", "attr", "ccomp"))


def infinitive(verb: Any) -> bool:
    """Whether a verb stands with "to"."""
    return verb.tag_ == "VB" and any(child.tag_ == "TO" for child in verb.children)


def auxiliaries(verb: Any) -> list[Any]:
    """The helping verbs of a verb, in order."""
    return [child for child in verb.children if child.dep_ in ("aux", "auxpass")]


def subjects(verb: Any) -> list[Any]:
    """The subjects a verb has of its own."""
    # A parser may hang the subject on the helping verb.
    holders = (verb, *(child for child in verb.children if child.dep_ in ("aux", "auxpass")))
    return [child for holder in holders for child in holder.children if child.dep_ in _SUBJECTS]
