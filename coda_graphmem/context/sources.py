"""Where the records of a context come from, as a line below it; pure."""

from collections.abc import Callable, Iterable

from coda_graphmem.context.quotation import named
from coda_graphmem.models import ContextItem
from coda_graphmem.validation.limits import MAX_ID_LENGTH

_HEADING = "Sources, by number, for memory_get:"


def sources(items: Iterable[ContextItem], room: int, length: Callable[[str], int] = len) -> str:
    """The memory that each record quotes, or the latest that says so, as many as there is room for; empty for none.

    Args:
        items: The records.
        room: How long the line may become.
        length: Says how long a text is.
    """
    line = ""
    for item in items:
        longer = f"{line or _HEADING} {item.number}. {named(item.memory_ids[-1], MAX_ID_LENGTH)}"
        if length(longer) > room:
            break
        line = longer
    return line
