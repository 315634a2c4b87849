"""Values of other programs, written so that they come back exactly as they were, and texts of which memories can be."""

import json
import re
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.texts import escape_surrogates
from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH

_UNREADABLE = re.compile(r"[\x00\ud800-\udfff]")


def written(value: object, field: str) -> str:
    """A value as JSON that any store can keep as it is: NUL characters and lone surrogates are escaped.

    Args:
        value: What JSON can hold; numbers that are not finite come back as well.
        field: What an error calls it.

    Raises:
        ValidationError: It holds something that JSON cannot.
    """
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValidationError(
            f"cannot be written as JSON ({error}).",
            field=field,
            remedy="Use text, numbers, booleans, None, lists and dictionaries.",
        ) from None
    return escape_surrogates(text)


def read(text: str) -> Any:
    """What `written` wrote."""
    return json.loads(text)


def sayable(text: str, otherwise: str) -> str:
    """A text that may be the content of a memory: without what no store can keep, and not too long.

    Args:
        text: Any text.
        otherwise: What stands for it where it says nothing.
    """
    readable = _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", text[:MAX_CONTENT_LENGTH])
    return readable if readable.strip() else otherwise


def is_sayable(text: str) -> bool:
    """Whether a text may be the content of a memory as it is."""
    return bool(text.strip()) and len(text) <= MAX_CONTENT_LENGTH and not _UNREADABLE.search(text)
