"""Characters that are not shown but obeyed: by a terminal, by what lays out text, or by whoever reads it unseen."""

from coda_graphmem.language.late import late_pattern

#: Letters and pictures that zero-width joiners and non-joiners stand between.
_JOINED = "\u0590-\u1fff\u2190-\u2bff\ufb00-\ufdff\ufe70-\ufefe\U00010a00-\U00016fff\U0001f000-\U0001faff"

#: Signs that pick a form of the letter before them.
_FORMS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

OBEYED = late_pattern(
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
"""Finds them in the group ``obeyed``; what it finds without that group stands where it has a meaning."""
