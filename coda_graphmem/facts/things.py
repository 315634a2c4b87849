"""What is said of things by name: what they are, where, made with what, which version, and what becomes of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from coda_graphmem.facts.attributes import attribute_name
from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.exchanges import NAMED_VERSION
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.holders import Holder, possessor
from coda_graphmem.facts.phrases import is_branded, plain_text, value_span
from coda_graphmem.facts.thing_days import day_told, lasts, runs_out
from coda_graphmem.facts.thing_figures import (
    SETTING,
    counted_now,
    figure_had,
    figure_told,
    labelled,
    measured,
    number_told,
    price_paid,
    share_held,
    takes_time,
)
from coda_graphmem.facts.thing_subject import NOUNS, Thing, is_put_off, named_thing, thing_of
from coda_graphmem.facts.told import Told, thing_name
from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.syntax import follow

#: Street and number: "22 Mill Road".
_STREET = re.compile(
    r"\d+[a-z]?,? (?:[A-Z][\w'’.-]*\s){0,3}(?:[A-Z][\w'’-]*(?:straße|strasse|gata|gatan|laan|straat|weg|vej|veien)"
    r"|Road|Rd\.?|Street|St\.?|Lane|Ln\.?|Avenue|Ave\.?|Close|Drive|Dr\.?|Way|Court|Square|Place|Terrace|Gardens?|Grove"
    r"|Row|Hill|Park|Crescent|Boulevard|Blvd\.?|Alley|Quay|Mews|Parade|Walk|View)(?:,? .{0,30})?"
)
#: A course has a day on which it starts and another on which it ends.
_ENDING = frozenset(("end", "finish", "expire", "close", "run out"))
_MAKING = frozenset("write build make code implement develop program base".split())
_HOMES = frozenset(
    """house home flat apartment building garden kitchen garage basement cellar attic office yard backyard bathroom
    bedroom room village street town""".split()
)
_PRICE = re.compile(r"[$€£¥]|\b(?:quid|euros?|dollars?|bucks|pounds|francs?|crowns|kr|usd|eur|gbp)\b", re.IGNORECASE)


def thing_statements(
    clause: Clause, whose: Holder | None, scene: Scene, earlier: Clause | None = None
) -> Iterator[Told]:
    """What a clause says of a thing that it names, or of what the user does with one.

    Args:
        earlier: The clause before it, whose thing "it" may be.
    """
    if clause.phase or clause.modal is not None:
        return
    noun, is_changed = thing_of(clause, whose, scene.table, earlier)
    if is_changed and not clause.negated:
        yield from _upgraded(clause)
    yield from _on_version(clause)
    yield from _favorite(clause, scene)
    yield from _there(clause, scene)
    yield from counted_now(clause, scene)
    if whose is not None and whose.kind == "user":
        yield from figure_had(clause, scene)
    yield from _taken_back(clause, scene)
    if whose is not None and whose.kind == "user":
        yield from price_paid(clause, scene)
    if noun is None or noun.tag_ not in NOUNS or scene.has("nothing", noun):
        return
    if scene.has("relatives", noun) or scene.has("pets", noun):
        return
    if is_changed and whose is not None and clause.name in ("change", "switch") and scene.has("acquaintances", noun):
        if not clause.negated:
            yield Told(whose.name, attribute_name(noun.lemma_.lower()), "", False, 0.8)
        return
    # "The cron job" is none of somebody's.
    is_told_by_rules = scene.has("told_by_rules", noun) and not (
        any(t.dep_ in ("compound", "amod") for t in noun.children)
        and (noun.lower_ == "name" or any(t.lower_ == "the" for t in noun.children))
    )
    if is_told_by_rules and clause.subject == noun:
        owner = possessor(noun, scene.parsed, scene.table)
        home = Thing(noun, thing_name(noun), owner, False, False)
        yield from number_told(clause, home, scene)
        yield from _features(clause, home, scene)
        if owner is None:
            yield from _located(clause, home, scene.parsed.subject)
    thing = (
        None
        if is_told_by_rules
        else named_thing(noun, scene, is_changed=is_changed, is_put_off=is_changed and is_put_off(clause, scene))
    )
    if thing is not None:
        yield from _of_thing(clause, thing, scene)


def _of_thing(clause: Clause, thing: Thing, scene: Scene) -> Iterator[Told]:
    lists = scene.table.words
    subject = scene.parsed.subject if thing.owner is None else thing.owner.name
    is_less = clause.name == "drop" and any(follow(clause.verb, (way,)) for way in ("to", "from", "by"))
    if (clause.name.replace(" ", "-") in lists["cancelling"] and not is_less) or (thing.is_event and _is_off(clause)):
        if not clause.negated and (thing.is_event or scene.has("plannable", thing.noun)):
            yield Told(subject, thing.name, "", False, 0.85)
            yield Told(subject, "plan", _words(thing.noun), False, 0.85)
        return
    is_had = clause.name in lists["having"]
    if not thing.is_event and runs_out(clause, thing):
        thing = replace(thing, is_event=True)
    if any(t.lower_ == "due" for t in follow(clause.verb, ("is",))) and not thing.is_event:
        named = thing.name if "deadline" in thing.name else f"{thing.name} deadline"
        yield from day_told(clause, Thing(thing.noun, named, thing.owner, True, thing.is_changed), subject, scene)
        return
    is_set = clause.name in SETTING and any(t.dep_ == "auxpass" for t in clause.verb.children)
    occurs = clause.name.replace(" ", "-") in lists["occurring"]
    is_told = (
        is_had or occurs if thing.is_event else clause.name in ("be", "cost", "call") or is_set or takes_time(clause)
    )
    yield from number_told(clause, thing, scene)
    located = list(_located(clause, thing, subject))
    if located:
        yield from located
        return
    yield from _made_with(clause, thing)
    yield from labelled(clause, thing)
    yield from share_held(clause, thing)
    is_priced = clause.name in ("be", "cost") and _PRICE.search(figure_told(clause, False) or "") is not None
    if not thing.is_changed and ((clause.time == "past" and not is_priced) or not is_told):
        return
    if _is_with(clause) and thing.owner is not None and clause.time == "present" and scene.has("once", thing.noun):
        # "My insurance is with Allianz", which is not when it is due.
        yield from _valued(clause, replace(thing, name=f"{thing.name} provider"), thing.owner, scene)
    elif thing.is_event and not scene.has("personal_figures", thing.noun):
        is_ended = not _ENDING.isdisjoint((clause.verb.lemma_, clause.name))
        at_end = (is_ended and not thing.is_changed) or lasts(clause)
        yield from day_told(clause, replace(thing, name=f"{thing.name} end") if at_end else thing, subject, scene)
    elif thing.is_changed and thing.owner is not None and (names := _changed_to(clause)):
        start, end = value_span(names[0], "name", scene.dates)
        yield Told(thing.owner.name, thing.name, plain_text(names[0].doc, start, end), True, 0.75, is_start=True)
    elif not is_had and (figure := figure_told(clause, thing.is_changed)) is not None:
        yield from measured(clause, thing, figure, scene)
    elif thing.owner is not None and clause.name in ("be", "call") and clause.time in ("present", "future"):
        yield from _valued(clause, thing, thing.owner, scene)


def _located(clause: Clause, thing: Thing, subject: str) -> Iterator[Told]:
    """Where a thing is: "the new office is at **22 Mill Road**", "we moved, the address is **22 Birch Lane**"."""
    if clause.name != "be" or clause.negated or clause.time != "present" or clause.subject != thing.noun:
        return
    for head in (t for way in ("at", "on", "is") for t in follow(clause.verb, (way,))):
        words = head.doc[head.left_edge.i : head.right_edge.i + 1].text
        if _STREET.fullmatch(words):
            is_address = thing.noun.lower_ == "address"
            if is_address and not any(t.lemma_ == "move" for t in clause.verb.doc):
                return  # anybody's
            yield Told(subject if is_address else thing.name, "address", words, True, 0.8)
            return


def _made_with(clause: Clause, thing: Thing) -> Iterator[Told]:
    """What a thing is made with: "the app **is written in Kotlin**"."""
    if clause.verb.lemma_ not in _MAKING or clause.negated or clause.subject != thing.noun:
        return
    if any(t.dep_ == "auxpass" for t in clause.verb.children):
        for head in (t for way in ("in", "with", "on", "using") for t in follow(clause.verb, (way,))):
            if head.tag_ in ("NNP", "NNPS") and head.text not in CALENDAR:
                start, end = value_span(head, "name", ())
                yield Told(thing.name, "written in", plain_text(head.doc, start, end), True, 0.75)
                return


def _features(clause: Clause, thing: Thing, scene: Scene) -> Iterator[Told]:
    """What somebody's house or car has: "our flat has **a balcony**"."""
    if clause.verb.lemma_ != "have" or clause.negated or clause.time != "present" or thing.owner is None:
        return
    for head in follow(clause.verb, ("object",)):
        for one in (head, *head.conjuncts):
            has_article = any(t.lower_ in ("a", "an") for t in one.children if t.dep_ == "det")
            if has_article and one.tag_ == "NN" and not scene.has("abstract", one) and not scene.has("nothing", one):
                start, end = value_span(one, "name", scene.dates)
                yield Told(thing.name, "possession", plain_text(one.doc, start, end), True, 0.7)


def _there(clause: Clause, scene: Scene) -> Iterator[Told]:
    """What there is in something of the user's: "there are **31 students** in my class"."""
    is_there = clause.name == "be" and any(t.dep_ == "expl" for t in clause.verb.children)
    if not is_there or clause.negated or clause.time != "present":
        return
    for what in follow(clause.verb, ("is",)):
        for noun in (t for place in (what, clause.verb) for way in ("in", "on") for t in follow(place, (way,))):
            owner = possessor(noun, scene.parsed, scene.table)
            number = next((t for t in what.children if t.dep_ == "nummod" and t.like_num), None)
            has_article = any(t.lower_ in ("a", "an") for t in what.children if t.dep_ == "det")
            if owner is not None and has_article and what.tag_ == "NN" and noun.lower_ in _HOMES:
                start, end = value_span(what, "name", scene.dates)
                yield Told(thing_name(noun), "possession", plain_text(what.doc, start, end), True, 0.7)
                return
            if owner is not None and number is not None and what.tag_ == "NNS" and not scene.has("nothing", what):
                yield Told(thing_name(noun), f"number of {thing_name(what)}", number.text, True, 0.75)
                return


def _changed_to(clause: Clause) -> list[Any]:
    """The name that something was changed to: "my surname changed to **Lund**"."""
    return [t for t in follow(clause.verb, ("to",)) if t.text[:1].isupper() and t.is_alpha and t.text not in CALENDAR]


def _is_with(clause: Clause) -> bool:
    """Whether a clause says with whom something is."""
    return clause.name == "be" and any(t.tag_ in ("NNP", "NNPS") for t in follow(clause.verb, ("with",)))


def _is_off(clause: Clause) -> bool:
    """Whether something does not take place: "the wedding is **off**"."""
    return clause.name in ("be", "be off") and any(
        t.lower_ == "off" and t.dep_ in ("advmod", "prt", "acomp", "prep") and not list(t.children)
        for t in clause.verb.children
    )


def _valued(clause: Clause, thing: Thing, owner: Holder, scene: Scene) -> Iterator[Told]:
    """What a thing of somebody's is: "my favorite color is **green**"."""
    places = follow(clause.verb, ("called",))
    if clause.name == "be":
        places = [*follow(clause.verb, ("is",)), *follow(clause.verb, ("with",))]  # "my insurance is with Allianz"
    values = [t for t in places if t.tag_ in ("NNP", "NNPS") or t.like_num or is_branded(t) or "@" in t.text]
    if "favorite" in thing.name and any(t.lower_ == "least" for t in thing.noun.subtree):
        return  # "My least favorite food"
    if "favorite" in thing.name and not values:
        values = follow(clause.verb, ("is",)) or follow(clause.verb, ("doing",))
    if values and not scene.has("people_of_ones_own", thing.noun) and not scene.has("acquaintances", thing.noun):
        start, end = value_span(values[0], "name", scene.dates)
        yield Told(owner.name, thing.name, plain_text(values[0].doc, start, end), not clause.negated, 0.85)


def _taken_back(clause: Clause, scene: Scene) -> Iterator[Told]:
    """What is to be forgotten of a plan: "forget what I said about **the trip to Paris**"."""
    if clause.name not in ("forget", "ignore", "disregard", "scratch") or clause.owner != "none" or clause.negated:
        return
    for noun in (t for t in clause.top.subtree if t.dep_ == "pobj" and t.head.lower_ == "about"):
        if scene.has("events", noun) or scene.has("plannable", noun):
            yield Told(scene.parsed.subject, thing_name(noun), "", False, 0.8)
            yield Told(scene.parsed.subject, "plan", _words(noun), False, 0.8)


def _favorite(clause: Clause, scene: Scene) -> Iterator[Told]:
    """What is somebody's favorite: "**sushi** is my favorite food"."""
    if clause.name != "be" or clause.subject is None or clause.time != "present" or clause.owner != "other":
        return
    for noun in follow(clause.verb, ("is",)):
        owner = possessor(noun, scene.parsed, scene.table)
        name = thing_name(noun)
        if owner is not None and name.startswith("favorite ") and clause.subject.tag_[:2] == "NN":
            start, end = value_span(clause.subject, "name", ())
            yield Told(owner.name, name, plain_text(noun.doc, start, end), not clause.negated, 0.85)


def _upgraded(clause: Clause) -> Iterator[Told]:
    """The version that something was brought to: "we upgraded to **Python 3.12**"."""
    for head in (*follow(clause.verb, ("to",)), *follow(clause.verb, ("object", "to"))):
        words = head.doc[head.left_edge.i : head.right_edge.i + 1].text
        match = NAMED_VERSION.fullmatch(words)
        if match is not None and match["name"] not in CALENDAR:
            yield Told(match["name"], "version", match["version"], True, 0.85, is_start=True)


def _on_version(clause: Clause) -> Iterator[Told]:
    """The version that somebody is on: "we're on **version 4.1** of **the app**"."""
    if clause.name not in ("be", "run", "use") or clause.negated or clause.time != "present":
        return
    for head in (*follow(clause.verb, ("on",)), *follow(clause.verb, ("object",))):
        numbers = [t for t in head.children if t.dep_ == "nummod"] if head.lower_ == "version" else []
        for thing in (t for of in (head, *numbers[:1]) for t in follow(of, ("of",))) if numbers else ():
            yield Told(thing_name(thing), "version", numbers[0].text, True, 0.8)


def _words(thing: Any) -> str:
    start, end = value_span(thing, "phrase", ())
    return plain_text(thing.doc, start, end)
