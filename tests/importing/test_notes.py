"""Notes become memories paragraph by paragraph, where the caller says that a text is notes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.importing import Source


def test_a_memory_a_paragraph(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text(
        "# Trip\n\nFuel: 30\nTolls: 12\n\n\n## Boats\n\nAnna has one.\n\n```\na: 1\n\nb: 2\n```\n\nBest,\nIda\n",
        encoding="utf-8",
    )
    source = Source(path, format="notes")
    assert [record.memory["content"] for record in source] == [
        "# Trip\n\nFuel: 30\nTolls: 12",
        "## Boats\n\nAnna has one.",
        "```\na: 1\n\nb: 2\n```",
        "Best,\nIda",
    ]
    first = next(iter(source)).memory
    assert (first["metadata"], first["conversation_id"]) == ({"conversation_title": "Trip"}, "notes")
    assert first["memory_id"] == next(iter(Source(path, format="notes"))).memory["memory_id"]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="this system keeps no files in memory")
def test_a_file_in_memory_has_its_own_name() -> None:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder) / "trip.md"
        path.write_text("Anna has a boat.\n", encoding="utf-8")
        assert Source(path, format="notes").name == "trip.md"
    with Path("/dev/null").open("rb") as nothing:
        source = Source(Path(f"/dev/fd/{nothing.fileno()}"), format="notes")
        assert source.name == "standard input"
        source.close()


def test_every_line_is_accounted_for(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("\nOne.\n\n# Two\n")
    source = Source(tmp_path / "notes.txt", format="notes")
    assert len(list(source)) == 2
    assert (source.account.taken("lines"), source.account.read("lines")) == (2, 4)


def test_a_text_of_any_length_is_kept_in_parts(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a b c\n" * 400_000)
    parts = [record.memory["content"] for record in Source(tmp_path / "notes.txt", format="notes")]
    assert sum(len(part.split()) for part in parts) == 1_200_000


def test_what_is_no_transcript_names_this_way(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Once upon a time.\n")
    with pytest.raises(ValidationError) as caught:
        Source(tmp_path / "notes.txt")
    assert "--format notes" in (caught.value.remedy or "")
