"""What lies in the repository says nothing about the machines it was written or is installed on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

# Put together here so that this file does not hold what it looks for.
FORBIDDEN = re.compile(
    "|".join(
        [
            "/" + "simple/",
            "/" + "maven2/",
            "//registry" + r"\.",
            "files\\.python" + "hosted",
            "pypi" + r"\.org",
            r"/packages/[0-9a-f]{2}/",
            "/" + r"(?:root|home/\w+|Users/\w+)/",
        ]
    )
)


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_registry_or_somebodys_folder() -> None:
    if not (ROOT / ".git").exists():
        pytest.fail("run the tests in a clone: the list of files comes from git")
    found = []
    for path in committed_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in FORBIDDEN.finditer(text)]
    assert found == []


def test_constraints_are_names_and_versions() -> None:
    for requirement in map(Requirement, CONSTRAINTS):
        assert requirement.url is None
        assert not requirement.extras
        assert re.fullmatch(r"==[0-9a-z.+]+", str(requirement.specifier)), requirement


def test_every_dependency_is_pinned_to_what_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    groups = project["dependency-groups"].values()
    asked = [project["project"]["dependencies"], *extras, *groups]
    pinned: dict[str, list[Requirement]] = {}
    for requirement in map(Requirement, CONSTRAINTS):
        pinned.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    for requirement in (Requirement(line) for lines in asked for line in lines if isinstance(line, str)):
        pins = pinned.get(canonicalize_name(requirement.name), [])
        assert pins, f"{requirement.name} is not in constraints.txt: run make constraints"
        for pin in pins:
            [version] = [clause.version for clause in pin.specifier]
            assert requirement.specifier.contains(version), f"{pin} is not {requirement}: run make constraints"
