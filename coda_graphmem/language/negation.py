"""What denies. A text is compared by how often it denies, and a clause is read by whether it does.

The two stand beside each other because they err on different sides: a guard that counts too much keeps two memories
apart, which costs little, so it takes words that only lean to a denial ("rarely", "lack") wherever they stand. What is
learned from a clause that denies would be the reverse of what was said, so there the place in the clause decides.
"""

import re
from collections.abc import Sequence
from typing import Any

#: Words that deny, or lean to it, wherever they stand.
NEGATORS = frozenset(
    """not n't nt no never nobody nothing none nowhere neither nor without cannot cant dont doesnt didnt isnt arent
    wasnt werent wont hardly barely scarcely rarely seldom unable lack refuse deny except excluding""".split()
)
#: The same in a text that is not parsed: the words that deny and nothing else.
NEGATION = re.compile(r"\b(?:no|not|never|none|nobody|nothing|without|cannot)\b|n['’]t\b", re.IGNORECASE)
#: What is left of "not" after an apostrophe, written in full.
CONTRACTED = {"n't": "not", "nt": "not", "n’t": "not"}

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
        if word in NEGATORS or tokens[position].lemma_ in ("lack", "refuse", "deny"):
            count += not ((word == "not" and following == "only") or following == "doubt" or word == "nor")
    return count


def denied(verb: Any) -> bool:
    """Whether the clause of a verb denies: "not", "never", "no dog", "nothing"."""
    complements = [t for t in verb.children if t.dep_ in ("dobj", "attr", "acomp")]
    for child in verb.children:
        if child.dep_ == "intj":
            continue  # "No, I live in Bergen"
        if (child.dep_ == "neg" or child.lower_ in _DENYING) and not _only(child):
            return True
        if (child.dep_ == "nsubj" or child in complements[:1]) and any(
            t.lower_ in ("no", "neither", "not", "zero") and t.dep_ in ("det", "neg", "preconj", "advmod")
            for t in child.children
        ):
            return True
        if (child.dep_ == "advmod" and child.lower_ in ("longer", "anymore")) or (
            child.lower_ == "more" and any(t.lower_ == "any" for t in child.children)
        ):
            return True
    return False


def shares_denial(verb: Any) -> bool:
    """Whether "not" of a verb holds for the next one as well: "I don't cook or bake"."""
    return any(t.lower_ in ("or", "nor") for t in verb.children if t.dep_ == "cc") and denied(verb)


def _only(negation: Any) -> bool:
    following = negation.nbor() if negation.i + 1 < len(negation.doc) else None
    return following is not None and following.lower_ in ("only", "just", "doubt")
