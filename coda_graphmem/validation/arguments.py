"""Checks values by their types, and turns what does not fit into our own error.

The façade declares its arguments by the types of `types`, and `Arguments` checks them before a call. `check` does the
same for one value that comes from elsewhere, such as a line of a file.
"""

from collections.abc import Callable, Mapping, Sequence, Sized
from functools import cache, cached_property
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import pydantic
from pydantic import ConfigDict, TypeAdapter
from pydantic_core import ErrorDetails

from coda_graphmem.errors import ValidationError
from coda_graphmem.validation.refusal import shown
from coda_graphmem.validation.text import SURROGATES
from coda_graphmem.validation.types import Flag


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """What checks values of a type; made when it is first needed, and once."""
    return TypeAdapter(kind)


def check(kind: Any, value: object, field: str) -> Any:
    """A value that fits a type of this module.

    Args:
        kind: Such as `Id`.
        value: What came from outside.
        field: What an error calls it.

    Raises:
        ValidationError: It does not fit.
    """
    try:
        return adapter(kind).validate_python(value)
    except pydantic.ValidationError as error:
        raise translate(error, field) from None


class Arguments:
    """The arguments of a method, checked by the types that its signature declares.

    These are the types of this module, ``bool`` and ``Literal``. Arguments of other types are passed on as they are,
    and so are defaults.

    Args:
        method: A method; its annotations are read when it is first called.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        self._names = method.__code__.co_varnames[: method.__code__.co_argcount]
        """Of what may be given by place."""

    @cached_property
    def _checks(self) -> dict[str, Callable[[Any], Any]]:
        own = {name: kind for name, kind in self._method.__annotations__.items() if name != "return"}
        holder = type("Holder", (), {"__annotations__": own})
        hints = get_type_hints(holder, globalns=self._method.__globals__, include_extras=True)
        strict = ConfigDict(strict=True)
        return {
            name: TypeAdapter(Flag if kind is bool else kind, config=strict).validator.validate_python
            for name, kind in hints.items()
            if _is_declared(kind)
        }

    def checked(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments as the method shall get them, by place and by name.

        Whether there are too many or too few of them is left to the call itself.

        Raises:
            ValidationError: One does not fit; the error names it.
        """
        checks, placed, name = self._checks, list(args), ""
        try:
            for place, name in enumerate(self._names[: len(args)]):
                if name in checks:
                    placed[place] = checks[name](args[place])
            given = dict(named)
            for name in named:
                if name in checks:
                    given[name] = checks[name](named[name])
        except pydantic.ValidationError as error:
            raise translate(error, name) from None
        return placed, given

    def by_name(self, args: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """All arguments that were given by name, the object of the method among them."""
        return {**dict(zip(self._names, args, strict=False)), **named}


def _is_declared(kind: Any) -> bool:
    return kind is bool or get_origin(kind) in (Annotated, Literal) or any(map(_is_declared, get_args(kind)))


def translate(error: pydantic.ValidationError, field: str = "") -> ValidationError:
    """The first thing that pydantic found, as our error.

    Args:
        error: What pydantic raised.
        field: What stands before the place of the fault in what was checked.
    """
    [first, *_] = error.errors(include_url=False)
    message, remedy = explain(first)
    return ValidationError(message, field=place_of(first["loc"], field) or None, remedy=remedy)


def place_of(location: tuple[int | str, ...], field: str = "") -> str:
    """Where something stands, such as ``entities[0].label``, from pydantic's parts and what stands before them."""
    place = field
    for part in location:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return place


#: What to say of each kind of fault that pydantic knows, and the remedy; ``given`` is the value, ``type`` its type.
_FAULTS = {
    "refused": ("{message}", "{remedy}"),
    "string_type": ("must be a string, not {type}.", "Pass text."),
    "bool_type": ("must be True or False, not {type}.", "Pass a boolean."),
    "int_type": ("must be a whole number, not {type}.", "Pass a whole number."),
    "float_type": ("must be a number, not {type}.", "Pass a number."),
    "callable_type": ("must be a function, not {type}.", "Pass a function or a method."),
    "dict_type": ("must be a mapping, not {type}.", "Pass a dictionary."),
    "string_unicode": SURROGATES,
    "finite_number": ("{given} is not a finite number.", "Pass a finite number."),
    "greater_than": ("{given} is not above {gt:.15g}.", "Pass more than {gt:.15g}."),
    "less_than_equal": ("{given} is above {le:.15g}.", "Pass at most {le:.15g}."),
    "enum": ("{shown} is not one of the choices.", "Use one of {expected}."),
    "literal_error": ("{shown} is not one of the choices.", "Use one of {expected}."),
    "string_too_long": ("has {length:,} characters, more than the {max_length:,} allowed.", "Shorten it."),
    "too_long": ("has {length:,} items, more than the {max_length:,} allowed.", "Ask in parts."),
    "too_short": ("is empty.", "Pass at least one."),
    "string_too_short": ("is empty.", "Pass a text of at least one character."),
    "missing": ("is missing.", "Give it."),
    "list_type": ("must be a list, not {type}.", "Pass a list."),
    "model_type": ("must be a mapping, not {type}.", "Pass a dictionary."),
    "extra_forbidden": ("is no key of this version.", "Leave it out."),
}


def explain(fault: ErrorDetails) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    given = fault["input"]
    context = {"given": given, "shown": shown(given), "type": type(given).__name__, **fault.get("ctx", {})}
    context["length"] = len(given) if isinstance(given, Sized) else 0
    if "expected" in context:
        context["expected"] = context["expected"].replace("'", "").replace(" or ", ", ")
    message, remedy = _FAULTS.get(fault["type"], (f"{fault['msg']}.", "See the documentation of the call."))
    return message.format_map(context), remedy.format_map(context)
