"""Which language a text is in, told by its script and by its commonest words (``data/function_words.toml``).

A few words are enough, and nothing is told where nothing tells: a name or a word by itself is of no language.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.normal_form import WORD, folded, is_joined, without_joined
from coda_graphmem.language.tables import table
from coda_graphmem.language.words import STOP_WORDS

ENGLISH = "en"
#: Languages in which a capital marks a name, and names are not declined.
NAMES_STAY = frozenset({"en", "es", "fr", "it", "pt", "nl", "sv", "da", "no", "ro", "vi", "id"})

#: Letters that a beginning has at least and at most, and that an ending has.
_SHORTEST, _LONGEST, _ENDING = 4, 6, 2
#: What it counts that a word has the accents of a language, and that a text may be English.
_SPELLED, _ENGLISH_FIRST = 0.1, 0.6
#: Characters of a text that are looked at.
_LOOKED_AT = 2_000
#: Scripts that one language alone is written in, or of which one is by far the commonest. Kana come before the
#: characters that Japanese shares with Chinese.
_OF_SCRIPT = (
    ("ja", late_pattern(r"[\u3041-\u30ff\u31f0-\u31ff]")),
    ("ko", late_pattern(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7fb]")),
    ("zh", late_pattern(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")),
    ("th", late_pattern(r"[\u0e01-\u0e4e]")),
    ("lo", late_pattern(r"[\u0e81-\u0edf]")),
    ("my", late_pattern(r"[\u1000-\u103f]")),
    ("km", late_pattern(r"[\u1780-\u17d3]")),
    ("el", late_pattern(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("he", late_pattern(r"[\u05d0-\u05ea]")),
    ("hi", late_pattern(r"[\u0900-\u0963]")),
    ("ru", late_pattern(r"[\u0400-\u052f]")),
    ("ar", late_pattern(r"[\u0620-\u064a\u066e-\u06d3]")),
)
#: Languages that share a script with another one, which their words tell from it.
_SHARED = {"ru": ("ru", "uk"), "ar": ("ar", "fa")}
_OTHER_SCRIPTS = frozenset({"ru", "uk", "el", "ar", "fa", "he", "hi"})
_LETTER = late_pattern(r"[^\W\d_]")
_LATIN = late_pattern(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")


def word_beginning(word: str) -> str | None:
    """What the forms of a folded word begin with, by rule and whatever its language; None for a short word or a number.

    Cutting words to a few letters finds what a stemmer of the language finds, without knowing the language (McNamee and
    Mayfield, "Character N-Gram Tokenization for European Language Text Retrieval", 2004).
    """
    if len(word) < _SHORTEST or not word[0].isalpha() or is_joined(word):
        return None
    return word[: min(_LONGEST, max(_SHORTEST, len(word) - _ENDING))]


@cache
def function_words(language: str) -> frozenset[str]:
    """The words of a language that say nothing of what a text is about, as `folded` writes them; empty where unknown.

    Args:
        language: A code of ISO 639-1.
    """
    if language == ENGLISH:
        return STOP_WORDS
    return frozenset(folded(table("function_words").get(language, "")).split())


@lru_cache(maxsize=1_024)
def language_of(text: str) -> str | None:
    """The code (ISO 639-1) of the language that most of a text is in; None where nothing tells.

    Of a long text the beginning is looked at. Where a script is that of several languages without known words, the
    commonest of them stands for all.
    """
    text = text[:_LOOKED_AT]
    # What begins with a capital is a name more often than not, and names have no language.
    written = WORD.findall(without_joined(text))
    words = [word for place, word in enumerate(written) if place == 0 or not word[0].isupper()] or written
    if not text.isascii():
        other = len(_LETTER.findall(text)) - len(_LATIN.findall(text))
        if other and other >= sum(len(_LATIN.findall(word)) for word in words if not word[0].isupper()):
            return _by_script(text, words)
    return _most_words(words, (ENGLISH, *_latin_languages()))


def _by_script(text: str, words: Sequence[str]) -> str | None:
    counts = [(len(pattern.findall(text)), code) for code, pattern in _OF_SCRIPT]
    # A few kana or hangul among characters say more than those do.
    for count, code in counts[:2]:
        if 8 * count >= sum(of_script for of_script, _ in counts[:3]) > 0:
            return code
    count, code = max(counts, key=lambda found: found[0])
    return (_most_words(words, _SHARED.get(code, ())) or code) if count else None


def _most_words(words: Sequence[str], languages: Iterable[str]) -> str | None:
    """The language that most of the words are commonest in, of several the first."""
    spelled = {word.lower() for word in words}
    plain = frozenset(map(folded, spelled))
    best, most = None, 0.0
    for language in languages:
        count = len(plain & function_words(language))
        if not count:
            continue
        # Where accents tell languages apart, so do those who write them. What may be English is.
        sure = count + (_ENGLISH_FIRST if language == ENGLISH else _SPELLED * len(spelled & _spelled(language)))
        if sure > most:
            best, most = language, sure
    return best


@cache
def _spelled(language: str) -> frozenset[str]:
    return frozenset(table("function_words")[language].split())


@cache
def _latin_languages() -> tuple[str, ...]:
    return tuple(name for name in table("function_words") if name not in _OTHER_SCRIPTS)
