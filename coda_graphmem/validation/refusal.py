"""How a rule refuses a value, and shows it."""

import reprlib

from pydantic_core import PydanticCustomError

_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxother = 100


def shown(value: object) -> str:
    """A value that was refused as a message shows it: its beginning, however large, deep or odd it is."""
    try:
        return _SHOWN.repr(value)
    except Exception:  # whatever a stranger's type, or a number of too many digits, does
        return f"this {type(value).__name__}"


def refusal(message: str, remedy: str) -> PydanticCustomError:
    """What a type raises for a value that does not fit: what is wrong with it, and what to do about it."""
    return PydanticCustomError("refused", "{message}", {"message": message, "remedy": remedy})
