"""Puts right what the parse of a short text often gets wrong: nouns it takes for verbs, words with a hyphen, tenses."""

from dataclasses import dataclass
from typing import Any

from coda_graphmem.language.verbs import irregular_pasts

#: Verbs that help none of these, and pass for helping ones before a noun that the tagger does not know.
_LIKING = frozenset("like love hate prefer".split())
_HAVING = frozenset("have".split())
_NOUNS_AS_WELL = frozenset(
    "work study love hate play drive volunteer coach teach dance cook run live drink speak".split()
)
_SHORTEST_PAST = 3
#: Participles that are written as their verb is.
_ALIKE = frozenset(
    """put cut read run come become overcome hit set let quit shut cost hurt split beat bet burst cast spread bid rid
    fit reset upset""".split()
)
#: As the past ends of verbs that the lemmatizer does not know: "rewrote".
_ENDS_OF_PASTS = tuple(sorted(past for past in irregular_pasts() if len(past) > _SHORTEST_PAST))
#: How the parse has the parts of a word with a hyphen.
_PARTS = frozenset("compound amod nmod advmod punct nummod".split())


@dataclass(slots=True)
class _Parse:
    """The labels of a parse, which may be changed."""

    heads: list[int]
    deps: list[str]
    tags: list[str]
    lemmas: list[str]


def mended(doc: Any) -> Any:
    """The parse with nouns for what it wrongly takes for verbs, verbs for a few nouns, and words with a hyphen in one.

    "I live in Turin, **work** as a welder": a joined verb that may be a noun passes for one.

    Args:
        doc: spaCy's parse. It stays as it is, and is what is given back where nothing is wrong with it.
    """
    tags = _mended_tags(doc)
    wrong = [t for t in doc if t.dep_ == "aux" and _helps_nothing(t, tags)]
    hyphened = [words for words in _hyphened(doc) if not _is_one(words)]
    if not wrong and not hyphened and all(t.tag_ == tag for t, tag in zip(doc, tags, strict=True)):
        return doc
    parse = _Parse([t.head.i for t in doc], [t.dep_ for t in doc], tags, [t.lemma_ for t in doc])
    for verb in wrong:
        _make_noun(verb, parse)
    for words in hyphened:
        _make_one(words, parse)
    from spacy.tokens import Doc  # was imported with the model

    found = Doc(
        doc.vocab,
        words=[t.text for t in doc],
        spaces=[bool(t.whitespace_) for t in doc],
        heads=parse.heads,
        deps=parse.deps,
        tags=parse.tags,
        lemmas=parse.lemmas,
        ents=[f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in doc],
    )
    found.user_data.update(doc.user_data)
    return found


def _mended_tags(doc: Any) -> list[str]:
    """The tags of all words, those of verbs in the present mended."""
    tags = [t.tag_ for t in doc]
    for token in doc:
        if _is_joined_verb(token, tags) or _is_in_present(token):
            tags[token.i] = "VBP"
    return tags


def _make_noun(verb: Any, parse: _Parse) -> None:
    """What a verb passes for a helper of is what it has: "I like **techno**"."""
    noun = verb.head
    for child in noun.children:
        if child.i < verb.i or (child != verb and child.dep_ not in ("det", "amod", "compound", "nummod", "poss")):
            parse.heads[child.i] = verb.i
    parse.heads[verb.i] = verb.i if noun.head == noun else noun.head.i
    parse.deps[verb.i] = noun.dep_
    parse.heads[noun.i], parse.deps[noun.i], parse.tags[noun.i] = verb.i, "dobj", "NN"
    parse.lemmas[noun.i] = noun.lower_


def _hyphened(doc: Any) -> list[list[Any]]:
    """Words that are written with a hyphen, each with its parts and hyphens: "e-bike", "left-handed"."""
    found: list[list[Any]] = []
    for hyphen in doc[1:-1]:
        if hyphen.text != "-" or hyphen.whitespace_ or hyphen.nbor(-1).whitespace_:
            continue
        before, after = hyphen.nbor(-1), hyphen.nbor()
        if not (before.is_alpha and after.is_alpha):
            continue
        if found and found[-1][-1] == before:
            found[-1] += [hyphen, after]
        else:
            found.append([before, hyphen, after])
    return [words for words in found if words[-1].tag_[:2] in ("NN", "JJ", "VB")]


def _is_one(words: list[Any]) -> bool:
    """Whether the parse has a word with a hyphen as one, or others know what becomes of it: "mother-in-law"."""
    return words[-1].lower_ == "law" or all(t.head == words[-1] and t.dep_ in _PARTS for t in words[:-1])


def _make_one(words: list[Any], parse: _Parse) -> None:
    """The last part of a word with a hyphen stands for it, in the place of the one that the parse has for it."""
    last, inside = words[-1].i, {t.i for t in words}
    # Of its parts the one that hangs on none of them, however many words there are between.
    first = next(t for t in words if inside.isdisjoint(_above(t.i, parse.heads)))
    is_root = parse.heads[first.i] == first.i
    head, dep = (last if is_root else parse.heads[first.i]), parse.deps[first.i]
    for at, above in enumerate(parse.heads):
        if above in inside and at not in inside:
            parse.heads[at] = last
    for part in words[:-1]:
        parse.heads[part.i] = last
        parse.deps[part.i] = "punct" if part.text == "-" else "compound"
    parse.heads[last], parse.deps[last] = head, dep
    being = next((t for t in words[0].doc if parse.heads[t.i] == last and t.lemma_ == "be" and t.i < words[0].i), None)
    if dep == "ROOT" and being is not None and parse.tags[last][:2] != "NN":
        _make_quality(last, being.i, parse)


def _above(at: int, heads: list[int]) -> set[int]:
    """The words that a word hangs on."""
    found: set[int] = set()
    while heads[at] != at:
        at = heads[at]
        found.add(at)
    return found


def _make_quality(word: int, being: int, parse: _Parse) -> None:
    """What somebody is by a participle is how they are: "I am **left-handed**"."""
    start = word
    while start > 0 and parse.heads[start - 1] == word and parse.deps[start - 1] in ("compound", "punct"):
        start -= 1
    for at, above in enumerate(parse.heads):
        if above == word and not start <= at <= word:
            parse.heads[at] = being
            parse.deps[at] = "nsubj" if parse.deps[at] == "nsubjpass" else parse.deps[at]
    parse.heads[being], parse.deps[being] = being, "ROOT"
    parse.heads[word], parse.deps[word], parse.tags[word] = being, "acomp", "JJ"


def _is_in_present(token: Any) -> bool:
    """Whether a verb that passes for the past is written as in the present, where its past is another: "I **brew**"."""
    is_alike = token.tag_ == "VBD" and token.lower_ == token.lemma_
    return is_alike and token.lower_ not in _ALIKE and not token.lower_.endswith(("ed", *_ENDS_OF_PASTS))


def _is_joined_verb(token: Any, tags: list[str]) -> bool:
    """Whether a word that passes for a noun is joined to a verb, and may be one.

    Args:
        tags: Of all words, mended of those before it.
    """
    return (
        token.dep_ == "conj"
        and token.tag_ == "NN"
        and token.lower_ in _NOUNS_AS_WELL
        and tags[token.head.i] in ("VBP", "VBZ", "VBD")
        and not any(t.dep_ in ("det", "poss", "amod") for t in token.children)
    )


def _helps_nothing(verb: Any, tags: list[str]) -> bool:
    noun, tag = verb.head, tags[verb.head.i]
    is_liked = verb.lemma_ in _LIKING and tag == "VBZ"  # "The kids love **pancakes**"
    if noun.i < verb.i or not (is_liked or tag in ("VB", "VBN", "VBP")):
        return False
    if any(t.dep_ in ("aux", "auxpass") and t.i > verb.i for t in noun.children):
        return False
    if verb.lemma_ in _LIKING:
        return True
    is_participle = tag == "VBN" and (noun.lemma_ != noun.lower_ or noun.lower_ in _ALIKE)
    return verb.lemma_ in _HAVING and not is_participle and not any(t.dep_ in ("dobj", "ccomp") for t in noun.children)
