"""What an assistant says when it calls a hook, and what it takes for an answer."""

import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

EventName = Literal["SessionStart", "UserPromptSubmit", "PreCompact", "Stop", "SessionEnd"]
"""Moments of a session: it begins, the user says something, the conversation is about to be shortened, an answer is
complete, it ends."""

NAMES: tuple[EventName, ...] = get_args(EventName)

#: Events that are answered with what is known; at the others, what was said is kept.
ASKING: frozenset[EventName] = frozenset(("SessionStart", "UserPromptSubmit"))

LONGEST_ANSWER = 10_000
"""Characters of a context that Claude Code takes, in UTF-16, as JavaScript counts them."""

LONGEST_INPUT = 16 * 1024 * 1024
"""Bytes of what is said to a hook: the longest prompt that is pasted, with every character escaped, fits."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened."""

    name: EventName
    session_id: str
    folder: str
    """Where the assistant works; empty where it does not say."""
    transcript: str = ""
    """The file that holds the conversation."""
    prompt: str = ""
    """What the user has just said."""
    source: str = ""
    """How a session began: ``startup``, ``resume``, ``clear`` or ``compact``."""


def read_event(name: str, data: bytes) -> Event:
    """The event that a hook is told of.

    Args:
        name: Which event it is called for.
        data: What stands on its standard input.

    Raises:
        ValueError: It is none, with what is wrong.
    """
    known = next((one for one in NAMES if one.casefold() == name.replace("-", "").casefold()), None)
    if known is None:
        raise ValueError(f"There is no event {name[:60]!r}. Use one of {', '.join(NAMES)}.")
    if len(data) > LONGEST_INPUT:
        raise ValueError(f"Standard input holds more than {LONGEST_INPUT:,} bytes.")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ValueError("Standard input is no JSON object. Assistants call this command by themselves.")
    told = _text(said, "hook_event_name")
    if told not in ("", known):
        raise ValueError(f"The command is for {known}, and standard input is of {told[:60]!r}.")
    session = _text(said, "session_id")
    if not session.strip() or not session.isprintable() or len(session) > 200:
        raise ValueError("session_id is missing on standard input, or is no id.")
    return Event(
        known,
        session,
        _text(said, "cwd"),
        _text(said, "transcript_path"),
        _text(said, "prompt"),
        _text(said, "source"),
    )


def answer_of(name: EventName, context: str) -> str:
    """What a hook prints to add something to the conversation; empty where there is nothing to add."""
    if not context:
        return ""
    return json.dumps({"hookSpecificOutput": {"hookEventName": name, "additionalContext": context}})


def _text(said: dict[str, Any], key: str) -> str:
    value = said.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"{key} on standard input is no text.")
    # Half of a pair of surrogates is no character and cannot be written anywhere.
    return value.encode("utf-8", "replace").decode("utf-8")
