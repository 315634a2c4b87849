"""Short forms of texts, for labels and lines of output, and texts that can be written anywhere."""

import re

#: Characters of an excerpt where the caller does not say.
EXCERPT_LENGTH = 60

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def excerpt(text: str, length: int = EXCERPT_LENGTH) -> str:
    """The beginning of a text on one line, with "…" where it goes on.

    Args:
        text: The text; white space of any kind becomes single spaces.
        length: Characters of the excerpt at most.
    """
    return shortened(" ".join(text.split()), length)


def shortened(line: str, length: int) -> str:
    """The beginning of a line, with "…" where it goes on.

    Args:
        line: The text, which is on one line already.
        length: Characters at most.
    """
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def escape_surrogates(written: str) -> str:
    """JSON that holds lone surrogates, which no file takes, as JSON that means the same and holds none."""
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", written)
