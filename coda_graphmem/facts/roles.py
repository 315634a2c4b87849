"""Who somebody is to the user, wherever a text mentions it: "my boss **Anna**"."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from coda_graphmem.facts.attributes import attribute as known
from coda_graphmem.facts.attributes import attribute_name
from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.holders import Holder, person
from coda_graphmem.facts.mentions import named_then, others_relations, relations
from coda_graphmem.facts.phrases import is_person, value_span
from coda_graphmem.facts.told import Told, pet_key
from coda_graphmem.language.syntax import follow

#: How one tells whose patient or customer one is.
_BY_VERB = {"coach": "coach", "manage": "boss", "tutor": "tutor", "mentor": "mentor"}
#: What somebody does who is no longer what they were to the user, by what that was.
_GONE_BY = {
    **dict.fromkeys(("roommate", "lodger", "tenant", "subtenant"), frozenset({"move out", "leave"})),
    "neighbor": frozenset({"move away", "move out"}),
    **dict.fromkeys(
        "boss assistant intern coach colleague teacher babysitter doctor dentist therapist lawyer tutor mentor".split(),
        frozenset({"quit", "resign", "retire", "step down", "leave company", "leave team", "leave firm", "leave job"}),
    ),
}
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
        if _is_gone(relation.noun, attribute, asserted):
            if relation.name or known(attribute).is_exclusive:
                yield Told(parsed.subject, attribute, relation.name, False, 0.8)
            continue
        taken_over = _taken_over(relation.noun)
        if taken_over is not None:
            now, before = taken_over
            if before:
                yield Told(parsed.subject, attribute, before, False, 0.85)
            yield Told(parsed.subject, attribute, now, True, 0.85)
            continue
        noun = relation.noun
        described = [*noun.children, *(noun.head.children if noun.dep_ == "compound" else ())]
        is_past = not relation.is_pet and any(t.lower_ in ("old", "former", "ex", "previous") for t in described)
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


def others_statements(
    scene: Scene,
    asserted: Sequence[Clause],
    quoted: Sequence[tuple[int, int]],
    holders: Sequence[tuple[int, Holder]],
) -> Iterator[Told]:
    """Who somebody is to others: "Theo is a vet, and his wife **Iris** teaches yoga".

    Args:
        holders: Whose the clauses are, each with the place of its verb.
    """
    for word, relation in others_relations(scene.parsed, asserted, quoted, scene.table):
        before = [whose for at, whose in holders if at < word.i and whose.kind != "user"]
        last = before[-1] if before and word.lower_ in ("his", "her") else None
        whose = last if word.lower_ in ("his", "her") else person(word, scene.parsed, scene.table)
        if whose is None or whose.name == relation.name:
            continue
        if relation.is_pet:
            named = f"{relation.noun.lemma_.lower()} named {relation.name}"
            yield Told(whose.name, "pet", named, True, 0.75, key=pet_key(named))
        else:
            yield Told(whose.name, _role(relation.noun), relation.name, True, 0.75)


def described_statements(scene: Scene, asserted: Sequence[Clause], quoted: Sequence[tuple[int, int]]) -> Iterator[Told]:
    """What somebody is by what stands beside their name: "my friend Lou, **a plumber**, fixed our sink"."""
    verbs = {clause.top.i for clause in asserted}
    for word in scene.parsed.doc:
        if word.dep_ != "appos" or word.tag_ != "NN" or not scene.has("occupations", word):
            continue
        has_article = any(t.dep_ == "det" and t.lower_ in ("a", "an") for t in word.children)
        is_asserted = any(above.i in verbs for above in word.ancestors)
        if not has_article or not is_asserted or any(start <= word.idx < end for start, end in quoted):
            continue
        name = word.head
        whose = person(name.head if name.dep_ == "appos" else name, scene.parsed, scene.table)
        if whose is not None and whose.kind != "user":
            start, end = value_span(word, "name", scene.dates)
            yield Told(whose.name, "occupation", word.doc[start:end].text, True, 0.75)


def _not_any_more(noun: Any, asserted: Sequence[Clause]) -> str | None:
    """Whoever is not what a relation says: "**Tom** is not my boss anymore"."""
    if noun.dep_ != "attr":
        return None
    for clause in asserted:
        if clause.verb == noun.head and clause.negated and clause.subject is not None:
            return str(clause.subject.text) if clause.subject.tag_ == "NNP" else None
    return None


def _is_gone(noun: Any, role: str, asserted: Sequence[Clause]) -> bool:
    """Whether somebody is no longer what they were to the user: "my flatmate Idris **moved out**"."""
    for clause in asserted:
        subject = clause.subject
        is_theirs = subject is not None and (noun in (subject, subject.head) or noun.head == subject)
        if not is_theirs or clause.negated or clause.modal or clause.time not in ("past", "perfect"):
            continue
        objects = [t.lemma_.lower() for t in clause.verb.children if t.dep_ == "dobj"]
        away = [t.lower_ for t in clause.verb.children if t.dep_ == "advmod"]
        did = {f"{clause.name} {what}" for what in objects or away} | (set() if objects else {clause.name})
        if not did.isdisjoint(_GONE_BY.get(role, ())):
            return True
    return False


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
    word = noun.lower_ if noun.tag_ == "JJS" else noun.lemma_.lower()  # "my oldest"
    if word in ("twin", "twins", "triplet", "triplets") and noun.tag_ == "NNS":
        return "child"  # where "my twin" is a sibling
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
    return f"{kind} {word}" if known(attribute_name(word)).is_exclusive else attribute_name(word)


def acting_statements(scene: Scene, asserted: Sequence[Clause]) -> Iterator[Told]:
    """Who somebody is by what they do for the user: "**Marek** coaches us this season"."""
    for clause in asserted:
        yield from _new_partner(clause, scene)
        yield from _named_pet(clause, scene)
        role, who = _BY_VERB.get(clause.verb.lemma_), clause.subject
        whom = [t for t in clause.verb.children if t.dep_ == "dobj" and t.lower_ in ("me", "us")]
        is_said = clause.time == "present" and not clause.negated and not clause.modal
        if role is not None and who is not None and whom and is_said and who.tag_ == "NNP" and who.text[:1].isupper():
            yield Told(scene.parsed.subject, role, str(who.text), True, 0.8)


def _new_partner(clause: Clause, scene: Scene) -> Iterator[Told]:
    """Whom the user sees: "I'm seeing someone, his name is **Matteo**"."""
    is_said = clause.owner == "self" and clause.progressive and not clause.negated and clause.time == "present"
    if not is_said or clause.verb.lemma_ not in ("see", "date"):
        return
    if any(t.lower_ in _SOMEBODY for t in clause.verb.doc[clause.verb.i : clause.verb.i + 4]):
        for name in named_then(clause.verb)[:1]:
            yield Told(scene.parsed.subject, "partner", str(name.text), True, 0.8, is_start=True)


def _named_pet(clause: Clause, scene: Scene) -> Iterator[Told]:
    """What the user calls a pet: "we named the puppy **Kiwi**", "the new puppy is called **Fudge**"."""
    pet = clause.subject
    if pet is not None and scene.has("pets", pet) and clause.verb.lemma_ in ("name", "call") and not clause.negated:
        names = [t for t in follow(clause.verb, ("called",)) if t.text[:1].isupper()]
        if names and any(t.lower_ == "the" for t in pet.children) and clause.time == "present" and not clause.modal:
            named = f"{pet.lemma_.lower()} named {names[0].text}"
            yield Told(scene.parsed.subject, "pet", named, True, 0.75, key=pet_key(named))
        return
    if clause.owner != "self" or clause.negated or clause.modal or clause.verb.lemma_ not in ("name", "call"):
        return
    following = clause.verb.doc[clause.verb.i + 1 : clause.verb.i + 6]
    for pet, name in pairwise(following):
        if scene.has("pets", pet) and name.text[:1].isupper() and name.is_alpha:
            named = f"{pet.lemma_.lower()} named {name.text}"
            yield Told(scene.parsed.subject, "pet", named, True, 0.8, key=pet_key(named))
            return


def contact_statements(scene: Scene, quoted: Sequence[tuple[int, int]]) -> Iterator[Told]:
    """Where the user can be reached: "mail me at **nora@example.com**"."""
    text, patterns = scene.parsed.doc.text, scene.table.patterns
    for kind, attribute, cue in (("email", "email", "contact_cue"), ("phone", "phone number", "phone_cue")):
        for match in patterns[kind].finditer(text):
            before = text[max(0, match.start() - 80) : match.start()]
            cues = list(patterns[cue].finditer(before))
            if not cues or any(start <= match.start() < end for start, end in quoted):
                continue
            if before.endswith("from "):
                yield Told(scene.parsed.subject, attribute, match.group(), False, 0.85)  # "from X to Y"
                continue
            since = before[max(0, cues[-1].start() - 10) :]
            if not patterns["contact_break"].search(since) and not patterns["contact_doubt"].search(since):
                yield Told(scene.parsed.subject, attribute, match.group(), True, 0.85)


def pronoun_statements(scene: Scene, quoted: Sequence[tuple[int, int]]) -> Iterator[Told]:
    """How the user wants to be spoken of: "my pronouns are **she/her**", which no parse takes for a sentence."""
    match = scene.table.patterns["pronouns"].search(scene.parsed.doc.text)
    if match is not None and not any(start <= match.start() < end for start, end in quoted):
        yield Told(scene.parsed.subject, "pronouns", match["said"], True, 0.9)


def chosen_statements(asserted: Sequence[Clause], told: Sequence[Told]) -> Iterator[Told]:
    """Whom somebody goes to who changed: "I switched dentists, I go to **Dr. Lee** now"."""
    roles = [one for one in told if not one.polarity and one.attribute in _PATIENT_OF]
    if len(roles) != 1 or any(one.polarity and one.attribute == roles[0].attribute for one in told):
        return
    for clause in asserted:
        is_new = clause.subject is not None and clause.subject.lower_ == "one" and clause.owner == "own"
        is_it = clause.subject is not None and clause.subject.lower_ == "it"
        if clause.name == "be" and (is_it or is_new) and not clause.negated:
            for one in (t for t in follow(clause.verb, ("is",)) if is_person(t)):
                yield Told(roles[0].subject, roles[0].attribute, one.text, True, 0.85, is_start=True)
                return
        if clause.owner == "self" and clause.verb.lemma_ in _SEEING and not clause.negated and clause.time == "present":
            people = [*follow(clause.verb, ("to",)), *follow(clause.verb, ("object",)), *follow(clause.verb, ("with",))]
            for one in (t for t in people if is_person(t)):
                start = min((t.i for t in one.children if t.dep_ == "compound"), default=one.i)
                yield Told(
                    roles[0].subject, roles[0].attribute, one.doc[start : one.i + 1].text, True, 0.85, is_start=True
                )
                return


_SOMEBODY = frozenset("someone somebody guy girl woman man boy".split())
_PATIENT_OF = frozenset(
    """dentist doctor therapist coach lawyer tutor landlord babysitter boss vet physio physiotherapist hairdresser
    accountant optician mechanic cleaner dermatologist""".split()
)
