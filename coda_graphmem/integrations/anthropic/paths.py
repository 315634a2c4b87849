"""Paths of the memory tool, which begin at ``/memories`` and name no file of this machine."""

from anthropic.lib.tools import ToolError

ROOT = "/memories"

_LONGEST = 1_000
"""Characters of a path."""


def resolved(path: str) -> str:
    """A path without ``.``, ``..`` and empty parts.

    Raises:
        ToolError: It does not begin at the root, would leave it, or cannot be a path.
    """
    if path != ROOT and not path.startswith(f"{ROOT}/"):
        raise ToolError(f"Path must start with {ROOT}, got: {path}")
    if len(path) > _LONGEST or not path.isprintable():
        raise ToolError(f"Path must be at most {_LONGEST:,} printable characters")
    parts: list[str] = []
    for part in path.removeprefix(ROOT).split("/"):
        if part == "..":
            if not parts:
                raise ToolError(f"Path {path} would escape {ROOT} directory")
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join([ROOT, *parts])


def parents(path: str) -> list[str]:
    """The folders that a path lies in, below the root."""
    parts = path.split("/")
    return ["/".join(parts[:size]) for size in range(3, len(parts))]


def is_below(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, at any depth."""
    return path.startswith(f"{folder}/")
