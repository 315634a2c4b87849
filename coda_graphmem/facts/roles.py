"""Who somebody is to the user, wherever a text mentions it: "my boss **Anna**"."""

from collections.abc import Iterator, Sequence
from typing import Any

from coda_graphmem.facts.attributes import attribute, attribute_name
from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.mentions import relations
from coda_graphmem.facts.phrases import is_person
from coda_graphmem.facts.told import Told, pet_key
from coda_graphmem.language.syntax import follow

#: How one tells whose patient or customer one is.
_BY_VERB = {"coach": "coach", "manage": "boss", "tutor": "tutor", "mentor": "mentor"}
_SEEING = frozenset("go see have use visit be".split())


def role_statements(scene: Scene, asserted: Sequence[Clause], quoted: Sequence[tuple[int, int]]) -> Iterator[Told]:
    """Who somebody is to the user, wherever a text mentions it: "my boss **Anna**"."""
    parsed = scene.parsed
    for relation in relations(parsed, asserted, quoted, scene.table):
        attribute = _role(relation.noun)
        denied = _not_any_more(relation.noun, asserted)
        if denied is not None:
            yield Told(parsed.subject, attribute, denied, False, 0.85)
            continue
        taken_over = _taken_over(relation.noun)
        if taken_over is not None:
            now, before = taken_over
            if before:
                yield Told(parsed.subject, attribute, before, False, 0.85)
            yield Told(parsed.subject, attribute, now, True, 0.85)
            continue
        is_past = not relation.is_pet and any(
            t.lower_ in ("old", "former", "ex", "previous") for t in relation.noun.children
        )
        if is_past:
            continue
        if relation.is_ended:
            if relation.is_pet:
                pet = relation.noun.lemma_.lower()
                named = f"{pet} named {relation.name}" if relation.name else pet
                yield Told(parsed.subject, "pet", named, False, 0.85, key=pet_key(named))
            continue
        if relation.is_pet:
            pet = relation.noun.lemma_.lower()
            named = f"{pet} named {relation.name}" if relation.name else pet
            yield Told(parsed.subject, "pet", named, True, 0.8, key=pet_key(named))
        elif relation.name:
            yield Told(parsed.subject, attribute, relation.name, True, 0.85)


def _not_any_more(noun: Any, asserted: Sequence[Clause]) -> str | None:
    """Whoever is not what a relation says: "**Tom** is not my boss anymore"."""
    if noun.dep_ != "attr":
        return None
    for clause in asserted:
        if clause.verb == noun.head and clause.negated and clause.subject is not None:
            return str(clause.subject.text) if clause.subject.tag_ == "NNP" else None
    return None


def _taken_over(noun: Any) -> tuple[str, str] | None:
    """Who took a role over and from whom: "**Priya** replaced **Tom** as my manager"."""
    if noun.dep_ != "pobj" or noun.head.lower_ != "as":
        return None
    verb = noun.head.head
    while verb.dep_ in ("prep", "prt", "pobj"):
        verb = verb.head
    if verb.lemma_ not in ("replace", "take", "succeed", "become", "have", "get"):
        return None
    who = [t for t in verb.children if t.dep_ == "nsubj"]
    whom = [t for t in verb.subtree if t.dep_ in ("dobj", "pobj") and t.tag_ == "NNP" and t != noun]
    if who and who[0].tag_ == "NNP":
        return str(who[0].text), str(whom[0].text) if whom else ""
    return None


def _role(noun: Any) -> str:
    """What somebody is: a role that several have at a time by what it is for, as the "football coach"."""
    word = noun.lemma_.lower()
    if noun.doc[noun.i + 1 : noun.i + 5].text.lower() == "-in-law":
        return f"{word}-in-law"
    kind = next(
        (t.lower_ for t in noun.children if t.dep_ == "compound" and t.tag_ == "NN" and t.i == noun.i - 1), None
    )
    if kind is None:
        return attribute_name(word)
    whole = attribute_name(f"{kind}-{word}")
    if whole != f"{kind}-{word}":
        return whole
    return f"{kind} {word}" if attribute(attribute_name(word)).is_exclusive else attribute_name(word)


def acting_statements(scene: Scene, asserted: Sequence[Clause]) -> Iterator[Told]:
    """Who somebody is by what they do for the user: "**Marek** coaches us this season"."""
    for clause in asserted:
        role, who = _BY_VERB.get(clause.verb.lemma_), clause.subject
        whom = [t for t in clause.verb.children if t.dep_ == "dobj" and t.lower_ in ("me", "us")]
        is_said = clause.time == "present" and not clause.negated and not clause.modal
        if role is not None and who is not None and whom and is_said and who.tag_ == "NNP" and who.text[:1].isupper():
            yield Told(scene.parsed.subject, role, str(who.text), True, 0.8)


def chosen_statements(asserted: Sequence[Clause], told: Sequence[Told]) -> Iterator[Told]:
    """Whom somebody goes to who changed: "I switched dentists, I go to **Dr. Lee** now"."""
    roles = [one for one in told if not one.polarity and one.attribute in _PATIENT_OF]
    if len(roles) != 1 or any(one.polarity and one.attribute == roles[0].attribute for one in told):
        return
    for clause in asserted:
        if clause.owner == "self" and clause.verb.lemma_ in _SEEING and not clause.negated and clause.time == "present":
            people = [*follow(clause.verb, ("to",)), *follow(clause.verb, ("object",)), *follow(clause.verb, ("with",))]
            for one in (t for t in people if is_person(t)):
                start = min((t.i for t in one.children if t.dep_ == "compound"), default=one.i)
                yield Told(
                    roles[0].subject, roles[0].attribute, one.doc[start : one.i + 1].text, True, 0.85, is_start=True
                )
                return


_PATIENT_OF = frozenset(
    """dentist doctor therapist coach lawyer tutor landlord babysitter boss vet physio physiotherapist hairdresser
    accountant optician mechanic cleaner dermatologist""".split()
)
