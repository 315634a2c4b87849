"""Where the memories of a project are, unless somebody says otherwise: one namespace a folder, all in one place."""

import hashlib
import os
import re
from pathlib import Path

#: Characters of a folder's name in that of its namespace.
_NAME_LENGTH = 60
_UNUSUAL = re.compile(r"[^\w.-]+")


def project_folder(told: str = "") -> Path:
    """The folder of the project that an assistant works on.

    Args:
        told: Where the assistant says that it works.
    """
    # Claude Code says so to whatever it starts; where it works may be a folder below.
    return Path(os.path.realpath(os.environ.get("CLAUDE_PROJECT_DIR") or told or os.getcwd()))  # noqa: PTH109


def project_namespace(folder: Path) -> str:
    """The namespace of a project: the name of its folder, and what tells it from others of the name."""
    name = _UNUSUAL.sub("-", folder.name)[:_NAME_LENGTH].strip("-.") or "project"
    # Where a system takes no notice of case, one folder has many spellings.
    path = os.path.normcase(str(folder)).encode("utf-8", "surrogateescape")
    return f"{name}-{hashlib.sha256(path).hexdigest()[:8]}"


def home_folder() -> Path:
    """Where the memories of assistants are kept that no folder was named for."""
    return Path.home() / ".coda-graphmem"
