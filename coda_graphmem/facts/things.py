"""What is said of things by name: figures, days of appointments, and who somebody is to the user."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from coda_graphmem.facts.attributes import attribute_name
from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.exchanges import NAMED_VERSION
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.holders import Holder, possessor
from coda_graphmem.facts.phrases import is_branded, value_span
from coda_graphmem.facts.table import Table
from coda_graphmem.facts.times import day_key
from coda_graphmem.facts.told import Told, thing_name
from coda_graphmem.facts.values import value_key
from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.pronouns import OWNERS
from coda_graphmem.language.syntax import follow

_CLOCK = re.compile(
    r"^,?\s*(?:at|@)\s*(?:noon|midnight|(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?:[:.]\d\d)?\s?(?:[ap]\.?m\.?|o['’]clock)?)(?=\W|$)",
    re.IGNORECASE,
)
_HOUR = re.compile(
    r"(?P<time>noon|midnight|\d{1,2}(?:[:.]\d\d)?(?:\s?[ap]\.?m\.?|\s?o['’]clock)?)(?: sharp)?", re.IGNORECASE
)
#: Street and number: "22 Mill Road".
_STREET = re.compile(
    r"\d+[a-z]?,? (?:[A-Z][\w'’.-]*\s){0,3}(?:[A-Z][\w'’-]*(?:straße|strasse|gata|gatan|laan|straat|weg|vej|veien)"
    r"|Road|Rd\.?|Street|St\.?|Lane|Ln\.?|Avenue|Ave\.?|Close|Drive|Dr\.?|Way|Court|Square|Place|Terrace|Gardens?|Grove"
    r"|Row|Hill|Park|Crescent|Boulevard|Blvd\.?|Alley|Quay|Mews|Parade|Walk|View)(?:,? .{0,30})?"
)
_CLOCK_BEFORE = re.compile(
    r"\bat (?:noon|midnight|\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\.?|o['’]clock)?),? on$"
    r"|\b\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\.?|o['’]clock),? on$",
    re.IGNORECASE,
)
#: A number by which somebody is called, however it is named.
_PHONE = re.compile(r"\+?\(?\d[\d ()./-]{5,16}\d")
_PHONES = frozenset("number phone telephone".split())
_ORDINAL = re.compile(r"\d{1,2}(?:st|nd|rd|th)")
_FIGURE = re.compile(r"\d|^(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty)\b")
#: A course has a day on which it starts and another on which it ends.
_ENDING = frozenset(("end", "finish", "expire", "close", "run out"))
_PUTTING_OFF = frozenset("move push shift postpone reschedule delay slip bring change".split())
#: What a thing does on a day that it is known by.
_DATED = frozenset(("expire", "end", "finish", "run out", "start", "begin", "open", "ship", "launch", "renew"))
#: What is done to a figure that is then so much: "retries **are capped at** 3".
_SETTING = frozenset("cap limit set fix price budget".split())
_I_MEAN = re.compile(r"\bI mean\W*$")
_MAKING = frozenset("write build make code implement develop program base".split())
_HOMES = frozenset(
    """house home flat apartment building garden kitchen garage basement cellar attic office yard backyard bathroom
    bedroom room village street town""".split()
)
#: Of these somebody who says "the" has one in mind.
_AT_WORK = frozenset("team cluster server project company department app office school class course choir band".split())
_RUNNING = frozenset("run operate execute fire trigger repeat".split())
_LONG = re.compile(r"(?:milli)?seconds?|min(?:ute)?s?|hours?|days?|weeks?|months?|years?|ms")
_HOLDING = frozenset("have contain include hold".split())
_PRICE = re.compile(r"[$€£¥]|\b(?:quid|euros?|dollars?|bucks|pounds|francs?|crowns|kr|usd|eur|gbp)\b", re.IGNORECASE)
_VERSION = re.compile(r"\bv?\d+(?:\.\d+)+\b|\bv\d+\b")
_NOUNS = frozenset("NN NNS NNP NNPS".split())


@dataclass(frozen=True, slots=True)
class _Thing:
    """A thing that a clause says something of."""

    noun: Any
    name: str
    owner: Holder | None
    is_event: bool
    """Whether it takes place on a day."""
    is_changed: bool
    """Whether the clause says that something of it has become another."""


def thing_statements(
    clause: Clause, whose: Holder | None, scene: Scene, earlier: Clause | None = None
) -> Iterator[Told]:
    """What a clause says of a thing that it names, or of what the user does with one.

    Args:
        earlier: The clause before it, whose thing "it" may be.
    """
    if clause.phase or clause.modal is not None:
        return
    noun, is_changed = _thing(clause, whose, scene.table, earlier)
    if is_changed and not clause.negated:
        yield from _upgraded(clause)
    yield from _on_version(clause)
    yield from _favorite(clause, scene)
    yield from _there(clause, scene)
    yield from _counted_now(clause, scene)
    if whose is not None and whose.kind == "user":
        yield from _figure_had(clause, scene)
    yield from _taken_back(clause, scene)
    if whose is not None and whose.kind == "user":
        yield from _paid(clause, scene)
    if noun is None or noun.tag_ not in _NOUNS or scene.has("nothing", noun):
        return
    if scene.has("relatives", noun) or scene.has("pets", noun):
        return
    if is_changed and whose is not None and clause.name in ("change", "switch") and scene.has("acquaintances", noun):
        if not clause.negated:
            yield Told(whose.name, attribute_name(noun.lemma_.lower()), "", False, 0.8)
        return
    # "The cron job" is none of somebody's.
    is_told_by_rules = scene.has("told_by_rules", noun) and not (
        any(t.dep_ == "compound" for t in noun.children) and any(t.lower_ == "the" for t in noun.children)
    )
    if is_told_by_rules and clause.subject == noun:
        owner = possessor(noun, scene.parsed, scene.table)
        home = _Thing(noun, thing_name(noun), owner, False, False)
        yield from _number_of(clause, home, scene)
        yield from _features(clause, home, scene)
        if owner is None:
            yield from _located(clause, home, scene.parsed.subject)
    thing = (
        None
        if is_told_by_rules
        else _named(noun, scene, is_changed=is_changed, is_put_off=is_changed and _is_put_off(clause, scene))
    )
    if thing is not None:
        yield from _of_thing(clause, thing, scene)


def _is_put_off(clause: Clause, scene: Scene) -> bool:
    """Whether a thing is moved to a day, which only what takes place on one is: "pushed the kickoff to **Monday**"."""
    return clause.verb.lemma_ in _PUTTING_OFF and any(
        t.i in scene.dates or _ORDINAL.fullmatch(t.lower_)
        for way in ("to", "until", "till")
        for place in (
            clause.verb,
            *follow(clause.verb, ("object",)),
            *(t for t in clause.verb.children if t.dep_ == "advmod"),
        )
        for t in follow(place, (way,))
    )


def _named(noun: Any, scene: Scene, *, is_changed: bool, is_put_off: bool) -> _Thing | None:
    """The thing that a noun stands for, unless it is somebody's whom nobody names."""
    owner = possessor(noun, scene.parsed, scene.table)
    if owner is None and any(t.dep_ == "poss" for t in noun.children):
        return None
    is_day = noun.lower_ in ("date", "day", "time")
    events = [t for t in noun.children if t.dep_ in ("compound", "amod")] if is_day else [noun]
    is_visit = (noun.dep_ == "appos" or noun.head.lower_ == "for") and (
        scene.has("acquaintances", noun) or noun.lower_ in ("hospital", "hairdresser", "garage", "clinic")
    )
    is_event = is_put_off or any(any(scene.has(words, t) for words in ("events", "dated", "once")) for t in events)
    name = thing_name(noun, after_event=is_event and is_day and not any(t.lower_ == "due" for t in events))
    if is_visit and is_changed:
        return _Thing(noun, f"{name} appointment", owner, True, is_changed)
    return _Thing(noun, name, owner, is_event, is_changed)


def _of_thing(clause: Clause, thing: _Thing, scene: Scene) -> Iterator[Told]:
    lists = scene.table.words
    subject = scene.parsed.subject if thing.owner is None else thing.owner.name
    is_less = clause.name == "drop" and any(follow(clause.verb, (way,)) for way in ("to", "from", "by"))
    if (clause.name.replace(" ", "-") in lists["cancelling"] and not is_less) or (thing.is_event and _is_off(clause)):
        if not clause.negated and (thing.is_event or scene.has("plannable", thing.noun)):
            yield Told(subject, thing.name, "", False, 0.85)
            yield Told(subject, "plan", _words(thing.noun), False, 0.85)
        return
    is_had = clause.name in lists["having"]
    if not thing.is_event and _runs_out(clause, thing):
        thing = replace(thing, is_event=True)
    if thing.owner is None and any(t.lower_ == "due" for t in follow(clause.verb, ("is",))) and not thing.is_event:
        named = thing.name if "deadline" in thing.name else f"{thing.name} deadline"
        yield from _day(clause, _Thing(thing.noun, named, thing.owner, True, thing.is_changed), subject, scene)
        return
    is_set = clause.name in _SETTING and any(t.dep_ == "auxpass" for t in clause.verb.children)
    occurs = clause.name.replace(" ", "-") in lists["occurring"]
    is_told = (
        is_had or occurs if thing.is_event else clause.name in ("be", "cost", "call") or is_set or _takes_time(clause)
    )
    yield from _number_of(clause, thing, scene)
    located = list(_located(clause, thing, subject))
    if located:
        yield from located
        return
    yield from _made_with(clause, thing)
    yield from _labelled(clause, thing)
    yield from _held(clause, thing)
    is_priced = clause.name in ("be", "cost") and _PRICE.search(_figure(clause, False) or "") is not None
    if not thing.is_changed and ((clause.time == "past" and not is_priced) or not is_told):
        return
    if _is_with(clause) and thing.owner is not None and clause.time == "present" and scene.has("once", thing.noun):
        # "My insurance is with Allianz", which is not when it is due.
        yield from _valued(clause, replace(thing, name=f"{thing.name} provider"), thing.owner, scene)
    elif thing.is_event and not scene.has("personal_figures", thing.noun):
        is_ended = not _ENDING.isdisjoint((clause.verb.lemma_, clause.name))
        at_end = (is_ended and not thing.is_changed) or _lasts(clause)
        yield from _day(clause, replace(thing, name=f"{thing.name} end") if at_end else thing, subject, scene)
    elif thing.is_changed and thing.owner is not None and (names := _changed_to(clause)):
        start, end = value_span(names[0], "name", scene.dates)
        yield Told(thing.owner.name, thing.name, _text(names[0].doc, start, end), True, 0.75, is_start=True)
    elif not is_had and (figure := _figure(clause, thing.is_changed)) is not None:
        yield from _measured(clause, thing, figure, scene)
    elif thing.owner is not None and clause.name in ("be", "call") and clause.time in ("present", "future"):
        yield from _valued(clause, thing, thing.owner, scene)


def _located(clause: Clause, thing: _Thing, subject: str) -> Iterator[Told]:
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


def _made_with(clause: Clause, thing: _Thing) -> Iterator[Told]:
    """What a thing is made with: "the app **is written in Kotlin**"."""
    if clause.verb.lemma_ not in _MAKING or clause.negated or clause.subject != thing.noun:
        return
    if any(t.dep_ == "auxpass" for t in clause.verb.children):
        for head in (t for way in ("in", "with", "on", "using") for t in follow(clause.verb, (way,))):
            if head.tag_ in ("NNP", "NNPS") and head.text not in CALENDAR:
                start, end = value_span(head, "name", ())
                yield Told(thing.name, "written in", _text(head.doc, start, end), True, 0.75)
                return


def _labelled(clause: Clause, thing: _Thing) -> Iterator[Told]:
    """A number with what it is of: "the server runs on **port 8081**", "the job runs every **15 minutes**"."""
    if clause.negated or clause.time != "present" or clause.subject != thing.noun or clause.verb.lemma_ not in _RUNNING:
        return
    for head in (t for way in ("on", "at", "in") for t in follow(clause.verb, (way,))):
        numbers = [t for t in head.children if t.like_num and t.i == head.i + 1]
        if head.tag_ == "NN" and numbers and head.ent_type_ not in ("DATE", "TIME"):
            yield Told(thing.name, head.lower_, numbers[0].text, True, 0.75)
            return
    for head in (t for t in clause.verb.children if t.dep_ in ("dobj", "npadvmod") and t.i > clause.verb.i):
        if head.doc[head.left_edge.i].lower_ == "every" and any(t.like_num for t in head.subtree):
            words = head.doc[head.left_edge.i + 1 : head.i + 1].text
            yield Told(thing.name, "interval", words, True, 0.75)
            return


def _features(clause: Clause, thing: _Thing, scene: Scene) -> Iterator[Told]:
    """What somebody's house or car has: "our flat has **a balcony**"."""
    if clause.verb.lemma_ != "have" or clause.negated or clause.time != "present" or thing.owner is None:
        return
    for head in follow(clause.verb, ("object",)):
        for one in (head, *head.conjuncts):
            has_article = any(t.lower_ in ("a", "an") for t in one.children if t.dep_ == "det")
            if has_article and one.tag_ == "NN" and not scene.has("abstract", one) and not scene.has("nothing", one):
                start, end = value_span(one, "name", scene.dates)
                yield Told(thing.name, "possession", _text(one.doc, start, end), True, 0.7)


def _held(clause: Clause, thing: _Thing) -> Iterator[Told]:
    """How much of something a thing has: "the server has **64 GB** of **RAM**"."""
    if clause.verb.lemma_ not in _HOLDING or clause.negated or clause.time != "present" or clause.subject != thing.noun:
        return
    for unit in follow(clause.verb, ("object",)):
        for held in follow(unit, ("of",)):
            words = unit.doc[unit.left_edge.i : unit.i + 1].text
            if words[:1].isdigit() and held.tag_ in _NOUNS:
                yield Told(thing.name, held.text, words, True, 0.75)
                return


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
                yield Told(thing_name(noun), "possession", _text(what.doc, start, end), True, 0.7)
                return
            if owner is not None and number is not None and what.tag_ == "NNS" and not scene.has("nothing", what):
                yield Told(thing_name(noun), f"number of {thing_name(what)}", number.text, True, 0.75)
                return


def _figure_had(clause: Clause, scene: Scene) -> Iterator[Told]:
    """A figure that somebody has: "we have a **budget of 9,000**"."""
    if clause.verb.lemma_ not in ("have", "get", "set") or clause.negated or clause.time == "past":
        return
    for noun in follow(clause.verb, ("object",)):
        if not scene.has("figures", noun) and not scene.has("personal_figures", noun):
            continue
        for head in follow(noun, ("of",)):
            words = _run_of_figure(head.doc, head.left_edge.i, head.right_edge.i + 1)
            if words:
                name = thing_name(noun).removeprefix(f"{head.lower_} ").strip()
                yield Told(scene.parsed.subject, name, words, True, 0.75)
                return


def _counted_now(clause: Clause, scene: Scene) -> Iterator[Told]:
    """How many of something there are by now: "it's **65 guests** now"."""
    if clause.name != "be" or clause.negated or clause.time != "present" or clause.subject is None:
        return
    is_now = any(t.lower_ == "now" for t in clause.verb.children)
    if clause.subject.lower_ != "it" or not is_now:
        return
    for what in follow(clause.verb, ("is",)):
        number = next((t for t in what.children if t.dep_ == "nummod" and t.like_num), None)
        if number is not None and what.tag_ == "NNS" and what.ent_type_ not in ("DATE", "TIME", "MONEY", "QUANTITY"):
            yield Told(scene.parsed.subject, f"number of {thing_name(what)}", number.text, True, 0.7)


def _changed_to(clause: Clause) -> list[Any]:
    """The name that something was changed to: "my surname changed to **Lund**"."""
    return [t for t in follow(clause.verb, ("to",)) if t.text[:1].isupper() and t.is_alpha and t.text not in CALENDAR]


def _is_with(clause: Clause) -> bool:
    """Whether a clause says with whom something is."""
    return clause.name == "be" and any(t.tag_ in ("NNP", "NNPS") for t in follow(clause.verb, ("with",)))


def _runs_out(clause: Clause, thing: _Thing) -> bool:
    """Whether a clause tells a day of a thing: "the API key **expires** on 1 July", "sprint 12 **ends** on Friday"."""
    is_told_apart = " " in thing.name or thing.owner is not None or any(t.dep_ == "nummod" for t in thing.noun.children)
    return (
        is_told_apart
        and clause.subject == thing.noun
        and clause.name in _DATED
        and clause.time in ("present", "future")
    )


def _lasts(clause: Clause) -> bool:
    """Whether a clause says when something is over: "my contract **runs until** December"."""
    return clause.verb.lemma_ in ("run", "last", "go", "be") and any(
        follow(clause.verb, (way,)) for way in ("until", "till")
    )


def _takes_time(clause: Clause) -> bool:
    """Whether a clause says how long something takes: "my commute **takes 50 minutes**"."""
    return clause.verb.lemma_ in ("take", "last") and any(
        _LONG.fullmatch(t.lower_) and any(c.dep_ == "nummod" for c in t.children)
        for t in (*follow(clause.verb, ("object",)), *follow(clause.verb, ("npadvmod",)))
    )


def _is_off(clause: Clause) -> bool:
    """Whether something does not take place: "the wedding is **off**"."""
    return clause.name in ("be", "be off") and any(
        t.lower_ == "off" and t.dep_ in ("advmod", "prt", "acomp", "prep") and not list(t.children)
        for t in clause.verb.children
    )


def _measured(clause: Clause, thing: _Thing, figure: str, scene: Scene) -> Iterator[Told]:
    """The figure of a thing, which is a subject of its own but for what everybody has one of: "my rent"."""
    name, owner = thing.name, thing.owner
    if owner is not None and name in _PHONES and _PHONE.fullmatch(figure):
        yield Told(owner.name, "phone number", figure, not clause.negated, 0.85)
        return
    if _VERSION.search(figure) is not None and ("version" in name or "version" in figure):
        subject, attribute = name.replace("version", "").strip() or scene.parsed.subject, "version"
    elif owner is None and " " not in name and not _is_measured(clause, thing, scene):
        return
    elif scene.has("personal_figures", thing.noun) and (" " not in name or (owner and "budget" not in name)):
        subject, attribute = (scene.parsed.subject if owner is None else owner.name), name
    else:
        subject, attribute = name, "amount"
    yield Told(subject, attribute, figure, not clause.negated, 0.8, is_dated=not thing.is_changed)
    for before in _instead(clause):
        yield Told(subject, attribute, before, False, 0.8)


def _is_measured(clause: Clause, thing: _Thing, scene: Scene) -> bool:
    """Whether a thing that is not told from others has one figure: what changed, what costs, "the **budget**"."""
    return (
        thing.is_changed
        or clause.name == "cost"
        or clause.name in _SETTING
        or _takes_time(clause)
        or scene.has("figures", thing.noun)
        or scene.has("personal_figures", thing.noun)
    )


def _number_of(clause: Clause, thing: _Thing, scene: Scene) -> Iterator[Told]:
    """How many of something a thing has: "my class has **31 students**"."""
    if clause.verb.lemma_ not in _HOLDING or clause.negated or clause.time != "present" or clause.subject is None:
        return
    is_numbered = any(t.dep_ == "nummod" for t in thing.noun.children)
    is_one = thing.owner is not None or " " in thing.name or is_numbered or thing.name in _AT_WORK
    if clause.subject != thing.noun or not is_one:
        return
    name = f"{thing.name} {thing.noun.nbor().text}" if is_numbered and thing.noun.nbor().like_num else thing.name
    for counted in follow(clause.verb, ("object",)):
        number = next((t for t in counted.children if t.dep_ == "nummod" and t.like_num), None)
        # "Our office in Delhi" is one of several.
        is_one = not any(
            t.dep_ in ("prep", "relcl", "acl") and t.lower_ not in ("of", "for") for t in thing.noun.children
        )
        is_plain = is_one and not any(
            t.dep_ in ("relcl", "acl", "appos") or t.lower_ in ("more", "other") for t in counted.children
        )
        is_counted = clause.verb.lemma_ != "have" or not scene.has("abstract", counted)
        if number is not None and is_plain and counted.tag_ == "NNS" and is_counted:
            yield Told(name, f"number of {thing_name(counted)}", number.text, True, 0.75)


def _valued(clause: Clause, thing: _Thing, owner: Holder, scene: Scene) -> Iterator[Told]:
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
        yield Told(owner.name, thing.name, _text(values[0].doc, start, end), not clause.negated, 0.85)


def _taken_back(clause: Clause, scene: Scene) -> Iterator[Told]:
    """What is to be forgotten of a plan: "forget what I said about **the trip to Paris**"."""
    if clause.name not in ("forget", "ignore", "disregard", "scratch") or clause.owner != "none" or clause.negated:
        return
    for noun in (t for t in clause.top.subtree if t.dep_ == "pobj" and t.head.lower_ == "about"):
        if scene.has("events", noun) or scene.has("plannable", noun):
            yield Told(scene.parsed.subject, thing_name(noun), "", False, 0.8)
            yield Told(scene.parsed.subject, "plan", _words(noun), False, 0.8)


def _paid(clause: Clause, scene: Scene) -> Iterator[Told]:
    """What something costs whoever pays for it: "I pay **45 euros** for **my phone plan**"."""
    if clause.name != "pay" or clause.negated or clause.time != "present":
        return
    for noun in (t for place in (clause.verb, *follow(clause.verb, ("object",))) for t in follow(place, ("for",))):
        if noun.tag_ in _NOUNS and not scene.has("nothing", noun) and "rent" not in noun.lower_:
            figure = _figure(clause, False)
            if figure is not None:
                yield Told(thing_name(noun), "amount", figure, True, 0.75)
            return


def _favorite(clause: Clause, scene: Scene) -> Iterator[Told]:
    """What is somebody's favorite: "**sushi** is my favorite food"."""
    if clause.name != "be" or clause.subject is None or clause.time != "present" or clause.owner != "other":
        return
    for noun in follow(clause.verb, ("is",)):
        owner = possessor(noun, scene.parsed, scene.table)
        name = thing_name(noun)
        if owner is not None and name.startswith("favorite ") and clause.subject.tag_[:2] == "NN":
            start, end = value_span(clause.subject, "name", ())
            yield Told(owner.name, name, _text(noun.doc, start, end), not clause.negated, 0.85)


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


def _thing(clause: Clause, whose: Holder | None, table: Table, earlier: Clause | None) -> tuple[Any | None, bool]:
    """The thing whose value a clause gives, and whether it is said to change."""
    moves = clause.verb.lemma_ in table.words["changing"] or (
        clause.name == "be"
        and clause.time == "present"
        and any(t.lower_ in ("now", "actually", "instead") for t in clause.verb.children)
    )
    objects = [t for t in clause.verb.children if t.dep_ == "dobj"]
    done = [] if clause.name == "be" or not moves else objects[:1]
    is_cancelled = clause.name.replace(" ", "-") in table.words["cancelling"]
    if not done and whose is not None and whose.kind == "user" and clause.subject is not None:
        is_had = is_cancelled or clause.name in table.words["having"]
        return objects[0] if objects and is_had else None, moves
    if not done and is_cancelled:  # "The physio cancelled my appointment"
        done = [t for t in objects if any(c.lower_ in OWNERS for c in t.children if c.dep_ == "poss")]
    if done:
        return done[0], moves
    if whose is not None:
        return None, False
    if clause.name == "be" and clause.subject is not None and clause.subject.lower_ in ("it", "that"):
        return _meant(clause) or _before(earlier, clause), True
    return clause.subject, moves


def _before(earlier: Clause | None, clause: Clause) -> Any | None:
    """The thing of the clause before: "**the gym membership** runs out in April, it's 32 euros a month"."""
    if earlier is None or earlier.subject is None or clause.subject is None or clause.subject.lower_ != "it":
        return None
    is_thing = earlier.owner in ("own", "other") and earlier.subject.tag_ in _NOUNS
    return earlier.subject if is_thing and earlier.verb.sent == clause.verb.sent else None


def _meant(clause: Clause) -> Any | None:
    """What "it" is: "it's Wednesday, for **the optician**", "it's on Thursday, the **dentist** I mean"."""
    for place in (clause.verb, *clause.verb.children):
        for noun in follow(place, ("for",)):
            if noun.tag_ in ("NN", "NNP") and any(t.dep_ in ("det", "poss") for t in noun.children):
                return noun
    return next(
        (t for t in clause.top.sent if t.dep_ == "appos" and t.tag_ == "NN" and _I_MEAN.search(t.sent.text)), None
    )


def _day(clause: Clause, thing: _Thing, subject: str, scene: Scene) -> Iterator[Told]:
    """The day of an appointment. One that is not told from others is one only where the clause says what it became."""
    number = next((t.text for t in thing.noun.children if t.dep_ == "nummod" and t.i == thing.noun.i + 1), None)
    is_one = thing.is_changed or " " in thing.name or thing.name in scene.table.words["once"] or number is not None
    if clause.negated or not is_one:
        return
    if number is not None:
        whole = thing.name.removesuffix(" end")  # "release 3.0"
        thing = replace(thing, name=f"{whole} {number}{thing.name[len(whole) :]}")
    doc = clause.verb.doc
    spans = {**_ordinals(clause), **scene.dates}
    inside = sorted({spans[t.i] for t in clause.top.subtree if t.i in spans and t.i > clause.verb.i})
    inside = [span for span in inside if not any(start <= thing.noun.i < end for start, end in (span,))]
    chosen: list[tuple[int, int]] = []
    for start, end in inside:
        before = [doc[i].lower_ for i in range(max(0, start - 2), start)]
        if not {"since", "after", "before"}.isdisjoint(before):
            continue
        if "from" in before or "not" in before:
            words = _text(doc, start, end)
            key = day_key(words, scene.said_at) or value_key(words)
            yield Told(subject, thing.name, words, False, 0.85, is_dated=True, key=key)
            continue
        if "of" in before and "instead" in before:
            continue
        chosen.append((start, end))
    if not chosen:
        yield from _hour(clause, thing, subject)
        return
    start, end = chosen[0]
    words = _text(doc, start, end)
    key = day_key(words, scene.said_at) or value_key(words)
    clock = _CLOCK.match(doc[end : min(len(doc), end + 6)].text) or _CLOCK_BEFORE.search(
        doc[clause.verb.i : start].text
    )
    if clock is not None:
        time = clock.group().strip(" ,.").removesuffix(" on")
        words, key = f"{words} {time}", f"{key} {value_key(time) or time}"
    yield Told(subject, thing.name, words, True, 0.85, is_dated=True, key=key)


def _hour(clause: Clause, thing: _Thing, subject: str) -> Iterator[Told]:
    """The hour that something was moved to where no day is told: "the standup got moved to **9:45**"."""
    if not thing.is_changed:
        return
    for way in ("to", "at", "until", "till"):
        for head in follow(clause.verb, (way,)):
            match = _HOUR.fullmatch(head.doc[head.left_edge.i : head.right_edge.i + 1].text.removesuffix(" now"))
            if match is not None:
                words = match["time"]
                yield Told(subject, thing.name, words, True, 0.8, is_dated=True, key=value_key(words))
                return


def _ordinals(clause: Clause) -> dict[int, tuple[int, int]]:
    """Days of a month that nothing else of the clause names: "from **the 9th** to **the 16th**"."""
    return {
        t.i: (t.left_edge.i, t.i + 1)
        for t in clause.top.subtree
        if t.dep_ == "pobj" and t.head.lower_ in ("on", "to", "from", "by", "until") and _ORDINAL.fullmatch(t.lower_)
    }


def _figure(clause: Clause, is_changed: bool) -> str | None:
    """The figure that a clause gives: what it is, or what it was changed to."""
    # "90 pages long"
    paths = (
        ("is",),
        ("at",),
        ("on",),
        ("object",),
        ("npadvmod",),
        ("is", "npadvmod"),
        ("advmod", "npadvmod"),
        ("down",),
        ("up",),
    )
    doc = clause.verb.doc
    if is_changed:
        for token in clause.verb.subtree:
            if token.lower_ == "to" and token.i > clause.verb.i:
                end = min(len(doc), token.i + 8)
                words = _run_of_figure(doc, token.i + 1, end)
                if words:
                    return words
        if clause.name not in ("be", "reach", "hit", "double"):
            return None
    for path in paths:
        if path == ("at",) and any(t.i in clause.verb.doc.user_data["dates"] for t in clause.top.subtree):
            continue  # "on Tuesday at 5" is a time
        for head in follow(clause.verb, path):
            words = _run_of_figure(doc, head.left_edge.i, head.right_edge.i + 1)
            if words:
                return words
    return None


def _run_of_figure(doc: Any, start: int, end: int) -> str | None:
    """A figure with its unit that begins here: "150 requests per minute"."""
    while start < end and doc[start].lower_ in (
        "about",
        "around",
        "roughly",
        "exactly",
        "now",
        "almost",
        "over",
        "the",
        "a",
    ):
        start += 1
    if start >= end or not (
        _FIGURE.search(doc[start].lower_) or doc[start].text in "$€£¥" or doc[start].text == "version"
    ):
        return None
    at = start
    while at < end and (
        doc[at].tag_ in ("CD", "$", "NN", "NNS", "NNP", "SYM")
        or doc[at].lower_ in ("per", "a", "an", "/", "%", "version", "-")
        # "140 over 90", "9 to 5"
        or (at > start and at + 1 < end and _goes_on(doc, at))
    ):
        at += 1
    while at > start and (doc[at - 1].tag_ in ("DT",) or doc[at - 1].lower_ in ("per", "/", "-")):
        at -= 1
    return _text(doc, start, at).rstrip(".") or None


def _goes_on(doc: Any, at: int) -> bool:
    """Whether a figure has two numbers with this word between them; "from 40 to 25" has not."""
    is_between = doc[at - 1].like_num and doc[at + 1].like_num
    is_from = at > 1 and doc[at - 2].lower_ == "from"
    return is_between and (doc[at].lower_ == "over" or (doc[at].lower_ == "to" and not is_from))


def _instead(clause: Clause) -> Iterator[str]:
    """What a figure was before, or is not: "from 100", ", not 100"."""
    doc = clause.verb.doc
    for token in clause.verb.subtree:
        if token.lower_ in ("from", "not") and token.i > clause.verb.i:
            words = _run_of_figure(doc, token.i + 1, min(len(doc), token.i + 6))
            if words:
                yield words


def _words(thing: Any) -> str:
    start, end = value_span(thing, "phrase", ())
    return _text(thing.doc, start, end)


def _text(doc: Any, start: int, end: int) -> str:
    return " ".join(doc[start:end].text.split())
