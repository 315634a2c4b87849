"""Which figure somebody tells of a thing: what it costs, how long it takes, how many of something it has."""

import re
from collections.abc import Iterator
from typing import Any

from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.phrases import plain_text
from coda_graphmem.facts.thing_subject import NOUNS, Thing
from coda_graphmem.facts.told import Told, thing_name
from coda_graphmem.language.lexicon import UNITS
from coda_graphmem.language.syntax import follow

#: A number by which somebody is called, however it is named.
_PHONE = re.compile(r"\+?\(?\d[\d ()./-]{5,16}\d")
_PHONES = frozenset("number phone telephone".split())
_FIGURE = re.compile(r"\d|^(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty)\b")
#: What is done to a figure that is then so much: "retries **are capped at** 3".
SETTING = frozenset("cap limit set fix price budget".split())
#: Of these somebody who says "the" has one in mind.
_AT_WORK = frozenset("team cluster server project company department app office school class course choir band".split())
_RUNNING = frozenset("run operate execute fire trigger repeat".split())
#: Units in which it is told how long something takes, by their names in the lexicon, and those that it has not.
_LONG = frozenset("minute hour day week month year".split())
_SHORT = frozenset("ms millisecond milliseconds second seconds".split())
_HOLDING = frozenset("have contain include hold".split())
_VERSION = re.compile(r"\bv?\d+(?:\.\d+)+\b|\bv\d+\b")


def measured(clause: Clause, thing: Thing, figure: str, scene: Scene) -> Iterator[Told]:
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


def _is_measured(clause: Clause, thing: Thing, scene: Scene) -> bool:
    """Whether a thing that is not told from others has one figure: what changed, what costs, "the **budget**"."""
    return (
        thing.is_changed
        or clause.name == "cost"
        or clause.name in SETTING
        or takes_time(clause)
        or scene.has("figures", thing.noun)
        or scene.has("personal_figures", thing.noun)
    )


def number_told(clause: Clause, thing: Thing, scene: Scene) -> Iterator[Told]:
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


def share_held(clause: Clause, thing: Thing) -> Iterator[Told]:
    """How much of something a thing has: "the server has **64 GB** of **RAM**"."""
    if clause.verb.lemma_ not in _HOLDING or clause.negated or clause.time != "present" or clause.subject != thing.noun:
        return
    for unit in follow(clause.verb, ("object",)):
        for held in follow(unit, ("of",)):
            words = unit.doc[unit.left_edge.i : unit.i + 1].text
            if words[:1].isdigit() and held.tag_ in NOUNS:
                yield Told(thing.name, held.text, words, True, 0.75)
                return


def labelled(clause: Clause, thing: Thing) -> Iterator[Told]:
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


def figure_had(clause: Clause, scene: Scene) -> Iterator[Told]:
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


def counted_now(clause: Clause, scene: Scene) -> Iterator[Told]:
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


def price_paid(clause: Clause, scene: Scene) -> Iterator[Told]:
    """What something costs whoever pays for it: "I pay **45 euros** for **my phone plan**"."""
    if clause.name != "pay" or clause.negated or clause.time != "present":
        return
    for noun in (t for place in (clause.verb, *follow(clause.verb, ("object",))) for t in follow(place, ("for",))):
        if noun.tag_ in NOUNS and not scene.has("nothing", noun) and "rent" not in noun.lower_:
            figure = figure_told(clause, False)
            if figure is not None:
                yield Told(thing_name(noun), "amount", figure, True, 0.75)
            return


def takes_time(clause: Clause) -> bool:
    """Whether a clause says how long something takes: "my commute **takes 50 minutes**"."""
    return clause.verb.lemma_ in ("take", "last") and any(
        (UNITS.get(t.lower_) in _LONG or t.lower_ in _SHORT) and any(c.dep_ == "nummod" for c in t.children)
        for t in (*follow(clause.verb, ("object",)), *follow(clause.verb, ("npadvmod",)))
    )


def figure_told(clause: Clause, is_changed: bool) -> str | None:
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
    return plain_text(doc, start, at).rstrip(".") or None


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
