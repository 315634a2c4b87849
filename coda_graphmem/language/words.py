"""The words of texts, their stems, and those that say nothing of what a text is about (``data/stop_words.toml``).

Several rules shorten a word, each as crude as its use allows: `stem` compares texts that were found already,
`verb_stem` lets through what is parsed afterwards, `without_ending` only counts. What decides for good is finer:
`singular` makes keys of entities, which are stored, and `related` tells another form of a word from another word.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.normal_form import WORD, cut, folded, is_joined, joined_units, without_joined
from coda_graphmem.language.tables import listed

#: Of folded text that holds nothing but ASCII letters.
_WORD = re.compile(r"\w+")
#: What words in ASCII are made of.
_OF_WORDS = frozenset(filter(_WORD.match, map(chr, range(128))))
#: As words, but "don't" and "well-known" are one.
_COUNTED = re.compile(r"\w+(?:['’\-]\w+)*")
_COUNTED_MARKED = late_pattern(rf"{WORD.pattern}(?:['’\-]{WORD.pattern})*")
#: Characters that are counted in one go, while nothing else runs.
_AT_ONCE = 20_000
_LETTERS = re.compile(r"[a-z]+")
_LONG = re.compile(r"[^\W\d_]{3,}|\d+")
_SENTENCE = re.compile(r"[^.!?\u3002\uff01\uff1f\u061f]+[.!?\u3002\uff01\uff1f\u061f]*")
_ASKING = ("?", "\uff1f", "\u061f")
_OTHER_LETTER = re.compile(r"[^\W\x00-\x7f]")

_IRREGULAR_PLURALS = {
    "children": "child", "grandchildren": "grandchild", "men": "man", "women": "woman", "feet": "foot",
    "teeth": "tooth", "mice": "mouse", "geese": "goose", "wives": "wife", "knives": "knife", "lives": "life",
    "leaves": "leaf", "shelves": "shelf", "wolves": "wolf", "halves": "half", "loaves": "loaf",
    "scarves": "scarf", "thieves": "thief", "calves": "calf", "buses": "bus", "gases": "gas", "quizzes": "quiz",
    "viruses": "virus", "bonuses": "bonus", "campuses": "campus",
}  # fmt: skip
#: Written alike in both, or no plurals.
_NO_PLURALS = frozenset("series species news means headquarters lens physics mathematics economics".split())
#: Plurals of nouns in -e that look like plurals of shorter ones.
_PLURALS_IN_S = frozenset(
    """movies cookies zombies hoodies selfies smoothies brownies calories genies pixies rookies veggies foodies
    birdies aunties bookies cuties sweeties newbies indies prairies menageries pies ties lies shoes horseshoes
    toes canoes foes woes aches headaches toothaches stomachaches heartaches backaches caches niches axes""".split()
)
#: Forms of verbs that no rule explains.
_IRREGULAR_VERBS = {"left": "leave", "sold": "sell", "drove": "drive", "driven": "drive"}
#: What inflection adds: "hikes" and "hiking" are one word.
_ENDING = re.compile(r"(?<=\w\w\w)(?:ing|ed|es|s|e)$")
#: Endings that derive a word from another: "Syria", "Syrian"; "wood", "wooden"; "happy", "happily".
_SUFFIXES = frozenset(
    """ization ation ition ment ness iness ship able ible ward ally tion sion ian ean ese ish ing ion ist ism ity ful
    ous ive ery ly ily er or ed en an al ic es th s n y e""".split()
)
_SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class TextTraits:
    """How much a text says."""

    word_count: int
    is_question: bool


def words(text: str) -> list[str]:
    """The words of a text, in order and as `folded` writes them, what is joined `cut` into what it is looked for by."""
    return _words(folded(text), singly=False)


def held_words(text: str) -> list[str]:
    """All that a text is found by: its `words`, and each character of a joined word."""
    return _words(folded(text), singly=True)


def _words(text: str, *, singly: bool) -> list[str]:
    if text.isascii():
        return _WORD.findall(text)
    found = WORD.findall(text)
    return [part for word in found for part in cut(word, singly=singly)] if is_joined(text) else found


def letter_words(text: str) -> list[str]:
    """The runs of letters from a to z, in order and without their case: all that a verb of English needs."""
    return _LETTERS.findall(text.lower())


def long_words(text: str) -> list[str]:
    """The words of three letters or more and the numbers, in order and without their case."""
    return [word.lower() for word in _LONG.findall(text)]


def words_beginning(beginning: str, text: str) -> list[tuple[int, str]]:
    """The words of a text that begin with something, each with its position.

    Args:
        beginning: In ASCII; empty for no word.
        text: In `plain_letters`.
    """
    found: list[tuple[int, str]] = []
    at = text.find(beginning) if beginning else -1
    while at >= 0:
        end = at + len(beginning)
        # Most of them stand alone or within a word, which one character tells many times faster than a pattern.
        if text[at - 1 : at] not in _OF_WORDS:
            if text[end : end + 1] in _OF_WORDS and (match := _WORD.match(text, at)) is not None:
                end = match.end()
            found.append((at, text[at:end]))
        at = text.find(beginning, end)
    return found


def plain_letters(text: str) -> str | None:
    """A text as `folded` writes it where its letters are ASCII then; None where some are not."""
    plain = folded(text)
    return plain if plain.isascii() or not _OTHER_LETTER.search(plain) else None


def without_speaker(text: str, speaker: str | None) -> str:
    """The text without the ``Name:`` that says who speaks."""
    return text[len(speaker) + 1 :] if speaker and text.startswith(f"{speaker}:") else text


def describe(content: str, speaker: str | None = None) -> TextTraits:
    """Count the words of a text and tell whether it does nothing but ask.

    Args:
        content: The text, perhaps with ``Name:`` before it.
        speaker: The name that does not count where the text starts with it and a colon.
    """
    content = without_speaker(content, speaker)
    asked = stated = False
    count = 0
    # One sentence after the other: of a long text the lists of all would be large.
    for match in _SENTENCE.finditer(content):
        sentence = match[0].strip()
        of_sentence = _count(sentence)
        count += of_sentence
        if sentence.endswith(_ASKING):
            asked |= of_sentence > 0
        else:
            stated |= of_sentence > 3
    return TextTraits(word_count=count, is_question=asked and not stated)


def _count(text: str) -> int:
    """How many words a text has; of scripts that do not part them two characters are a word."""
    if text.isascii():
        return len(_COUNTED.findall(text))
    if len(text) > _AT_ONCE:
        return sum(_count(text[start : start + _AT_ONCE]) for start in range(0, len(text), _AT_ONCE))
    return len(_COUNTED_MARKED.findall(without_joined(text))) + (len(joined_units(text)) + 1) // 2


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word without accents and its English inflection: plural, ``-ed`` or ``-ing``.

    Lighter than the stores' stemmers; it only serves to compare texts that were found already.
    """
    word = folded(word)
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending in ("ing", "ed", "e"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) >= 3:
            doubled = ending != "e" and base[-1] == base[-2] and base[-1] not in "lsz"
            return base[:-1] if doubled else base
    return word


def stems(text: str) -> frozenset[str]:
    """The stems of all words that a text holds, see `held_words`."""
    return frozenset(map(stem, set(held_words(text))))


def beginning(stem: str) -> str:
    """What all words of a stem in ASCII letters begin with: the stem, but for a last ``y``, which may be of ``ies``."""
    return stem.removesuffix("y") or stem


def verb_stem(word: str) -> str:
    """A word without the ending that conjugates it; cruder than `stem`, as it only compares two texts."""
    word = _IRREGULAR_VERBS.get(word, word)
    for ending in ("ing", "ied", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def without_ending(word: str) -> str:
    """A word without what inflection may have added, whatever is left: enough to count words that two texts share."""
    return _ENDING.sub("", word)


def singular(key: str) -> str:
    """The key with its last word in the singular, by rule: "red necklaces" becomes "red necklace".

    For common nouns only: a name such as "James" must keep its s.
    """
    before, space, word = key.rpartition(" ")
    return f"{before}{space}{_singular(word)}"


def _singular(word: str) -> str:
    if word in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")) or word in _NO_PLURALS:
        return word
    if word not in _PLURALS_IN_S:
        if word.endswith("ies"):
            return f"{word[:-3]}y"
        if word.endswith(("sses", "shes", "ches", "xes", "oes")):
            return word[:-2]
    return word[:-1]


def related(word: str, other: str) -> bool:
    """Whether two words are forms of one: equal but for endings that derive words."""
    if word == other:
        return True
    if word[:1] != other[:1]:
        return False
    other = _untwisted(word, other)
    shared = 0
    for x, y in zip(word, other, strict=False):
        if x != y:
            break
        shared += 1
    # A final letter may change or double before an ending: "happy", "happily"; "swim", "swimming".
    return any(
        _is_ending(word[cut:], word[:cut]) and _is_ending(other[cut:], other[:cut])
        for cut in (shared, shared - 1)
        if cut >= _SHORTEST_STEM or (cut == _SHORTEST_STEM - 1 and min(len(word), len(other)) == cut)
    )


def _untwisted(word: str, other: str) -> str:
    """The other word, with two letters exchanged where that is all that keeps it from the first: a slip of typing."""
    for i, (x, y) in enumerate(zip(word, other, strict=False)):
        if x != y:
            if other[i + 1 : i + 2] == x and word[i + 1 : i + 2] == y:
                return other[:i] + x + y + other[i + 2 :]
            break
    return other


def _is_ending(ending: str, stem: str) -> bool:
    return not ending or ending in _SUFFIXES or (ending[0] == stem[-1] and ending[1:] in _SUFFIXES)


#: Words that texts are not searched for.
STOP_WORDS = listed("stop_words", "search")
#: Their stems.
STOP_STEMS = frozenset(map(stem, STOP_WORDS))

#: Words before a name that do not belong to it.
DETERMINERS = listed("stop_words", "determiners")
#: Words that name nothing alone, or among one another.
NAMELESS = DETERMINERS | listed("stop_words", "nameless") | listed("stop_words", "numbers")

#: Words that do not belong to the value of a fact: fewer than `DETERMINERS`, as "two" and "another" are worth keeping.
BEFORE_VALUES = listed("stop_words", "before_values")

#: Words that do not show whether an answer takes up a memory: shorter than `STOP_WORDS`, as no ranking depends on it.
COMMON_WORDS = listed("stop_words", "answers")

#: Lemmas that add nothing where statements are compared; unlike `STOP_WORDS` none that tell statements apart.
LIGHT_WORDS = listed("stop_words", "light")
