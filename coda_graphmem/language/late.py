"""Patterns that are compiled when they are first used."""

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split")


def late_pattern(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """What `re.compile` gives, compiled when it is first used.

    The patterns of all that is known of languages take a tenth of a second to compile, which a program that starts
    would wait for, and of which one question needs few.
    """
    return cast("re.Pattern[str]", _Late(pattern, flags))


class _Late:
    """Takes over the methods of the pattern once it is there, so that calls of them cost no more than its own."""

    def __init__(self, pattern: str, flags: re.RegexFlag) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)
