"""Rules of numbers, those of NumPy and of the standard library among them."""

import fractions
from decimal import Decimal
from typing import Any, cast

from pydantic import AfterValidator

from coda_graphmem.validation.refusal import refusal

#: Beyond it a whole number is no float.
_TOO_LARGE = 2**1023


def plain_value(value: object) -> object:
    """The number or truth value of Python that one of NumPy's stands for; anything else as it is."""
    return cast("Any", value).item() if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0 else value


def number_of(value: object) -> object:
    """The same, and `decimal.Decimal` and other real numbers as a float."""
    value = plain_value(value)
    if isinstance(value, Decimal | fractions.Fraction):
        return float(value)
    if isinstance(value, int) and not -_TOO_LARGE < value < _TOO_LARGE:
        raise refusal("is too large a number.", "Pass a smaller one.")
    return value


def not_negative(weights: list[float]) -> list[float]:
    """Weights of which none is negative and not all are zero."""
    if min(weights, default=1) < 0 or not any(weights):
        raise refusal("must not be negative nor all zero.", "Pass positive numbers.")
    return weights


def within(low: float, high: float) -> AfterValidator:
    """Numbers of a range, both ends included."""

    def inside(value: float) -> float:
        if not low <= value <= high:
            raise refusal(f"{value} is outside {low} to {high}.", f"Pass {low} to {high}.")
        return value

    return AfterValidator(inside)
