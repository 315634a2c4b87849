r"""What of a text a terminal would obey, and how it is shown instead.

A memory may hold anything that somebody once said, pasted or sent: sequences that clear the screen, set the title or
the clipboard, turn text around or hide it. They are shown as Python writes them, such as ``\x1b`` or ``\u202e``.
"""

import re

from coda_graphmem.language.unseen import OBEYED


def visible(text: str, *, lines: bool = False) -> str:
    r"""A text whose every character is shown and none is obeyed.

    Args:
        text: Anything.
        lines: Whether it may have several lines and tabs; else ``\n`` and ``\t`` are shown too.
    """
    if lines:
        parts = re.split(r"(\n|\t)", text.replace("\r\n", "\n"))
        return "".join(part if part in ("\n", "\t") else visible(part) for part in parts)
    return OBEYED.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    obeyed: str | None = found["obeyed"]
    return found[0] if obeyed is None else obeyed.encode("unicode_escape").decode("ascii")


def visible_json(text: str) -> str:
    r"""JSON that means the same, with escapes such as ``\u009b`` for what a terminal would obey."""
    return OBEYED.sub(lambda found: found[0] if found["obeyed"] in (None, "\n") else _json_escape(found[0]), text)


def _json_escape(character: str) -> str:
    # Beyond the first 65,536 an escape names both halves of a pair.
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
