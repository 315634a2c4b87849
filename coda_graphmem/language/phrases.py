"""Words and phrases that are looked for in texts in any case."""

import re
from functools import cached_property


class Phrases:
    """A pattern of small letters for texts in any case, compiled when it is first used.

    Texts are compared without their capitals, which `re` does several times as fast as with `re.IGNORECASE`: with that
    it tries each alternative at each word, without it only those that begin with the same letter.

    Args:
        pattern: A verbose pattern (`re.VERBOSE`) that asks for no capital.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, re.VERBOSE)

    def are_in(self, text: str) -> bool:
        """Whether a text holds one of them."""
        return self._compiled.search(text.lower()) is not None

    def end_in(self, text: str) -> int | None:
        """Where the first of them ends in ``text.lower()``; None where there is none."""
        found = self._compiled.search(text.lower())
        return None if found is None else found.end()

    def left_out(self, text: str) -> str:
        """A text in small letters, with a space in place of each."""
        return self._compiled.sub(" ", text.lower())
