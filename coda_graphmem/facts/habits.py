"""What somebody does again and again, by verbs that no rule lists: "I **wear contact lenses**", "she **climbs**".

The verb is the attribute, which holds many values: what is read so ends nothing but what is denied in the same words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.holders import Holder
from coda_graphmem.facts.phrases import is_measure, joined, plain_text, value_span, without_joined
from coda_graphmem.facts.told import Told
from coda_graphmem.language.pronouns import OWNERS

_DOES = "does"
"""What attributes of habits begin with; the verb follows: "does wear"."""
_CONFIDENCE = 0.65
_NOUNS = frozenset("NN NNS NNP NNPS".split())
_NAMES = frozenset("NNP NNPS".split())
#: How a clause hangs in its sentence that says something of its own.
_OF_ITS_OWN = frozenset("ROOT conj parataxis".split())
_CONDITIONS = frozenset("when if whenever".split())
_REASONS = frozenset("because as since so though although".split())
#: What a verb may govern without another thing: "because I **climb**".
_NO_OBJECTS = frozenset("dobj ccomp xcomp attr acomp oprd dative prt expl auxpass nsubjpass csubj".split())
_POINTING = frozenset("this that these those such what which".split())
_PARTICLES = frozenset("up out off down in on over away back around along through by about apart together".split())
#: Letters that a word for a notion has more of.
_SHORTEST_NOTION = 6
#: Where people go every day.
_GONE_TO = frozenset("work school college uni church nursery".split())
_PLACES = frozenset("to at in with on for from by".split())


@dataclass(frozen=True, slots=True)
class _Held:
    """What the verb of a habit governs, and by which preposition."""

    noun: Any
    preposition: str


def habit_statements(clause: Clause, whose: Holder | None, scene: Scene, *, is_regular: bool) -> Iterator[Told]:
    """What a clause says that somebody does, in a verb that no rule knows.

    Args:
        whose: Who does it.
        is_regular: Whether the clause says how often, so that verbs are read as well which mostly tell of a moment.
    """
    if whose is None or not _is_habit(clause, scene, is_regular=is_regular):
        return
    verb, is_over = clause.verb, clause.phase == "formerly"
    polarity = clause.negated == (clause.phase == "stopped")
    if is_over and clause.negated:
        return
    name = f"{_DOES} {clause.name}"
    held = _held(verb, scene)
    if held is None:
        if _is_alone(verb) and verb.lemma_ in scene.table.words["abilities"] and whose.kind != "named":
            yield Told(whose.name, "skill", clause.name, polarity, _CONFIDENCE, is_over=is_over)
        return
    attribute = f"{name} {held.preposition}".rstrip()
    for noun in (held.noun, *joined(held.noun)):
        if noun is held.noun or _is_concrete(noun, scene):
            start, end = value_span(noun, "name", scene.dates)
            value = plain_text(verb.doc, start, without_joined(noun, start, end))
            yield Told(whose.name, attribute, value, polarity, _CONFIDENCE, is_over=is_over)


def _is_habit(clause: Clause, scene: Scene, *, is_regular: bool) -> bool:
    """Whether a clause tells of what somebody does now and then, and not of what they did or feel."""
    return _is_of_its_own(clause) and _is_in_time(clause) and _is_of_habits(clause, scene, is_regular=is_regular)


def _is_of_habits(clause: Clause, scene: Scene, *, is_regular: bool) -> bool:
    """Whether the verb is none that tells of a moment, or of what one thinks."""
    words, particle = scene.table.words, clause.name.partition(" ")[2]
    if (particle and particle not in _PARTICLES) or not clause.verb.is_alpha:
        return False
    is_liked = clause.top != clause.verb and clause.top.lemma_ in words["enjoying"]
    is_passing = clause.verb.lemma_ in words["passing"] or (
        clause.verb.lemma_ in words["many_sided"] and not is_regular
    )
    return not (is_liked or is_passing or any(t.dep_ in ("auxpass", "nsubjpass") for t in clause.verb.children))


def _is_of_its_own(clause: Clause) -> bool:
    """Whether a clause stands for itself, or for the reason of something."""
    top = clause.top
    if top.dep_ == "ccomp":  # "My wife **runs marathons**, I just watch"
        return bool(top.i < top.head.i and any(t.text == "," and t.i > top.i for t in top.head.children))
    if any(t.dep_ == "advcl" and any(c.lower_ in _CONDITIONS for c in t.children) for t in top.children if t.i < top.i):
        return False  # "When I'm tired, I skip lunch"
    is_reason = top.dep_ == "advcl" and any(t.dep_ == "mark" and t.lower_ in _REASONS for t in top.children)
    return top.dep_ in _OF_ITS_OWN or is_reason


def _is_in_time(clause: Clause) -> bool:
    """Whether a clause tells of what is done now and then, or is not any more."""
    if clause.modal is not None:
        return False
    if clause.phase:
        return clause.time != "future"
    if clause.time == "perfect":  # "I've been brewing cider **for years**"
        return clause.progressive and any(t.lower_ in ("for", "since") for t in clause.verb.children)
    is_plain = clause.verb.tag_ in ("VBP", "VBZ", "VB") or (clause.progressive and clause.top != clause.verb)
    return clause.time == "present" and is_plain and _agrees(clause)


def _agrees(clause: Clause) -> bool:
    """Whether a verb has the form of its subject, and of the verb that it is joined to: nouns pass for verbs there."""
    top = clause.top
    if clause.owner == "self" and top.tag_ == "VBZ":
        return False
    tags = {top.tag_, top.head.tag_}
    return not clause.inherited or top.dep_ != "conj" or len(tags) == 1 or tags == {"VB", "VBP"}


def _held(verb: Any, scene: Scene) -> _Held | None:
    """The thing that a verb governs, itself or by the preposition behind it."""
    if any(t.dep_ in ("ccomp", "xcomp", "attr", "acomp", "oprd", "dative") for t in verb.children):
        return None
    objects = [t for t in verb.children if t.dep_ == "dobj"]
    if objects and not is_measure(objects[0]):
        return _Held(objects[0], "") if _is_concrete(objects[0], scene) else None
    # "Works **nights at the bakery**"
    for way in (t for above in (verb, *objects) for t in above.children if t.dep_ == "prep" and t.i > verb.i):
        nouns = [t for t in way.children if t.dep_ == "pobj" and t.i not in scene.dates]
        if way.lower_ in _PLACES and nouns and _is_place_or_thing(nouns[0], way.lower_, scene):
            return _Held(nouns[0], way.lower_)
        if nouns:
            return None
    return None


def _is_place_or_thing(noun: Any, preposition: str, scene: Scene) -> bool:
    """Whether a word is what somebody does something at, in or with: of a place "the" tells as well."""
    if preposition == "to" and noun.lower_ in _GONE_TO:
        return True
    return _is_concrete(noun, scene, may_be_known=preposition in ("at", "in"))


def _is_alone(verb: Any) -> bool:
    """Whether a verb governs nothing, so that it says all itself: "I **knit**"."""
    return not any(
        t.dep_ in _NO_OBJECTS or t.dep_ in ("prep", "advcl") or t.tag_ in ("WRB", "WP") for t in verb.children
    )


def _is_concrete(noun: Any, scene: Scene, *, may_be_known: bool = False) -> bool:
    """Whether a word names a thing, a place or somebody, and none that only the text before tells.

    Args:
        may_be_known: Whether "the" may stand before it alone: "at **the bakery**".
    """
    if noun.tag_ not in _NOUNS or is_measure(noun) or scene.has("nothing", noun):
        return False
    is_name = noun.tag_ in _NAMES and noun.text[:1].isupper()
    is_notion = not scene.has("foods", noun) and (scene.has("abstract", noun) or _is_notion(noun, scene))
    if noun.ent_type_ == "PERSON" or (is_notion and not is_name):
        return False
    for word in noun.children:
        if word.lower_ in _POINTING or (word.dep_ == "poss" and word.lower_ not in OWNERS and word.tag_ == "PRP$"):
            return False
        if (
            word.lower_ == "the"
            and not may_be_known
            and not is_name
            and not any(t.dep_ in ("compound", "amod", "nmod", "prep") for t in noun.children)
        ):
            return False
        if word.dep_ in ("relcl", "acl") and any(t.lower_ in ("you", "it", "that") for t in word.subtree):
            return False
    return True


def _is_notion(noun: Any, scene: Scene) -> bool:
    """Whether a word names what nobody can touch, by its end: "kindness"."""
    endings = tuple(scene.table.words["notion_endings"])
    return len(noun.lemma_) > _SHORTEST_NOTION and noun.lemma_.endswith(endings) and not scene.has("no_notions", noun)
