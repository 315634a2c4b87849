"""Rules of scopes."""

from collections.abc import Mapping
from typing import cast

from coda_graphmem.models import Scope
from coda_graphmem.validation.limits import MAX_ID_LENGTH
from coda_graphmem.validation.lists import listed, not_empty
from coda_graphmem.validation.refusal import refusal, shown
from coda_graphmem.validation.text import on_one_line


def scopes_of(value: object) -> tuple[Scope, ...]:
    """Several scopes, each of which names somebody."""
    given = tuple(_scope(one) for one in cast("list[object]", listed(value)))
    return cast("tuple[Scope, ...]", not_empty(given))


def _scope(value: object) -> Scope:
    if isinstance(value, Scope):
        value = value.ids
    if not isinstance(value, Mapping) or not value:
        raise refusal("names nobody.", "Give user_id, agent_id or session_id.")
    unknown = next((key for key in value if key not in Scope.model_fields), None)
    if unknown is not None:
        raise refusal(f"{shown(unknown)} is none of its ids.", f"Use {', '.join(Scope.model_fields)}.")
    return Scope(**{key: _owner(key, one) for key, one in value.items()})


def _owner(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise refusal(f"{key} must be a string, not {type(value).__name__}.", "Pass text.")
    if len(value) > MAX_ID_LENGTH:
        raise refusal(f"{key} has more than {MAX_ID_LENGTH} characters.", "Shorten it.")
    return on_one_line(value)
