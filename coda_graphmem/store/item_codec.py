"""How stores write what is in an item, so that all of them compare alike."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from coda_graphmem.models.items import ItemPath
from coda_graphmem.texts import escape_surrogates

#: What comes after the comma that ends a label, in the order of all stores.
_AFTER = "-"


def path_text(path: ItemPath) -> str:
    """A path as text, of which the text of a shorter path is a prefix only where its labels are the first of them.

    Each label is a string of JSON with a comma behind it, so that no character of a label ends it.
    """
    return "".join(f"{json.dumps(label, ensure_ascii=False)}," for label in path)


def path_of(text: str) -> ItemPath:
    """The path that `path_text` wrote."""
    return tuple(json.loads(f"[{text.removesuffix(',')}]"))


def behind(text: str) -> str | None:
    """What stands behind all texts that begin with that of a path; None for the empty path, behind which is nothing."""
    return f"{text[:-1]}{_AFTER}" if text else None


def item_id(path: ItemPath, key: str) -> str:
    """What stands for path and key together where an index takes no long text."""
    return hashlib.sha256(f"{path_text(path)}\n{key}".encode()).hexdigest()


def dump_value(value: Mapping[str, Any]) -> str:
    """A value as JSON that any store keeps as it is."""
    return escape_surrogates(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def load_value(text: str) -> dict[str, Any]:
    """What `dump_value` wrote."""
    value: dict[str, Any] = json.loads(text)
    return value
