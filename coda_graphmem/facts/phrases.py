"""The words of a value: a noun with what belongs to it, or a verb with what follows."""

from collections.abc import Collection
from itertools import takewhile
from typing import Any

from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.syntax import follow, subjects
from coda_graphmem.language.words import BEFORE_VALUES

_ASIDE = ("relcl", "advcl", "parataxis", "intj", "cc", "preconj", "punct", "mark", "ccomp")
_OF_CLAUSES = ("nsubj", "aux", "auxpass", "neg", "npadvmod")
_EDGES = frozenset(
    "too also either though now currently today again anymore lol haha please right yet already btw atm".split()
)
#: Prepositions that belong to a value, by its extent.
_PREPOSITIONS = {"name": ("of",), "place": ("of", "in", "near", "outside", "on")}
_NAMES = ("NNP", "NNPS")
_MEASURES = frozenset("DATE TIME MONEY CARDINAL QUANTITY ORDINAL PERCENT".split())
_THINGS = _MEASURES | frozenset("GPE LOC FAC ORG NORP PRODUCT WORK_OF_ART LANGUAGE EVENT LAW".split())
_PLACES = frozenset("GPE LOC FAC".split())


def value_span(head: Any, extent: str, dates: Collection[int]) -> tuple[int, int]:
    """First token of a value and the one after its last.

    Args:
        head: The word the value hangs on.
        extent: ``name``: with its modifiers and "of ..." only; ``place``: with "in ..." and the like as well;
            ``phrase``: all but side clauses; ``called``: the name after "called" where there is one, else as ``name``;
            ``rest``: all that follows in the sentence.
        dates: Tokens of dates, which do not belong to a value.
    """
    if extent == "rest":
        start, end = head.left_edge.i, head.sent.end
        while end - 1 > head.i and head.doc[end - 1].text in ".!?":
            end -= 1
        return start, end
    if extent == "called":
        named = follow(head, ("called",)) or [t for t in head.children if t.dep_ == "appos" and t.tag_ in _NAMES]
        head, extent = (named[0] if named else head), "name"
    wanted = (
        _verb_phrase(head)
        if head.tag_.startswith("V")
        and head.dep_ != "compound"
        and extent == "phrase"
        and not any(t.dep_ == "nummod" for t in head.children)
        else _noun_phrase(head, extent)
    )
    wanted -= {i for i in wanted if _is_dated(head.doc[i], head, dates)}
    start, end = _run(head.i, wanted)
    doc = head.doc
    while start < head.i and (
        doc[start].lower_ in BEFORE_VALUES
        or doc[start].is_punct
        or doc[start].lower_ in _EDGES
        or doc[start].dep_ in ("predet",)
    ):
        start += 1
    while end - 1 > head.i and (
        (doc[end - 1].is_punct and doc[end - 1].text not in (")", '"', "”", "%", "+", "#"))
        or doc[end - 1].lower_ in _EDGES
        or (doc[end - 1].dep_ in ("cc", "prep", "mark") and not list(doc[end - 1].children))
    ):
        end -= 1
    if end - 2 > head.i and doc[end - 2 : end].text.lower() == "at all":
        end -= 2  # "not a pilot **at all**"
    return start, end


def _noun_phrase(head: Any, extent: str) -> set[int]:
    wanted = {head.i}
    for child in head.children:
        if child.dep_ in _ASIDE and not (child.dep_ in ("cc", "punct") and _joins(child, head)):
            continue
        if child.dep_ in _OF_CLAUSES and head.dep_ in ("ROOT", "ccomp", "conj", "advcl"):
            continue
        if child.dep_ == "advmod" and child.i > head.i and head.dep_ in ("ROOT", "ccomp", "conj", "advcl"):
            continue
        if child.dep_ == "conj" and (child.tag_.startswith("V") or subjects(child)):
            continue
        if child.dep_ == "conj" and head.tag_ in _NAMES and any(t.dep_ == "poss" for t in child.children):
            continue  # "She works at Ikea and **our son** is five"
        if extent in _PREPOSITIONS and (
            child.dep_ in ("appos", "acl", "npadvmod")
            or (child.dep_ == "prep" and child.lower_ not in _PREPOSITIONS[extent])
        ):
            continue
        if child.dep_ == "conj":
            wanted |= _noun_phrase(child, extent)
        else:
            wanted |= {t.i for t in child.subtree}
    return wanted


def _verb_phrase(head: Any) -> set[int]:
    wanted = {head.i}
    for child in head.children:
        is_near = child.dep_ in ("advmod", "neg") and child.i == head.i - 1 and child.lower_ not in _EDGES
        # "Get married"
        is_helping = child.dep_ == "auxpass" and child.tag_ == "VB"
        if child.i < head.i and not (is_near or is_helping):
            continue
        if child.dep_ in ("intj", "parataxis") or (
            child.dep_ == "conj" and (subjects(child) or child.tag_ in ("VBP", "VBZ", "VBD"))
        ):
            continue
        if child.dep_ == "advcl" and any(
            t.dep_ in ("mark", "advmod") and t.lower_ not in ("to",) for t in child.children
        ):
            continue
        if child.dep_ == "cc" and not _joins(child, head):
            continue
        wanted |= {t.i for t in child.subtree}
    return wanted


def _joins(word: Any, head: Any) -> bool:
    """Whether a comma or "and" joins words of one value."""
    following = [t for t in head.children if t.dep_ == "conj" and t.i > word.i]
    if word.dep_ == "punct" and word.text not in (",", "-", "/", '"', "“", "”", "'", "&", "(", ")"):
        return False
    return (bool(following) and not subjects(following[0]) and following[0].tag_ not in ("VBP", "VBZ", "VBD")) or (
        word.dep_ == "punct" and word.text in ("-", "/")
    )


def _is_dated(token: Any, head: Any, dates: Collection[int]) -> bool:
    """Whether a word is part of a date that hangs below the value's head."""
    if head.i in dates or (
        token.i in dates and token.doc[slice(*token.doc.user_data["dates"][token.i])].root.dep_ == "poss"
    ):
        return False
    return (
        token.i in dates
        or (token.dep_ == "prep" and token.i != head.i and any(t.i in dates for t in token.children))
        or (token.dep_ == "det" and token.head.i in dates)
        or (token.lower_ in ("next", "last", "this") and token.dep_ == "amod" and token.head.i in dates)
    )


def _run(at: int, wanted: Collection[int]) -> tuple[int, int]:
    """The longest stretch without a gap around one token."""
    start, end = at, at + 1
    while start - 1 in wanted:
        start -= 1
    while end in wanted:
        end += 1
    return start, end


def joined(head: Any) -> list[Any]:
    """What is joined to a word behind it: "tea, **coffee** and **milk**"."""
    others = [t for t in head.conjuncts if t.i > head.i and head.doc[t.left_edge.i - 1].text != "&"]
    return [t for t in others if not head.tag_.startswith("NN") or t.tag_ not in ("VBN", "VBD", "VBZ", "VBP")]


def without_joined(head: Any, start: int, end: int) -> int:
    """The end of a value without those that are joined to it, which are values of their own."""
    others = [t for t in joined(head) if start <= t.i < end]
    if not others:
        return end
    until = min(t.left_edge.i for t in others)
    doc = head.doc
    while until > head.i + 1 and (doc[until - 1].is_punct or doc[until - 1].lower_ in ("and", "or", "&", "but", "not")):
        until -= 1
    return int(max(until, head.i + 1))


def with_article(words: str) -> str:
    """Words with "a" or "an" before them, by their first letter."""
    return f"{'an' if words[:1].lower() in 'aeiou' else 'a'} {words}"


def forms(token: Any) -> frozenset[str]:
    """How word lists may write a word: lower case, lemma, and joined to the word before it by a hyphen."""
    found = {token.lower_, token.lemma_.lower()}
    before = [t for t in token.lefts if t.dep_ in ("compound", "amod", "nmod", "punct")]
    chain = list(
        takewhile(lambda pair: pair[0].i == token.i - pair[1], zip(reversed(before), range(1, 4), strict=False))
    )
    joined = [t.lower_ for t, _ in reversed(chain) if t.text != "-"]
    if joined:
        found.add("-".join((joined[-1], token.lemma_.lower())))
        found.add("-".join((joined[-1], token.lower_)))
    return frozenset(found)


def is_proper(token: Any, *, at_start: bool = False) -> bool:
    """Whether a word is a name by its tag, its entity or its capital."""
    capital = token.text[:1].isupper() and (at_start or not token.is_sent_start)
    return not is_measure(token) and (
        token.tag_ in _NAMES
        or (bool(token.ent_type_) and token.text[:1].isupper())
        or capital
        or any(t.tag_ in _NAMES and t.dep_ == "compound" for t in token.children)
    )


def is_branded(token: Any) -> bool:
    """Whether a word is written like a make or a model: "X1", "iPhone", "Fiat **Panda**"."""
    inner = token.text[1:]
    return token.tag_[:2] in ("NN", "CD") and (
        inner != inner.lower()
        or (token.text[:1].isalpha() and any(map(str.isdigit, inner)))
        or any(t.tag_ in _NAMES and t.dep_ in ("compound", "nmod") for t in token.children)
    )


def is_measure(token: Any) -> bool:
    """Whether a word belongs to an amount or a time."""
    return token.ent_type_ in _MEASURES


def is_person(token: Any) -> bool:
    """Whether a word is a person's name, as far as capitals and entities tell."""
    if token.tag_ not in _NAMES and token.ent_type_ != "PERSON":
        return False
    if not token.text[:1].isupper() or not token.is_alpha or any(t.dep_ == "det" for t in token.children):
        return False
    return token.ent_type_ == "PERSON" or token.ent_type_ not in _THINGS


def is_called(token: Any) -> bool:
    """Whether a word is somebody's name where only people stand: "I share a flat with **Ivo**"."""
    return is_person(token) or (
        token.tag_ in _NAMES
        and token.ent_type_ in ("", "ORG", "PRODUCT", "WORK_OF_ART", "FAC")
        and is_written_as_name(token)
        and not token.text.isupper()
        and not any(t.dep_ in ("det", "compound") for t in token.children)
    )


def is_written_as_name(token: Any) -> bool:
    """Whether a word beside somebody's relation is their name by its capital: "my best friend **Tunde**"."""
    return (
        token.tag_[:2] == "NN"
        and token.text[:1].isupper()
        and token.is_alpha
        and not token.is_sent_start
        and token.text not in CALENDAR
    )


def is_place(token: Any, places: Collection[str]) -> bool:
    """Whether a word is the name of a place, or a sort of place."""
    if is_measure(token):
        return False
    if token.ent_type_ in _PLACES or not forms(token).isdisjoint(places):
        return True
    return (
        token.tag_ in _NAMES
        and token.text[:1].isupper()
        and token.ent_type_ not in ("PERSON", "ORG", "NORP", "PRODUCT", "WORK_OF_ART", "LANGUAGE", "EVENT")
    )


def plain_text(doc: Any, start: int, end: int) -> str:
    """Tokens as they are written, on one line."""
    return " ".join(doc[start:end].text.split())
