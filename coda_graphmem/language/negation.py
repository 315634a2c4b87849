"""What denies. A text is compared by how often it denies, and a clause is read by whether it does.

The two stand beside each other because they err on different sides: a guard that counts too much keeps two memories
apart, which costs little, so it takes words that only lean to a denial ("rarely", "lack") wherever they stand. What is
learned from a clause that denies would be the reverse of what was said, so there the place in the clause decides.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.language.phrases import Phrases

#: Words that deny, or lean to it, wherever they stand.
NEGATORS = frozenset(
    """not n't nt no never nobody nothing none nowhere neither nor without cannot cant dont doesnt didnt isnt arent
    wasnt werent wont hardly barely scarcely rarely seldom unable lack refuse deny except excluding""".split()
)
#: The same in a text that is not parsed: the words that deny and nothing else.
NEGATION = Phrases(r"\b(?:no|not|never|none|nobody|nothing|without|cannot)\b|n['’]t\b")
#: What is left of "not" after an apostrophe, written in full.
CONTRACTED = {"n't": "not", "nt": "not", "n’t": "not"}

#: Verbs whose denial is meant of what depends on them.
_PASSING = frozenset("think believe suppose expect imagine seem appear want".split())
#: Stands before what is not reached: "not all".
NOT_REACHED = "not "
#: What is something else where it is denied itself.
_TOTALS = frozenset("all every everyone everybody everything always both".split())
#: Words that deny the verb they stand with.
_DENYING = frozenset("not n't never hardly barely rarely seldom scarcely nor no nt neither cannot".split())


def count_negations(tokens: Sequence[Any]) -> int:
    """How often a text denies.

    Args:
        tokens: Of spaCy's parse. "Not only", "no doubt", "neither … nor" and "no one" deny nothing, or once only.
    """
    lowered = [t.lower_ for t in tokens]
    count = 0
    for position, word in enumerate(lowered):
        following = lowered[position + 1] if position + 1 < len(lowered) else ""
        if word in NEGATORS or _leaning(tokens[position]):
            count += not ((word == "not" and following == "only") or following == "doubt" or word == "nor")
    return count


def denied_words(tokens: Sequence[Any], words: Mapping[int, str]) -> frozenset[str]:
    """What a text denies: verbs, what somebody is not, and quantities that are not reached ("not all").

    Args:
        tokens: Of spaCy's parse.
        words: What each token stands for, by its place in the text.
    """
    found: set[str] = set()
    governors = {}
    for token in tokens:
        if token.lower_ in _TOTALS and token.i and token.nbor(-1).lower_ == "not":
            found.add(f"{NOT_REACHED}{words[token.i]}")
        elif token.dep_ == "neg" or token.lower_ in _DENYING:
            governors[token.head.i] = token.head
    for head in {head.i: head for governor in governors.values() for head in _denied_heads(governor)}.values():
        if head.tag_ != "MD" and head.lemma_ != "do":  # "Lea can't": the verb is left out.
            found.add(words[head.i])
        for child in head.children:
            if child.dep_ in ("attr", "acomp"):
                found.add(words[child.i])
            elif child.dep_ == "nsubj":
                # "The lower one" is told from others by what stands before it.
                which = [t for t in child.children if t.dep_ == "amod"] if child.lower_ == "one" else [child]
                found.update(words[t.i] for t in which)
    return frozenset(found - NEGATORS)


def _denied_heads(head: Any) -> list[Any]:
    """The verb of a denial, or of what it is passed on to: who does not think that it rains thinks that it does not."""
    while head.tag_[:2] in ("NN", "PR", "DT") and head.dep_ != "ROOT":
        head = head.head  # "Nobody came", "I have no dog": the verb is denied.
    if head.lemma_ in _PASSING:
        passed = [child for child in head.children if child.dep_ in ("ccomp", "xcomp")]
        if passed:
            return passed
    return [head]


def _leaning(token: Any) -> bool:
    """Whether a verb leans to a denial: who declines or fails to pay does not."""
    to_do = any(child.dep_ == "xcomp" for child in token.children)
    return token.lemma_ in ("lack", "refuse", "deny") or (token.lemma_ in ("decline", "fail") and to_do)


def denied(verb: Any) -> bool:
    """Whether the clause of a verb denies: "not", "never", "no dog", "nothing"."""
    complements = [t for t in verb.children if t.dep_ in ("dobj", "attr", "acomp")]
    for child in verb.children:
        if child.dep_ == "intj":
            continue  # "No, I live in Bergen"
        if (child.dep_ == "neg" or child.lower_ in _DENYING) and not _only(child):
            if child.i > verb.i and stands_aside(child):
                continue  # "I work at Orion, not at Vega"
            return True
        if (child.dep_ == "nsubj" or child in complements[:1]) and any(
            t.lower_ in ("no", "neither", "not", "zero")
            and t.dep_ in ("det", "neg", "preconj", "advmod")
            and not (t.i > verb.i and stands_aside(t))
            for t in child.children
        ):
            return True
        if (child.dep_ == "advmod" and child.lower_ in ("longer", "anymore")) or (
            child.lower_ == "more" and any(t.lower_ == "any" for t in child.children)
        ):
            return True
    return False


def stands_aside(negation: Any) -> bool:
    """Whether "not" only says what is not meant: "on Thursday, **not** Tuesday"."""
    return negation.i > 0 and (negation.nbor(-1).text in ",;-–—(" or negation.nbor(-1).lower_ in ("and", "but"))


def shares_denial(verb: Any) -> bool:
    """Whether "not" of a verb holds for the next one as well: "I don't cook or bake"."""
    return any(t.lower_ in ("or", "nor") for t in verb.children if t.dep_ == "cc") and denied(verb)


def _only(negation: Any) -> bool:
    following = negation.nbor() if negation.i + 1 < len(negation.doc) else None
    return following is not None and following.lower_ in ("only", "just", "doubt")
