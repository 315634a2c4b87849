"""Who speaks in a conversation, by what they are called: the user, an assistant, or nobody (``data/roles.toml``).

A name is compared without case and punctuation, so that ``**ChatGPT:**``, ``chatgpt`` and ``ChatGPT said`` are one, as
are ``GPT-4o`` and the key ``gpt 4o``. Only the whole name decides: Gemini Jones and Claude Monet are people.
"""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from coda_graphmem.language.tables import listed, table

#: Words for whoever talks with an assistant, in lower case.
USERS = listed("roles", "users")
#: Roles whose messages are instructions and results of programs: nobody says them in the conversation.
SILENT = listed("roles", "silent")
#: Words that stand before a colon as names do, and name nobody, in lower case.
NO_NAMES = listed("roles", "no_names")
#: Days and months, in lower case.
CALENDAR_NAMES = listed("roles", "calendar")
#: Words that begin a phrase about a thing rather than a name of somebody, in lower case.
DETERMINERS = listed("roles", "determiners")
_FIRST_NAMES = listed("roles", "first_names")
_BREAK = re.compile(r"[\W_]+")
#: Characters of an assistant's name at most.
_LONGEST = 100


def is_user(name: str) -> bool:
    """Whether a name stands for whoever talks with an assistant: ``User``, ``You``, ``Human``, ``Me``."""
    return _form(name) in USERS


def is_silent(name: str) -> bool:
    """Whether a role is that of a program whose messages are no part of the conversation: ``system``, ``tool``."""
    return _form(name) in SILENT


def is_assistant(name: str, others: Iterable[str] = ()) -> bool:
    """Whether a name is an assistant's: ``Assistant``, ``AI``, ``ChatGPT``, ``GPT-4o``, ``Claude 3.5 Sonnet``.

    Names that people have as well (`may_be_person`) are an assistant's where one of the others is the user: beside
    ``You``, ``Claude`` is the assistant; beside ``Nora``, or alone, nobody can tell, and Claude counts as a person.

    Args:
        name: What somebody is called who speaks.
        others: What all who speak are called.
    """
    return _is_assistant(_form(name)) and (not may_be_person(name) or any(map(is_user, others)))


def may_be_person(name: str) -> bool:
    """Whether a name is one of an assistant that people have as well: ``Claude``, ``Alexa``."""
    return _form(name) in _FIRST_NAMES


def assistants(names: Collection[str]) -> frozenset[str]:
    """Those of all who speak who are assistants; see `is_assistant`."""
    return frozenset(name for name in names if is_assistant(name, names))


@lru_cache(maxsize=4096)
def _form(name: str) -> str:
    words = _BREAK.sub(" ", name.casefold()).split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in table("roles")["after"].split() else words)


@lru_cache(maxsize=4096)
def _is_assistant(form: str) -> bool:
    return len(form) <= _LONGEST and _assistant().fullmatch(form) is not None


@lru_cache(maxsize=1)
def _assistant() -> re.Pattern[str]:
    """One or several of: any assistant, or one by name with its maker and version ("Meta AI", "Google Gemini 2.0")."""
    roles = table("roles")
    any_one, before, makers = ("|".join(roles[key].split()) for key in ("assistants", "before", "makers"))
    by_name = "|".join(
        rf"{name}(?:\d\w*)?(?: (?:{'|'.join(['[a-z]?[0-9][a-z0-9]*', *after.split()])}))*"
        for name, after in roles["named"].items()
    )
    one = rf"(?:(?:{before}) )*(?:{any_one})(?: \d+)?|{by_name}"
    return re.compile(rf"(?:(?:{makers}) )?(?:{one})(?: (?:{one}))*")
