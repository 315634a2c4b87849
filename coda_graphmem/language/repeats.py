"""The form in which two texts are one that say the same in the same words.

White space, letter case and the form of Unicode mostly differ by accident, and then they do not count. They do where
they carry meaning: in codes and passwords, in commands, paths and addresses, in indented text, and inside quotes.
"""

import re

from coda_graphmem.language.normal_form import normalised
from coda_graphmem.language.tables import listed
from coda_graphmem.language.words import STOP_WORDS

#: Lines that are indented, as code and outlines are; blanks that stand in quotes.
_INDENTED = re.compile(r"\n[ \t]+\S")
_LINE_END = re.compile(r"[ \t\r]+(?=\n)")
_QUOTED = re.compile(r"`[^`\n]{1,200}`|\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”|(?<!\w)'[^'\n]{1,200}'(?!\w)")
#: Options, addresses, paths and words in backticks.
_TYPED = re.compile(
    r"(?<!\S)-{1,2}[A-Za-z]|://|(?<!\S)[~.]{0,2}[/\\]\w|(?<!\S)[A-Za-z]:\\|`|(?<!\S)\$ |[;{}]\s*\n|\w\(\)"
)
#: Characters in which such a sign is looked for.
_BEGINNING = 50_000
_EDGES = ".,;:!?\"'\u201c\u201d\u2018\u2019\u201e«»()[]{}…*¿¡。、\uff01\uff1f"
_END = (".", "!", "?", ":", "。")


def repeat_form(text: str) -> str:
    """A text as it is compared with others: equal for repeats, and for nothing else."""
    text = normalised("NFC", text).strip()
    indented = _INDENTED.search(text) is not None
    words = text.split()
    known = {word.strip(_EDGES).casefold() for word in words}
    typed = (
        indented or _TYPED.search(text, 0, _BEGINNING) is not None or not known.isdisjoint(_CODES) or _holds_code(text)
    )
    if indented:
        return _LINE_END.sub("", text)
    if text.isupper() and not typed:
        return " ".join(words).casefold()
    quoted = [match[0] for match in _QUOTED.finditer(text) if " ".join(match[0].split()) != match[0]]
    begins = True
    kept = []
    for word in words:
        kept.append(word if _counts(word, typed=typed, begins=begins) else word.casefold())
        begins = word.endswith(_END)
    return "\n".join([" ".join(kept), *quoted])


def _holds_code(text: str) -> bool:
    """Whether a word for a code is in a text whose script does not part words."""
    return not text.isascii() and any(word in text for word in _JOINED_CODES)


def _counts(word: str, *, typed: bool, begins: bool) -> bool:
    """Whether the letter case of a word carries meaning.

    Args:
        typed: Whether its text speaks of what is typed as it is written.
        begins: Whether it begins a sentence, where a capital says nothing.
    """
    bare = word.strip(_EDGES)
    if bare.islower() or not bare:
        return False
    plain = bare.isalpha() or bare.replace("-", "").replace("'", "").replace("’", "").isalpha()
    if not plain:
        # "aB3x", but not "3PM" or "B12".
        return typed or not (bare.isupper() or bare.istitle())
    if begins and bare[0].isupper() and bare.istitle():
        return False
    if typed:
        return True
    small = bare.casefold()
    return (len(bare) > 1 and bare.isupper() and small in STOP_WORDS) or (not begins and small in _NAMES)


_CODES = listed("codes", "words")
_JOINED_CODES = tuple(word for word in sorted(_CODES) if not word[0].isascii() and ord(word[0]) > 0xE00)
_NAMES = listed("codes", "names")
