"""What checked arguments stand for."""

import math
from collections.abc import Sequence
from typing import Any, Literal, cast, overload

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryFilter
from coda_graphmem.models.conditions import Condition, Either
from coda_graphmem.validation.types import Duration, Moment


def make_filter(*, since: Moment | None = None, until: Moment | None = None, **conditions: Any) -> MemoryFilter:
    """The filter of a call's checked arguments; ``conditions`` are other fields of `MemoryFilter`.

    Raises:
        ValidationError: The time range is empty.
    """
    since, until = seconds_of(since), seconds_of(until)
    if since is not None and until is not None and since >= until:
        raise ValidationError("is not before until.", field="since", remedy="Pass a time range that is not empty.")
    metadata = conditions.pop("metadata", None) or {}
    return MemoryFilter(since=since, until=until, metadata=metadata, **conditions)


def any_of(scopes: Sequence[Any] | None) -> Condition | None:
    """What holds for memories of at least one of some checked scopes; None where none is asked for."""
    return None if scopes is None else Either(tuple(scope.condition for scope in scopes))


def weights_of(weights: Sequence[float] | None, count: int) -> tuple[float, ...] | None:
    """One weight a query; None for equal ones.

    Raises:
        ValidationError: There are more or fewer.
    """
    if weights is None:
        return None
    if len(weights) != count:
        raise ValidationError("must be one number a query.", field="weights", remedy=f"Pass {count} numbers.")
    return tuple(weights)


def length_of(duration: Duration | None) -> float | None:
    """The seconds that a checked argument is, for type checkers; see `Duration`."""
    return cast("float | None", duration)


def end_of(moment: Moment | Literal["never"] | None, now: float) -> float | None:
    """The end that a checked argument gives a memory: infinity for never.

    Raises:
        ValidationError: It is over already.
    """
    if moment is None or moment == "never":
        return None if moment is None else math.inf
    end = seconds_of(moment)
    if end <= now:
        raise ValidationError(
            "is over already.", field="expires_at", remedy="Give a time that is yet to come, or delete the memory."
        )
    return end


@overload
def seconds_of(moment: Moment) -> float: ...


@overload
def seconds_of(moment: Moment | None) -> float | None: ...


def seconds_of(moment: Moment | None) -> float | None:
    """The seconds that a checked argument is, for type checkers; see `Moment`."""
    return cast("float | None", moment)
