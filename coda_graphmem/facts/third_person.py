"""Says in the third person what the user said of themselves: "I love my dog" becomes "User loves their dog"."""

from collections.abc import Iterable
from typing import Any

from coda_graphmem.language.negation import CONTRACTED
from coda_graphmem.language.pronouns import OWN_SUBJECTS, TOLD_BY_OTHERS
from coda_graphmem.language.syntax import auxiliaries, subjects
from coda_graphmem.language.verbs import third_person_of

_SIDE = ("intj", "parataxis", "mark")
#: Words of the longest opening: "as a matter of fact".
_LONGEST_OPENING = 5
_BE = {"am": "is", "are": "is", "'m": "is", "'re": "is", "were": "was", "m": "is"}
_THEY = {"am": "are", "was": "were", "'m": "are"}
#: What is left of helping verbs before and behind an apostrophe, written in full.
_SHORTENED = {"'ve": "has", "ca": "can", "wo": "will", "'ll": "will", "'d": "would"}


def statement(clause_top: Any, subject: Any | None, inherited: bool, name: str, openings: frozenset[str]) -> str:
    """One clause, by its verb, as a sentence of its own.

    Args:
        subject: Its subject, which where ``inherited`` stands before another verb.
        name: What to call the user.
        openings: Words before a statement that say nothing ("well", "so").
    """
    wanted = _words(clause_top, openings)
    # The name goes to the subject, whatever stands before it: "To reset their router, User holds the button".
    own = subject is not None and subject.lower_ in OWN_SUBJECTS
    writer = _Writer(name, subject.i if own and subject is not None else None)
    if inherited and subject is not None:
        writer.add(sorted(subject.subtree, key=lambda t: t.i), None)
        if clause_top.tag_ in ("VBN", "VBG", "VB") and not auxiliaries(clause_top):
            helping = [t for t in auxiliaries(subject.head) if t.tag_ != "TO"]
            writer.add(helping, helping[0] if helping else None)
    finite = _finite(clause_top)
    together = subject is not None and any(t.dep_ == "conj" for t in subject.children)
    writer.add(wanted, None if together else finite)
    return writer.text()


def _words(top: Any, openings: frozenset[str]) -> list[Any]:
    left: set[int] = set()
    for child in top.children:
        relative = child.dep_ == "advcl" and any(t.lower_ in ("if", "unless") for t in child.children)
        joined = child.dep_ in ("conj", "cc")
        before = child.dep_ == "ccomp" and child.i < top.i
        if (
            child.dep_ in _SIDE
            or joined
            or before
            or relative
            or (
                child.dep_ in ("ccomp", "advcl")
                and any(t.tag_ in ("WP", "WRB") for t in child.children)
                and child.i > top.i
                and _has_comma(top, child)
            )
        ):
            left |= {t.i for t in child.subtree}
    words = [t for t in top.subtree if t.i not in left and not t.is_space]
    # What stands apart from the rest was cut off from it.
    words = _joined(words)
    while length := _opening(words, top, openings):
        words = words[length:]
    while len(words) > 2 and words[-1].lower_ in openings and words[-2].is_punct:
        words = words[:-2]  # "I live in Bergen, actually"
    while (
        words
        and (words[-1].is_punct or words[-1].dep_ == "cc")
        and words[-1].text not in (")", '"', "”", "%", "+", "#")
    ):
        words.pop()
    return words


def _opening(words: list[Any], top: Any, openings: frozenset[str]) -> int:
    """How many words at the beginning say nothing; of "by the way", which the table writes with hyphens, all three."""
    if words and words[0].is_punct:
        return 1
    before = [word.lower_ for word in words[:_LONGEST_OPENING] if word.i < top.i]
    return next((n for n in range(len(before), 0, -1) if "-".join(before[:n]) in openings), 0)


def _joined(words: list[Any]) -> list[Any]:
    """Without commas that no longer separate anything."""
    kept: list[Any] = []
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else None
        if (
            word.text in (",", ";", ":", "-", "–", "—")
            and following is not None
            and (following.i != word.i + 1 or (following.is_punct and following.text in ",;:"))
        ):
            continue
        kept.append(word)
    return kept


def _has_comma(top: Any, child: Any) -> bool:
    return any(t.text in (",", ";", "-", "–", "—") for t in top.doc[top.i : child.left_edge.i])


def _finite(verb: Any) -> Any | None:
    helping = auxiliaries(verb)
    if helping:
        return helping[0]
    return verb if verb.tag_ in ("VBP", "VB", "VBD", "VBZ", "NN", "NNS") else None


class _Writer:
    """Writes words, the first "I" as the name and what follows as "they"."""

    def __init__(self, name: str, subject: int | None) -> None:
        self._name = name
        self._subject = subject
        self._named = subject is not None
        self._named_at: int | None = None
        self._parts: list[str] = []

    def add(self, words: Iterable[Any], finite: Any | None) -> None:
        before: Any | None = None
        for word in words:
            written = self._word(word, finite)
            if before is not None and self._parts and self._is_apart(before, word, written):
                self._parts[-1] += " "
            before = word
            self._parts.append(
                written
                + (
                    " "
                    if word.whitespace_
                    or (word.i + 1 < len(word.doc) and (word.nbor().is_space or word.nbor().lower_ in CONTRACTED))
                    or (word.lower_ in _BE and word.text.startswith("'"))
                    else ""
                )
            )
        if self._parts and not self._parts[-1].endswith(" "):
            self._parts[-1] += " "

    def _is_apart(self, before: Any, word: Any, written: str) -> bool:
        """Whether two words that were one, or had others between them, need a blank: "I'd" is "User would"."""
        joined = self._parts[-1][-1:].isalnum() and written[:1].isalnum()
        return joined and (word.i != before.i + 1 or written != word.text)

    def _word(self, word: Any, finite: Any | None) -> str:
        low: str = word.lower_.replace("’", "'")
        if low in CONTRACTED:
            return CONTRACTED[low]
        if low in OWN_SUBJECTS and word.tag_ in ("PRP", "NN", "NNP"):
            return self._user(word)
        if low in TOLD_BY_OTHERS and (word.tag_.startswith("PRP") or low in ("my", "mine")):
            return self._users(low)
        if word.tag_ in ("VBP", "VBD", "VB") or low in _SHORTENED or (finite is not None and word.i == finite.i):
            return self._verb(word, low, finite)
        return str(word.text)

    def _user(self, word: Any) -> str:
        if word.i == self._subject or not self._named:
            self._named, self._named_at = True, word.i
            return self._name
        return "they"

    def _users(self, low: str) -> str:
        if self._named:
            return TOLD_BY_OTHERS[low]
        self._named = True
        return self._name + ("'s" if low in ("my", "our", "mine", "ours") else "")

    def _verb(self, word: Any, low: str, finite: Any | None) -> str:
        """A finite verb as it stands with what its subject has become."""
        found = [
            t for t in subjects_of(word) if t.lower_ in OWN_SUBJECTS and not any(c.dep_ == "conj" for c in t.children)
        ]
        if not found or (word.tag_ == "VB" and (finite is None or word.i != finite.i)):
            return str(word.text)
        if found[0].i == self._named_at:
            return third_person(low, word.tag_)
        return _THEY.get(low, str(word.text))

    def text(self) -> str:
        """The sentence, with a capital and a full stop."""
        written = " ".join("".join(self._parts).split())
        for mark in (",", ".", ";", ":", "!", "?", "'s ", ")"):
            written = written.replace(f" {mark}", mark)
        written = written.rstrip(" ,;:-")
        return written[:1].upper() + written[1:] + ("" if written.endswith((".", "!")) else ".")


def subjects_of(finite: Any) -> list[Any]:
    """Subjects of a finite verb or of the verb it helps."""
    verb = finite.head if finite.dep_ in ("aux", "auxpass") else finite
    found = subjects(verb)
    while not found and verb.dep_ == "conj":
        verb = verb.head
        found = subjects(verb)
    return found


def third_person(verb: str, tag: str) -> str:
    """A verb as it stands with "he" or "she"."""
    if verb in _BE:
        return _BE[verb]
    if verb in _SHORTENED:
        return _SHORTENED[verb]
    if tag not in ("VBP", "VB", "NN", "NNS"):
        return verb
    return third_person_of(verb)
