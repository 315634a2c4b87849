"""Lines of a transcript, as Claude Code writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def said(number: int, text: Any, role: str = "user", **more: Any) -> dict[str, Any]:
    """A line of somebody who says something."""
    return {
        "type": role,
        "uuid": f"turn-{number}",
        "sessionId": "s1",
        "timestamp": f"2020-03-02T10:{number:02}:00.000Z",
        "message": {"role": role, "content": text},
        **more,
    }


def answered(number: int, text: str, **more: Any) -> dict[str, Any]:
    """A line of the assistant."""
    return said(number, [{"type": "text", "text": text}], "assistant", **more)


def append(path: Path, *lines: dict[str, Any]) -> Path:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return path
