"""Programs of npm, which an ecosystem fetches into its folder with a Node that is new enough for them."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

#: The programs need a newer one than many machines have.
NODE = "node@22"


@dataclass(frozen=True, slots=True)
class Packages:
    """What is installed in a folder."""

    folder: Path

    @property
    def node(self) -> Path:
        """Node itself."""
        return self.folder / "node_modules" / ".bin" / "node"

    def command(self, name: str) -> list[str]:
        """How one of the programs is started, by the Node beside it."""
        return [str(self.node), str((self.folder / "node_modules" / ".bin" / name).resolve())]


def fetched(folder: Path, *packages: str) -> Packages:
    """Packages in a folder, installed unless they are there.

    Args:
        folder: Made where it is missing.
        packages: Names with versions.

    Raises:
        FileNotFoundError: There is no npm.
        CalledProcessError: One of them cannot be fetched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted, mark = sorted((NODE, *packages)), folder / "packages.json"
    if not mark.exists() or json.loads(mark.read_text(encoding="utf-8")) != wanted:
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("npm is not installed")
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--no-save", "--prefix", str(folder), *wanted]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        mark.write_text(json.dumps(wanted), encoding="utf-8")
    return Packages(folder)
