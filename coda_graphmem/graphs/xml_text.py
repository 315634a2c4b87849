"""Makes text fit for files in XML."""

import re

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def printable(text: str) -> str:
    """The text with characters that XML 1.0 knows no way to write replaced by U+FFFD."""
    return _NOT_IN_XML.sub("\ufffd", text)
