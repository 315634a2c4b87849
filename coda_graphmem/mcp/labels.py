"""What stands beside quotations in answers: ids, dates, and where a memory comes from."""

from datetime import UTC, datetime

from coda_graphmem.context.quotation import named
from coda_graphmem.models import Memory

#: Ids that a text names.
_LISTED = 5


def listed(ids: list[str]) -> str:
    """Some ids, of many the first ones."""
    more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
    return ", ".join(named(one, 512) for one in ids[:_LISTED]) + more


def date_of(seconds: float) -> str:
    """A time as a date in UTC, such as ``2026-03-02``."""
    return moment_of(seconds)[:10]


def moment_of(seconds: float) -> str:
    """A time in ISO 8601, to the second, UTC."""
    # Years before 1000 would lose their zeros in strftime.
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def source_of(memory: Memory) -> str | None:
    """Who said it and where, or what brought it; None where nothing of it is known. In the words of the memory."""
    parts = []
    if memory.speaker is not None:
        parts.append(f"said by {named(memory.speaker)}")
    if memory.conversation_id is not None:
        parts.append(f"in conversation {named(memory.conversation_id)}")
    told = memory.metadata.get("source")
    if isinstance(told, str):
        parts.append(f"from {named(told)}")
    if memory.metadata.get("learned") is True:
        parts.append("learned by itself")
    return ", ".join(parts) or None
