"""Reads the messages of other programs' conversations."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.language.roles import is_silent
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.moments import any_unit, parse_time
from coda_graphmem.validation.types import Moment

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side of a conversation said."""

    conversation_id: str
    text: str
    timestamp: float
    """Seconds since the Unix epoch, UTC."""
    speaker: str | None = None
    """The message's ``name``, else its ``role``."""
    turn_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Becomes the id of the memory, so that a turn that is kept again after an unclear error is kept once."""


def read_turn(conversation_id: str, message: object, now: float) -> Turn | None:
    """The turn a message holds, None where it holds none: instructions and results of programs are said by nobody.

    Args:
        conversation_id: Where it was said.
        message: A text, or a mapping or an object with ``content`` and, where known, ``role``, ``name`` and
            ``timestamp``. The content is a text or a list of parts, of which those that are texts or have a
            ``text`` count. A timestamp is seconds, milliseconds or less, a `datetime` (in local time where it has
            no zone) or ISO 8601; now is taken, and a warning logged, where it is none of them.
        now: When it was said, where it does not say so itself (seconds, UTC).
    """
    if isinstance(message, str):
        return Turn(conversation_id, message, now) if message.strip() else None
    role = _text(part(message, "role"))
    text = _content(part(message, "content"))
    if text is None or (role is not None and is_silent(role)):
        return None
    speaker = _text(part(message, "name")) or role
    return Turn(conversation_id, text, _time(part(message, "timestamp"), now), speaker)


def part(message: object, name: str) -> Any:
    """A key of a mapping or an attribute of another object, None where there is none."""
    return message.get(name) if isinstance(message, Mapping) else getattr(message, name, None)


def _text(value: object) -> str | None:
    # The value of an enumeration of texts is what is meant, whatever its name.
    plain = getattr(value, "value", value)
    return plain.strip() if isinstance(plain, str) and plain.strip() else None


def _content(value: object) -> str | None:
    if isinstance(value, str):
        return value if value.strip() else None
    if not isinstance(value, Sequence):
        return None
    texts = [piece if isinstance(piece, str) else part(piece, "text") for piece in value]
    return "\n".join(text for text in texts if isinstance(text, str) and text.strip()) or None


def _time(value: object, now: float) -> float:
    if value is None:
        return now
    try:
        if isinstance(value, str | date):
            value = parse_time(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = any_unit(value)
        moment: float = check(Moment, value, "timestamp")
    except (ValidationError, ValueError, OverflowError):
        # Only the kind: what stands there may be anything.
        logger.warning("timestamp: a message has one that is no time (%s); now is taken for it.", type(value).__name__)
        return now
    return moment
