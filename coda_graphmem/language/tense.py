"""When and how far along something is by the form of its verb."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.language.syntax import VERB_TAGS, auxiliaries, own_subjects

#: "is", "is doing" is ``now``; "did", "was doing", "used to do" ``past``; "has done" ``done``, "has been doing"
#: ``lasting``. What is to come, or merely possible, is no tense but a modality.
Tenses = Mapping[str, frozenset[str]]

#: Verbs that say how something stands.
_STATES = frozenset("be have own live work".split())
#: Of these "has done" says that it goes on: "I have lived here for years".
_LASTING = frozenset("live work know own belong".split())
_HELPING = ("aux", "auxpass")
#: Verbs that give their tense to the infinitive behind them.
_SEMI = frozenset("have use go need".split())


def tenses(tokens: Sequence[Any], words: Mapping[int, str]) -> Tenses:
    """In which tenses each verb of a text stands.

    Args:
        tokens: Of spaCy's parse.
        words: What each token stands for, by its place in the text.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for token in tokens:
        if token.tag_ in VERB_TAGS and token.dep_ not in _HELPING and _of_somebody(token):
            tense = _tense(token)
            if tense is not None:
                found[words[token.i]].add(tense)
    return {verb: frozenset(forms) for verb, forms in found.items()}


def _of_somebody(verb: Any) -> bool:
    """Whether a verb tells of somebody known, or how something stands.

    Where it tells what some man or some dog does, the tense is mostly that of whoever describes the scene.
    """
    if verb.lemma_ in _STATES:
        return True
    if any(child.dep_ == "ccomp" for child in verb.children):
        return False  # Who says something said it.
    while verb.dep_ in ("conj", "xcomp") and not own_subjects(verb):
        verb = verb.head
    return any(
        subject.tag_ in ("NNP", "NNPS", "PRP", "DT", "EX") or any(child.dep_ == "poss" for child in subject.children)
        for subject in own_subjects(verb)
    )


def _tense(verb: Any) -> str | None:
    helping = [t for t in auxiliaries(verb) if t.tag_ != "TO"]
    if verb.tag_ == "VB" and not helping and verb.dep_ == "xcomp" and verb.head.lemma_ in _SEMI:
        return _tense(verb.head)
    if any(t.tag_ == "MD" for t in helping):
        return "now" if any(t.lower_ in ("must", "can", "should") for t in helping) else None
    finite = helping[0] if helping else verb
    if finite.tag_ == "VBD":
        return "past"
    if finite.tag_ in ("VBZ", "VBP"):
        perfect = finite is not verb and finite.lemma_ in ("have", "'ve") and finite.dep_ == "aux"
        if perfect:
            return "lasting" if verb.tag_ == "VBG" or verb.lemma_ in _LASTING else "done"
        return "doing" if verb.tag_ == "VBG" and helping else "now"
    return None
