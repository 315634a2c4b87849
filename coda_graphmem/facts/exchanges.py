"""What somebody or something works with: "the server is on **Ubuntu 24.04**", "we moved from MySQL to **Postgres**"."""

import re
from collections.abc import Iterator
from typing import Any

from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.holders import Holder
from coda_graphmem.facts.phrases import is_branded, joined, plain_text, value_span, without_joined
from coda_graphmem.facts.told import Told, thing_name
from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.syntax import follow

NAMED_VERSION = re.compile(r"(?P<name>[A-Z][\w+#.]*(?: [A-Z][\w+#.]*)*),? (?:version )?(?P<version>v?\d+(?:\.\d+)*)")
_WORKING_WITH = frozenset("run use".split())
#: Names of tools that nobody knows pass for those of places, so that words tell which are.
_NO_TOOLS = frozenset("NORP EVENT LANGUAGE MONEY ORDINAL PERCENT".split())


def exchanged(clause: Clause, whose: Holder | None, scene: Scene) -> Iterator[Told]:
    """What a clause says of the tools of the user, or of a thing that it names."""
    if clause.negated or clause.phase or clause.modal is not None:
        return
    subject, attribute = _holder(clause, whose, scene)
    if not subject:
        return
    if clause.verb.lemma_ in scene.table.words["going_over"]:
        yield from _gone_over(clause, subject, attribute, scene)
        return
    if clause.verb.lemma_ in scene.table.words["giving_up"]:
        # "I ditched Chrome **for Firefox**"
        before = [t for t in follow(clause.verb, ("object",)) if _is_tool(t, scene)]
        # "In favour of GitHub Actions"
        ways = (("with",), ("by",), ("for",), ("in", "of"))
        after = [t for way in ways for t in follow(clause.verb, way) if _is_tool(t, scene)]
        if before and after and not _are_people(before + after) and clause.time in ("past", "perfect"):
            yield Told(subject, attribute, _words(before[0], scene), False, 0.8)
            yield Told(subject, attribute, _words(after[0], scene), True, 0.8, is_start=True)
        return
    if clause.time not in ("present", "perfect"):
        return
    is_named = clause.name == "be" and whose is None and clause.owner == "other"
    places = [*follow(clause.verb, ("on",)), *(follow(clause.verb, ("is",)) if is_named else [])]
    places = places if clause.name == "be" else []
    if clause.verb.lemma_ in _WORKING_WITH:
        places += [*follow(clause.verb, ("object",)), *follow(clause.verb, ("on",))]
    for tool in (t for t in places if _is_tool(t, scene)):
        words = _words(tool, scene)
        match = NAMED_VERSION.fullmatch(words)
        if whose is None and clause.verb.lemma_ == "use":  # A thing runs on one, and uses several.
            for one in (tool, *joined(tool)):
                start, end = value_span(one, "name", scene.dates)
                used = plain_text(one.doc, start, without_joined(one, start, end))
                yield Told(subject, "uses", used, True, 0.8)
        elif whose is None and (match is not None or clause.name != "be"):
            yield Told(subject, attribute, words, True, 0.8)
        elif whose is not None and match is not None:
            yield Told(match["name"], "version", match["version"], True, 0.8)
        return


def _gone_over(clause: Clause, subject: str, attribute: str, scene: Scene) -> Iterator[Told]:
    """What was left and what it was left for: "we moved from **MySQL** to **Postgres**"."""
    left = (*follow(clause.verb, ("from",)), *follow(clause.verb, ("object", "from")))
    before = [t for t in left if _is_tool(t, scene)]
    ways = (("to",), ("over", "to"), ("object", "to"), ("back",))
    inner = [t for one in clause.verb.children if one.lower_ == "from" for t in follow(one, ("to",))]
    to = (*(t for way in ways for t in follow(clause.verb, way)), *inner)
    after = [t for t in to if _is_tool(t, scene) or (before and _is_one_of_a_make(t))]
    is_alone = attribute == "runs" or clause.verb.lemma_ in ("switch", "migrate")
    if after and (before or is_alone) and not _are_people(before + after) and clause.time in ("past", "perfect"):
        if before:
            yield Told(subject, attribute, _words(before[0], scene), False, 0.8)
        is_had = attribute == "uses" and _is_one_of_a_make(after[0])
        kept_as = "possession" if is_had else attribute
        yield Told(subject, kept_as, _words(after[0], scene), True, 0.8, is_start=True)


def _holder(clause: Clause, whose: Holder | None, scene: Scene) -> tuple[str, str]:
    """Whose tools a clause tells of, and how they are kept: those of the user, or what a thing runs on."""
    things = [t for t in follow(clause.verb, ("object",)) if clause.verb.lemma_ in scene.table.words["going_over"]]
    if whose is not None and whose.kind == "user" and not things:
        return whose.name, "uses"
    noun = things[0] if things else clause.subject
    if noun is None or (whose is not None and whose.kind != "user") or noun.tag_ not in ("NN", "NNS"):
        return "", ""
    is_pointed_at = any(t.dep_ in ("det", "poss", "compound") for t in noun.children)
    is_person = scene.has("relatives", noun) or scene.has("acquaintances", noun) or scene.has("occupations", noun)
    return ("", "") if is_person or not is_pointed_at else (thing_name(noun), "runs")


def _is_tool(noun: Any, scene: Scene) -> bool:
    is_odd = noun.tag_ in ("XX", "FW") and noun.text[:1].isupper()
    named = noun.tag_ in ("NNP", "NNPS") or is_odd or is_branded(noun)
    return (
        named
        and noun.text[:1].isalpha()
        and noun.ent_type_ not in _NO_TOOLS
        and not scene.has("places", noun)
        and noun.text not in CALENDAR
        and not any(t.dep_ in ("det", "poss") for t in noun.children)
    )


def _is_one_of_a_make(noun: Any) -> bool:
    """Whether a word names what there are many of: "from Android to **an iPhone**"."""
    return is_branded(noun) and any(t.lower_ in ("a", "an") for t in noun.children if t.dep_ == "det")


def _are_people(names: list[Any]) -> bool:
    return all(t.ent_type_ == "PERSON" for t in names)


def _words(noun: Any, scene: Scene) -> str:
    start, end = value_span(noun, "name", scene.dates)
    return plain_text(noun.doc, start, end)
