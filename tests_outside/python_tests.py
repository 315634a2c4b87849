"""Ecosystems whose tests are pytest's: in the source distribution of a package, or classes of an installed one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests_outside.ecosystem import ROOT, Outcome, trouble_of


@dataclass(frozen=True, slots=True)
class PythonTests:
    """Tests for pytest. The module that holds one of these is a plugin of the run, which puts our class in place.

    Args:
        name: As it is given on the command line.
        module: That module.
        packages: What is installed for it, with versions.
        tests: Files or folders: in the source distribution, or in this repository where there is none.
        sdist: Whose source distribution holds the tests, with the version; None for none.
        left_out: Why tests are left out, by the name of their function, perhaps with its class (``TestOne.test_two``).
        options: Further options of pytest.
    """

    name: str
    module: str
    packages: tuple[str, ...]
    tests: tuple[str, ...]
    sdist: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    def run(self, place: Path) -> Outcome:
        """See `tests_outside.ecosystem.Ecosystem`."""
        outcome = Outcome(versions=self.sdist or ", ".join(self.packages))
        try:
            python = _environment(place / "venv", self.packages)
            folder = ROOT if self.sdist is None else _unpacked(place / "sdist", self.sdist, python)
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            outcome.trouble = trouble_of(error)
            return outcome
        self._pytest(python, folder, place / "report.json", outcome)
        return outcome

    def _pytest(self, python: Path, folder: Path, report: Path, outcome: Outcome) -> None:
        report.unlink(missing_ok=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CODA_GRAPHMEM_")},
            "PYTHONPATH": str(ROOT),
            "OUTSIDE_REPORT": str(report),
            "OUTSIDE_ECOSYSTEM": self.module,
            "CODA_GRAPHMEM_MAINTENANCE__ENABLED": "false",
        }
        command = [
            *(python, "-m", "pytest", "-q", "-ra", "--no-header", "--timeout=300"),
            *("-c", os.devnull, "--rootdir", folder, "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"),
            *("-o", "asyncio_default_fixture_loop_scope=function", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
            *("-p", "tests_outside.plugin", "-p", self.module, *self.options),
            *(folder / test for test in self.tests),
        ]
        done = subprocess.run(command, cwd=folder, env=environment, check=False)
        if not report.exists():
            outcome.trouble = f"pytest ended with {done.returncode} before it had run anything"
            return
        for name, value in json.loads(report.read_text(encoding="utf-8")).items():
            setattr(outcome, name, value)


def _environment(venv: Path, packages: tuple[str, ...]) -> Path:
    """The Python of an environment that has these packages and, below them, all that the running one has.

    uv takes what it has fetched before from its cache, which all environments share. Where our versions are known, they
    are those of ``constraints.txt``.
    """
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = venv / "packages.txt"
    wanted = "\n".join(packages)
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return python
    uv = _uv()
    # Seeded with pip, which fetches source distributions.
    subprocess.run([uv, "venv", "--quiet", "--clear", "--seed", "--python", sys.executable, venv], check=True)
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    Path(own, "below.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    known = ROOT / "constraints.txt"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "--constraints", known, *packages], check=True)
    mark.write_text(wanted, encoding="utf-8")
    return python


def _uv() -> str:
    """uv: from the path, else the one in the running environment.

    Raises:
        FileNotFoundError: It is not there.
    """
    found = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if found is None:
        raise FileNotFoundError("uv is not installed: make dev installs it")
    return found


def _unpacked(folder: Path, sdist: str, python: Path) -> Path:
    """The folder of a source distribution, fetched and unpacked once."""
    mark = folder / "sdist.txt"
    if not (mark.exists() and mark.read_text(encoding="utf-8") == sdist):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        subprocess.run(
            [
                *(python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
                *("--no-deps", "--no-binary", ":all:", "--dest", folder, sdist),
            ],
            check=True,
        )
        [archive] = folder.glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        archive.unlink()
        mark.write_text(sdist, encoding="utf-8")
    [unpacked] = (path for path in folder.iterdir() if path.is_dir())
    return unpacked
