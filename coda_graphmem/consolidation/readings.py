"""A text as the guards see it: words with their grammar, values, names and who does what, parsed once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from coda_graphmem.language.lexicon import (
    CLAIMS,
    COMPOUND_PREFIXES,
    IN_LAW,
    MODALITIES,
    QUANTIFIERS,
    TITLES,
    TWO_MEANINGS,
    bounds_of,
    unify,
)
from coda_graphmem.language.literals import Literals, find_literals
from coda_graphmem.language.negation import CONTRACTED, NEGATORS, count_negations, denied_words
from coda_graphmem.language.pipeline import parsing_pipeline
from coda_graphmem.language.pronouns import PERSONS, PRONOUNS
from coda_graphmem.language.quantities import Quantity, find_quantities
from coda_graphmem.language.segments import Segments, segments
from coda_graphmem.language.syntax import FINITE_TAGS, VERB_TAGS, auxiliaries, own_subjects
from coda_graphmem.language.tense import Tenses, tenses
from coda_graphmem.language.words import LIGHT_WORDS, without_speaker

#: (governing word, relation): "what is chased" is ``("chase", "object")``.
Slot = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What comparing texts needs to know of one text. Words are unified lemmas (see `unify`)."""

    text: str
    """The text, without the speaker's name before it."""
    words: Counter[str]
    """Content words: nouns, verbs, adjectives, adverbs, names."""
    surfaces: Mapping[str, frozenset[str]]
    """How each content word is written, in lower case: "crowded" may be read as a form of "to crowd"."""
    particles: Counter[str]
    """Prepositions, particles and determiners."""
    forms: frozenset[str]
    """All words as they are written, in lower case: capitals keep a lemma from being found."""
    joined: frozenset[str]
    """Neighbouring words written as one, so that "sun glasses" meets "sunglasses"."""
    names: Mapping[str, str]
    """Words of names, and what each names: ``person``, ``place``, ``organization``, ``other`` or,
    for a proper noun that is no known entity, ``unknown``."""
    quantities: tuple[Quantity, ...]
    negations: int
    modalities: frozenset[str]
    """Keys of `lexicon.MODALITIES`, ``ordered`` of what is told to be done, ``formerly`` of what "used to" be and
    ``hypothetical`` of what would be."""
    persons: frozenset[str]
    """Which of ``i``, ``you``, ``he``, ``she`` the text speaks of."""
    subjects: frozenset[str]
    """Subjects of all verbs."""
    slots: Mapping[Slot, frozenset[str]]
    """Who or what fills each place: agent, object, preposition, modifier, owner."""
    segments: Segments
    """Its words by what they stand with."""
    tenses: Tenses
    """In which tenses each verb stands."""
    denied: frozenset[str]
    """What it denies."""
    quantifiers: frozenset[str]
    """Keys of `lexicon.QUANTIFIERS`."""
    bounds: frozenset[str]
    """Keys of `lexicon.BOUNDS`."""
    claims: Mapping[str, frozenset[str]]
    """Who is said to say or hold something, and which of `lexicon.CLAIMS` they do."""
    predicates: frozenset[str]
    """Main verbs that tell of somebody or something known: of the speaker, by a name, or as somebody's own."""
    counted: frozenset[str]
    """Nouns that a number counts."""
    complements: Mapping[str, frozenset[str]]
    """What follows a verb that means something else by it: ``to`` do, ``doing``, ``that`` somebody does."""
    literals: Literals
    is_past: bool
    """Whether its main verb tells of the past."""
    is_question: bool
    is_elliptic: bool
    """Whether its main verb has no subject, so that it speaks of whoever said it."""

    @property
    def present(self) -> frozenset[str]:
        """Its content words and whatever fills a place, pronouns among them."""
        return frozenset().union(self.words, *self.slots.values())

    @property
    def information(self) -> int:
        """How much it says: distinct content words and values, names counted twice."""
        return len(self.words) + len(self.names) + len(set(self.quantities))


_CONTENT = frozenset("NN NNS NNP NNPS JJ JJR JJS VB VBD VBG VBN VBP VBZ RB RBR RBS FW".split())
_PARTICLES = frozenset("IN RP TO DT PDT WDT WRB".split())
_NAMED = {"PERSON": "person", "ORG": "organization"}
_NAMED |= dict.fromkeys("GPE LOC FAC NORP".split(), "place")
_NAMED |= dict.fromkeys("PRODUCT EVENT WORK_OF_ART LANGUAGE LAW".split(), "other")
#: Which part of speech a word has to be to say how sure something is: not a month, not "an only child".
_MEANT = {"may": ("MD",), "only": ("RB",), "could": ("MD",)}


class Reader:
    """Parses English texts by spaCy's small model. May be called from several threads at once."""

    def read(self, texts: Sequence[str], speakers: Sequence[str | None] | None = None) -> list[Reading]:
        """Parse texts, about 2 ms each.

        Args:
            speakers: The speaker of each, or None; ``Name:`` at the start of a text is left out.
        """
        plain = [
            without_speaker(text, speaker).strip()
            for text, speaker in zip(texts, speakers or [None] * len(texts), strict=True)
        ]
        return parsing_pipeline().map(_reading, plain)


@lru_cache(maxsize=1)
def shared_reader() -> Reader:
    """The reader of this process: what takes seconds to load is loaded once."""
    return Reader()


def _reading(doc: Any) -> Reading:
    text: str = doc.text
    tokens = [token for token in doc if not token.is_space]
    lemmas = {token.i: unify(token.lemma_) for token in tokens}
    # The parts of a compound are found among the forms only.
    parts = _join_compounds(tokens, lemmas)
    content = [
        t
        for t in tokens
        if t.i not in parts
        and t.tag_ in _CONTENT
        and lemmas[t.i]
        and lemmas[t.i] not in LIGHT_WORDS
        and t.lower_ not in NEGATORS
    ]
    standing = {t.i: CONTRACTED.get(t.lower_) or _filler(t, lemmas) for t in tokens}
    root_verbs = [sent.root for sent in doc.sents if sent.root.tag_ in VERB_TAGS]
    return Reading(
        text=text,
        words=Counter(lemmas[t.i] for t in content),
        surfaces=_surfaces(content, lemmas),
        particles=Counter(
            lemmas[t.i]
            for t in tokens
            if t.i not in parts and (t.tag_ in _PARTICLES or (t.tag_ == "RB" and t.dep_ in ("prt", "advmod", "prep")))
        ),
        forms=frozenset(t.lower_ for t in tokens),
        joined=frozenset(_joined(tokens)),
        names=_names(doc, tokens, lemmas),
        quantities=find_quantities(text),
        negations=count_negations(tokens),
        modalities=_modalities(tokens),
        persons=frozenset(PERSONS[t.lower_] for t in tokens if t.lower_ in PERSONS),
        subjects=frozenset(_filler(t, lemmas) for t in tokens if t.dep_ in ("nsubj", "nsubjpass")),
        slots=_slots(tokens, lemmas),
        segments=segments(tokens, standing),
        tenses=tenses(tokens, lemmas),
        denied=denied_words(tokens, lemmas),
        quantifiers=_quantifiers(tokens),
        bounds=bounds_of(text),
        claims=_claims(tokens, lemmas),
        predicates=_predicates(root_verbs, lemmas),
        counted=frozenset(lemmas[t.head.i] for t in tokens if t.dep_ == "nummod" and t.head.tag_.startswith("NN")),
        complements=_complements(tokens, lemmas),
        literals=find_literals(text),
        is_past=any(_in_past(root) for root in root_verbs),
        is_question=text.rstrip().rstrip("\"'”’").endswith("?"),
        is_elliptic=not root_verbs or any(not own_subjects(root) for root in root_verbs),
    )


def _join_compounds(tokens: Sequence[Any], lemmas: dict[int, str]) -> set[int]:
    """Give nouns of kinship and the like their whole name, "mother-in-law", "ex-wife"; where their other parts are."""
    parts: set[int] = set()
    for i, token in enumerate(tokens[1:-1], start=1):
        before, after = tokens[i - 1], tokens[i + 1]
        if token.text != "-" or before.whitespace_ or token.whitespace_:
            continue
        if before.lower_ in COMPOUND_PREFIXES:
            lemmas[after.i] = f"{before.lower_}-{lemmas[after.i]}"
            parts |= {before.i, token.i}
        elif [t.lower_ for t in tokens[i + 1 : i + 4]] == ["in", "-", "law"]:
            lemmas[before.i] += IN_LAW
            parts |= {t.i for t in tokens[i : i + 4]}
    return parts


def _surfaces(content: Sequence[Any], lemmas: Mapping[int, str]) -> dict[str, frozenset[str]]:
    surfaces: defaultdict[str, set[str]] = defaultdict(set)
    for token in content:
        surfaces[lemmas[token.i]].add(unify(token.lower_))
    return {word: frozenset(written) for word, written in surfaces.items()}


def _is_headline(tokens: Sequence[Any]) -> bool:
    """Whether every word starts with a capital, so that capitals say nothing about names."""
    words = [t for t in tokens if t.is_alpha and len(t) > 3]
    return len(words) > 2 and sum(t.is_title or t.is_upper for t in words) > 0.7 * len(words)


def _names(doc: Any, tokens: Sequence[Any], lemmas: Mapping[int, str]) -> dict[str, str]:
    """What each word of a name names. Where every word is written large, only known entities count."""
    found = {}
    if not _is_headline(tokens):
        found = {
            lemmas[t.i]: "unknown"
            for t in tokens
            if t.tag_ in ("NNP", "NNPS") or (t.is_title and t.tag_ in _CONTENT - VERB_TAGS and not t.is_sent_start)
        }
    for entity in doc.ents:
        if entity.label_ in _NAMED:
            # Adjectives and verbs in an entity are mostly words that a headline writes large.
            found.update({lemmas[t.i]: _NAMED[entity.label_] for t in entity if t.tag_ in ("NNP", "NNPS", "NN", "JJ")})
    return {word: named for word, named in found.items() if word not in TITLES and word[:1].isalpha()}


def _joined(tokens: Sequence[Any]) -> Iterable[str]:
    for first, second in pairwise([token for token in tokens if token.text != "-"]):
        if first.is_alpha and second.is_alpha:
            yield first.lower_ + second.lower_
            yield first.lower_ + unify(second.lemma_)


def _modalities(tokens: Sequence[Any]) -> frozenset[str]:
    if not tokens:
        return frozenset()
    found = {
        modality
        for t in tokens
        for modality, words in MODALITIES.items()
        if (t.lower_ in words or (t.tag_ in VERB_TAGS and t.lemma_ in words)) and _meant(t)
    }
    for first, second, third in zip(tokens, tokens[1:], tokens[2:], strict=False):
        # "Is going to", "was to issue".
        if (first.lower_ == "going" or first.lemma_ == "be") and second.lower_ == "to" and third.tag_ == "VB":
            found.add("planned")
        elif first.lower_ == "used" and not auxiliaries(first) and second.lower_ == "to" and third.tag_ == "VB":
            found.add("formerly")
    for first, second in pairwise(tokens):
        if first.lower_ in ("would", "'d") and first.tag_ == "MD":
            found.add("wished" if second.lemma_ in ("like", "love") else "hypothetical")
        elif first.lemma_ == "have" and second.lower_ == "to":
            found.add("required")
    if any(sent.root.tag_ == "VB" and not own_subjects(sent.root) for sent in tokens[0].doc.sents):
        found.add("ordered")
    # What might be will be, if it is.
    return frozenset(found - {"planned"} if "possible" in found else found)


def _meant(token: Any) -> bool:
    """Whether a word is used as that which says how sure something is: "I plan to", not "the plans"."""
    if token.lower_ in ("about", "due", "scheduled"):  # "Due to speak", not "due to rain".
        return bool(token.i + 1 < len(token.doc) and token.nbor().tag_ == "TO")
    verb = not token.tag_.startswith("NN") or token.lemma_ == "attempt"
    return verb and token.tag_ in _MEANT.get(token.lower_, (token.tag_,))


def _claims(tokens: Sequence[Any], lemmas: Mapping[int, str]) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for token in tokens:
        if token.lower_ == "according":
            sources = [t for prep in token.children for t in prep.children if t.dep_ == "pobj"]
            for source in sources:
                found[_filler(source, lemmas)].add("says")
        kinds = {kind for kind, verbs in CLAIMS.items() if token.lemma_ in verbs} if token.tag_ in VERB_TAGS else set()
        if kinds and any(child.dep_ == "ccomp" for child in token.children):
            for source in own_subjects(token):
                found[_filler(source, lemmas)] |= kinds
    return {source: frozenset(kinds) for source, kinds in found.items()}


def _predicates(roots: Sequence[Any], lemmas: Mapping[int, str]) -> frozenset[str]:
    # Headlines, which end with no full stop, shorten and exaggerate: of names in them a verb tells little.
    sentence = bool(roots) and roots[0].doc.text.rstrip().endswith((".", "!", "?"))
    return frozenset(
        lemmas[verb.i]
        for verb in roots
        if any(
            subject.tag_ == "PRP"
            or subject.lower_ == "user"
            or subject.ent_type_ == "PERSON"
            or (sentence and subject.tag_ == "NNP")
            or any(child.dep_ == "poss" for child in subject.children)
            for subject in own_subjects(verb)
        )
    )


def _complements(tokens: Sequence[Any], lemmas: Mapping[int, str]) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for token in tokens:
        verb = lemmas.get(token.head.i, "")
        if verb not in TWO_MEANINGS or token.tag_ not in VERB_TAGS or token.i < token.head.i:
            continue
        if token.dep_ in ("xcomp", "advcl") and any(t.tag_ == "TO" for t in auxiliaries(token)):
            found[verb].add("to")
        elif token.dep_ == "xcomp" and token.tag_ == "VBG":
            found[verb].add("doing")
        elif token.dep_ == "ccomp":
            found[verb].add("that")
    return {verb: frozenset(kinds) for verb, kinds in found.items()}


def _quantifiers(tokens: Sequence[Any]) -> frozenset[str]:
    words = [token.lower_ for token in tokens]
    found = {
        name
        for before, word in zip(["", *words], words, strict=False)
        for name, forms in QUANTIFIERS.items()
        if word in forms and before != "not"
    }
    return frozenset(found | {"some"} if ("one", "of") in pairwise(words) else found)


def _in_past(root: Any) -> bool:
    finite = [t for t in (*auxiliaries(root), root) if t.tag_ != "VBN"]
    return bool(finite) and finite[0].tag_ == "VBD"


def _filler(token: Any, lemmas: Mapping[int, str]) -> str:
    # What "the user" does is what they say of themselves.
    word = PRONOUNS.get(token.lower_, lemmas.get(token.i, ""))
    return "i" if word == "user" else word


def _slots(tokens: Sequence[Any], lemmas: Mapping[int, str]) -> dict[Slot, frozenset[str]]:
    """Who or what fills each place of each governing word; coordinated fillers share a place."""
    slots: defaultdict[Slot, set[str]] = defaultdict(set)
    for token in tokens:
        place = _place(token, lemmas)
        if place is not None:
            governor, relation = place
            slots[_filler(governor, lemmas), relation].update(_fillers(token, lemmas))
        elif token.dep_ == "acl" and token.tag_ in ("VBG", "VBN") and token.head.tag_.startswith("NN"):
            # "A man eating an apple", "an apple eaten by a man": the noun does, or suffers, what its clause says.
            noun = token.head
            slots[lemmas[token.i], "agent" if token.tag_ == "VBG" else "object"].add(_filler(noun, lemmas))
            if token.tag_ == "VBG" and noun.dep_ == "pobj":
                # "A man on a course playing golf": one cannot tell which of the nouns.
                before = noun.head.head
                doers = [before] if before.tag_.startswith("NN") else own_subjects(before)
                slots[lemmas[token.i], "agent"].update(_filler(doer, lemmas) for doer in doers)
    for thing, agent, verb in _reduced_relatives(tokens):
        slots[lemmas[verb.i], "agent"] = {_filler(agent, lemmas)}
        slots[lemmas[verb.i], "object"] = {_filler(thing, lemmas)}
    for token in tokens:
        # "He sat down and read": the second verb has the subject of the first.
        if token.dep_ == "conj" and {token.tag_, token.head.tag_} <= VERB_TAGS and not own_subjects(token):
            shared = slots.get((lemmas[token.head.i], "agent"))
            if shared:
                slots[lemmas[token.i], "agent"].update(shared)
    return {slot: frozenset(fillers - {""}) for slot, fillers in slots.items()}


def _reduced_relatives(tokens: Sequence[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """What suffers, who does and the verb, in "the dog the cat chased".

    Told by the order of the words, as parsers fail at it.
    """
    for position, thing in enumerate(tokens[:-2]):
        if thing.tag_ not in ("NN", "NNS"):
            continue
        before = position + 1
        while before < len(tokens) - 2 and tokens[before].tag_ in ("DT", "PRP$", "JJ"):
            before += 1
        agent, verb = tokens[before], tokens[before + 1]
        begins = before > position + 1 and tokens[position + 1].tag_ != "JJ" and agent.tag_.startswith("NN")
        if (begins or agent.tag_ in ("PRP", "NNP")) and verb.tag_ in _CLAUSE_VERBS and verb.lemma_ not in _HELPING:
            following = tokens[before + 2] if before + 2 < len(tokens) else None
            if (
                following is None
                or following.tag_[:2] not in ("DT", "PR", "NN", "JJ", "CD", "IN", "TO", "RB", "VB", "RP")
                or (following.tag_ in FINITE_TAGS)
            ):
                yield thing, agent, verb


def _place(token: Any, lemmas: Mapping[int, str]) -> tuple[Any, str] | None:
    """The token that governs this one, and the relation between them."""
    head = token.head
    if token.dep_ == "pobj":
        if head.dep_ == "agent" or (head.lower_ == "by" and head.head.tag_ == "VBN"):
            return head.head, "agent"
        return head.head, "to" if head.dep_ == "dative" else lemmas[head.i]
    relation = _RELATIONS.get(token.dep_)
    if relation == "agent" and token.ent_type_ in ("DATE", "TIME"):
        return None  # Parsers take "by Monday, according to …" for who does something.
    if token.dep_ == "dative" and token.tag_ in ("IN", "TO"):
        return None  # "To" whom: the preposition itself is nobody.
    if relation is None or (relation in ("quality", "kind") and token.tag_ == "CD"):
        return None
    return head, relation


def _fillers(token: Any, lemmas: Mapping[int, str]) -> set[str]:
    if token.lower_ in ("that", "who", "which") and token.head.dep_ == "relcl":
        return {_filler(token.head.head, lemmas)}
    return {_filler(t, lemmas) for t in (token, *token.conjuncts)}


_CLAUSE_VERBS = ("VBD", "VBZ", "VBP", "VBN")
_HELPING = ("be", "have", "do")

#: spaCy's dependency labels of a place, by the name of the relation. A recipient is what something goes "to".
_RELATIONS = {
    "nsubj": "agent",
    "nsubjpass": "object",
    "dobj": "object",
    "dative": "to",
    "poss": "owner",
    "amod": "quality",
    "compound": "kind",
    "attr": "is",
    "acomp": "is",
    "oprd": "is",
}
