"""What is built holds everything a user needs."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    [built] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")), versions=["standard"])
    return zipfile.ZipFile(built)


def test_it_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    sources = ROOT / "coda_graphmem"
    expected = {
        str(path.relative_to(ROOT))
        for path in sources.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    }
    assert {"coda_graphmem/py.typed", "coda_graphmem/demo/sample.jsonl"} <= expected
    assert expected <= set(wheel.namelist())


def test_it_holds_the_queries_for_neo4j(wheel: zipfile.ZipFile) -> None:
    queries = {f"coda_graphmem/{path.relative_to(ROOT)}" for path in (ROOT / "cypher").rglob("*.cypher")}
    assert queries
    assert queries <= set(wheel.namelist())


def test_it_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    folders = {name.split("/")[0] for name in wheel.namelist()}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"coda_graphmem"}


def test_the_command_is_there(wheel: zipfile.ZipFile) -> None:
    [entry_points] = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "coda-graphmem = coda_graphmem.cli:main" in wheel.read(entry_points).decode()
