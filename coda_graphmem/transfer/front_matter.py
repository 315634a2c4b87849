"""The values at the head of a Markdown note, between two lines of three hyphens, in YAML.

Written is what every reader of YAML takes for the same: a key a line, and its value as JSON or as a plain word. Read is
what Obsidian and other programs write as well. Times and dates stay text, and no value may refer to another one.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from coda_graphmem.errors import ValidationError
from coda_graphmem.validation.limits import MAX_NESTING

#: Characters of the longest head that is read.
LONGEST: Final = 100_000

#: Lists and mappings in one another: those of metadata, and what holds it.
_DEEPEST = MAX_NESTING + 10

_FENCE = re.compile(r"---[ \t]*(?:\r\n|\n|\r|\Z)")
_END = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)", re.MULTILINE)
_KEY = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_LINE = re.compile(r"([A-Za-z_]\w*): (.*)", re.ASCII)

#: Words that mean themselves in every version of YAML: none of them is a number, a truth or nothing. Times, too.
_WORD = re.compile(r"(?!(?:true|false|null|yes|no|on|off|y|n|nan|inf)\Z)[a-z][a-z_-]*\Z", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\Z", re.ASCII)
#: What YAML does not take as it is, or takes for the end of a line.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?\Z", re.ASCII)
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}


def write_front_matter(values: Mapping[str, Any]) -> str:
    """The head of a note with its two lines of hyphens.

    Args:
        values: By names of letters, digits and ``_``; anything JSON can hold.
    """
    lines = [f"{key}: {_written(value)}\n" for key, value in values.items() if _KEY.match(key)]
    return "".join(["---\n", *lines, "---\n"])


def _written(value: object) -> str:
    if isinstance(value, str) and (_WORD.match(value) or _TIME.match(value)):
        return value
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def split_front_matter(text: str, place: str) -> tuple[dict[str, Any], str]:
    """The values at the head of a note, and what follows; no values where it has no head.

    Args:
        text: The note, with its ends of lines as they are.
        place: Its name, for messages.

    Raises:
        ValidationError: Its head is too long, no YAML, or not a mapping; the field names note and line.
    """
    begins = _FENCE.match(text)
    ends = _END.search(text, begins.end(), begins.end() + LONGEST) if begins else None
    if begins is None or ends is None:
        # Three hyphens are a rule across the page where nothing ends the head that they would begin.
        return {}, text
    head = text[begins.end() : ends.start()]
    found = _quick(head)
    values = _parsed(head, place) if found is None else found
    # Words between two rules across the page are no head either.
    return ({}, text) if values is None else (values, text[ends.end() :])


def _quick(head: str) -> dict[str, Any] | None:
    """What was written by `write_front_matter`, which takes no reader of YAML; None for anything else."""
    found: dict[str, Any] = {}
    for line in head.split("\n")[:-1]:
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        key, value = match.groups()
        if _WORD.match(value) or _TIME.match(value):
            found[key] = value
            continue
        try:
            found[key] = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return found


def _parsed(head: str, place: str) -> dict[str, Any] | None:
    """The values of a head; None where it is a text without keys."""
    import yaml

    try:
        node = _loader()(head).get_single_node()
        value = {} if node is None else _plain(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable"
        line = 2 + (mark.line if mark is not None else 0)
        raise _fault(f"{place}, line {line}", f"is no YAML ({problem}).") from None
    except (RecursionError, ValueError):
        raise _fault(f"{place}, line 2", "is nested too deeply, or holds a number that is too long.") from None
    if value is None or isinstance(value, dict):
        return value or {}
    if isinstance(value, str):
        return None
    raise _fault(f"{place}, line 2", f"is a {type(value).__name__}, not keys with values.")


def _fault(place: str, message: str) -> ValidationError:
    return ValidationError(
        message, field=f"{place} (front matter)", remedy="Correct what stands between the two lines of ---."
    )


@cache
def _loader() -> Any:
    """What reads YAML into nodes, none of which is in two places, nor very deep."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc] # has no types
        deep = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                mark = self.peek_event().start_mark
                raise yaml.MarkedYAMLError(problem="a value refers to another one", problem_mark=mark)
            self.deep += 1
            if self.deep > _DEEPEST:
                raise RecursionError
            try:
                return super().compose_node(parent, index)
            finally:
                self.deep -= 1

    Loader.yaml_implicit_resolvers = {}
    return Loader


def _plain(node: Any) -> Any:
    """The value of a node: only what JSON has, and marks that programs set (``!tag``) are passed over."""
    if isinstance(node.value, str):
        return node.value if node.style is not None else _scalar(node.value)
    if node.id == "mapping":
        return {_text(key): _plain(value) for key, value in node.value}
    return [_plain(item) for item in node.value]


def _text(node: Any) -> str:
    return node.value if isinstance(node.value, str) else json.dumps(_plain(node), ensure_ascii=False)


def _scalar(text: str) -> Any:
    """What a plain word stands for. Those that older YAML takes for truths (``yes``) and dates are text."""
    if _NUMBER.match(text):
        return json.loads(text)
    return _CONSTANTS.get(text.lower(), text)
