r"""What of a text a terminal would obey, and how it is shown instead.

A memory may hold anything that somebody once said, pasted or sent: sequences that clear the screen, set the title or
the clipboard, turn text around or hide it. They are shown as Python writes them, such as ``\x1b`` or ``\u202e``.
"""

import re

#: Letters and pictures that zero-width joiners and non-joiners stand between.
_JOINED = "\u0590-\u1fff\u2190-\u2bff\ufb00-\ufdff\ufe70-\ufefe\U00010a00-\U00016fff\U0001f000-\U0001faff"

#: Signs that pick a form of the letter before them.
_FORMS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

_OBEYED = re.compile(
    # The flags of England, Scotland and Wales are a flag and tags; a joiner has a meaning between some letters.
    "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f"
    f"|(?<=[{_JOINED}\ufe0f])[\u200c\u200d](?=[{_JOINED}])"
    # Controls (C0, DEL, C1); then what is not printed: marks of direction, zero widths, separators of lines, fillers,
    # halves of pairs, tags; and all but the first sign of form.
    "|(?P<obeyed>"
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    f"\U000e01f0-\U000e0fff]|(?<=[{_FORMS}])[{_FORMS}])"
)


def visible(text: str, *, lines: bool = False) -> str:
    r"""A text whose every character is shown and none is obeyed.

    Args:
        text: Anything.
        lines: Whether it may have several lines and tabs; else ``\n`` and ``\t`` are shown too.
    """
    if lines:
        parts = re.split(r"(\n|\t)", text.replace("\r\n", "\n"))
        return "".join(part if part in ("\n", "\t") else visible(part) for part in parts)
    return _OBEYED.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    obeyed: str | None = found["obeyed"]
    return found[0] if obeyed is None else obeyed.encode("unicode_escape").decode("ascii")


def visible_json(text: str) -> str:
    r"""JSON that means the same, with escapes such as ``\u009b`` for what a terminal would obey."""
    return _OBEYED.sub(lambda found: found[0] if found["obeyed"] in (None, "\n") else _json_escape(found[0]), text)


def _json_escape(character: str) -> str:
    # Beyond the first 65,536 an escape names both halves of a pair.
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
