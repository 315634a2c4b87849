"""Rules of texts, which pydantic has no names for."""

import re

from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH
from coda_graphmem.validation.refusal import refusal

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
SURROGATES = ("holds a lone surrogate, which is no text.", "Decode the source with errors='replace'.")


def readable(value: str) -> str:
    """What every store can keep as it is; a subclass of text, such as NumPy's, as the text it holds."""
    value = str.__str__(value)
    if "\x00" in value:
        raise refusal("holds a NUL character.", "Remove it.")
    if not value.isascii() and _SURROGATE.search(value):
        raise refusal(*SURROGATES)
    return value


def saying_something(value: str) -> str:
    """A text that is more than white space."""
    if not value.strip():
        raise refusal("is empty.", "Pass a text that says something.")
    return readable(value)


def short_enough(value: str) -> str:
    """A text that one memory can hold."""
    if len(value) > MAX_CONTENT_LENGTH:
        raise refusal(
            f"has {len(value):,} characters, more than the {MAX_CONTENT_LENGTH:,} allowed.",
            "Split it into several memories.",
        )
    return value


def on_one_line(value: str) -> str:
    """A text of one line, without characters that control."""
    if value.isascii() and value.isprintable() and value.strip():
        return str.__str__(value)  # as nearly all are
    if not value.strip():
        raise refusal("is empty.", "Pass a text that says something.")
    if _CONTROL.search(value):
        raise refusal("holds a control character.", "Use printable characters.")
    return readable(value)
