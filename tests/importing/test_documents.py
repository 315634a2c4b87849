"""Folders of Markdown, text and PDF become memories of their sections, once, with all files accounted for."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryManager, MissingPackageError, ValidationError
from coda_graphmem.importing import Account, Loader, Record, Source
from coda_graphmem.importing import pdf as pdf_module
from coda_graphmem.importing.pdf import PdfError, PdfReader
from tests.importing.pdfs import ENCRYPTED, assembled, pdf

pytest.importorskip("pypdf")

HANDBOOK = """\
---
title: Handbook
tags: [tents]
created: 2026-03-02
user_id: nora
---
# Handbook

See [[Poles|the poles]]. #gear

## Pitching

Begin with the inner tent.

## Repair
### Holes

Glue a patch over them.
"""

GUIDE = pdf(
    "The tent weighs two kilos and is wa-\nterproof.",
    "",
    "Pegs are made of titanium.",
    title="Tent guide",
    created="D:20240105120000Z",
    outline=[("Basics", 0), ("Parts", 2)],
)


def library(folder: Path) -> Path:
    (folder / "guides").mkdir(parents=True)
    (folder / "handbook.md").write_text(HANDBOOK, encoding="utf-8")
    (folder / "guides" / "guide.PDF").write_bytes(GUIDE)
    (folder / "guides" / "wide.txt").write_bytes("Zelte sind größer.\r\n\r\nHeringe auch.".encode("utf-16"))
    (folder / "marked.txt").write_bytes(b"\xef\xbb\xbfA mark stands before this.")
    return folder


def read(place: Any, **options: Any) -> tuple[Source, list[Record]]:
    with Source(place, **options) as source:
        assert source.format == "documents"
        return source, list(source)


def passed(account: Account, unit: str = "files") -> dict[str, tuple[int, tuple[str, ...]]]:
    return {item.reason: (item.count, item.places) for item in account.passed_over if item.unit == unit}


def test_a_library_becomes_memories_with_titles_and_positions(tmp_path: Path) -> None:
    source, records = read(library(tmp_path / "lib"), format="documents")
    found = {record.memory["content"]: record.memory for record in records}
    assert list(found) == [
        "Handbook\n\nSee the poles. #gear",
        "Handbook > Pitching\n\nBegin with the inner tent.",
        "Handbook > Repair > Holes\n\nGlue a patch over them.",
        "A mark stands before this.",
        "Basics\n\nThe tent weighs two kilos and is waterproof.",
        "Parts\n\nPegs are made of titanium.",
        "Zelte sind größer.\n\nHeringe auch.",
    ]
    parts = found["Parts\n\nPegs are made of titanium."]
    assert parts["metadata"] == {
        "title": "Tent guide",
        "source": "guides/guide.PDF",
        "headings": ["Parts"],
        "position": {"ordinal": 2, "page": 3},
    }
    assert (parts["conversation_id"], parts["timestamp"], parts["type"]) == (
        "guides/guide.PDF",
        1704456000.0,
        "semantic",
    )
    holes = found["Handbook > Repair > Holes\n\nGlue a patch over them."]
    assert holes["metadata"]["headings"] == ["Handbook", "Repair", "Holes"]
    assert holes["metadata"]["position"] == {"ordinal": 3, "line": 18, "last_line": 18}
    assert HANDBOOK.split("\n")[17] == "Glue a patch over them."
    assert (holes["user_id"], holes["tags"], holes["timestamp"]) == ("nora", ["tents"], 1772409600.0)
    first = found["Handbook\n\nSee the poles. #gear"]
    assert first["metadata"]["links"] == ["Poles"]
    assert first["tags"] == ["tents", "gear"]
    wide = found["Zelte sind größer.\n\nHeringe auch."]
    assert wide["metadata"]["title"] == "wide"
    assert wide["metadata"]["position"] == {"ordinal": 1, "line": 1, "last_line": 3}
    account = source.account
    assert (account.taken("files"), account.read("files")) == (4, 4)
    assert (account.taken("pages"), passed(account, "pages")) == (
        2, {"without words": (1, ("guides/guide.PDF, page 2",))},
    )  # fmt: skip
    assert account.read("lines") == len(HANDBOOK.splitlines()) + 3 + 1


def test_what_it_is_follows_from_the_files(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "a.md").write_text("# A\n\nWords.\n")
    (plain / "b.pdf").write_bytes(pdf("More words."))
    assert len(read(plain)[1]) == 2
    assert [record.memory["metadata"]["title"] for record in read(plain / "b.pdf")[1]] == ["b"]
    assert len(read(io.BytesIO(pdf("More words.")))[1]) == 1
    (plain / "a.md").write_text(
        "# A\n\nA file of PDF begins with %PDF-1.7.\n\n## Picture\n![[b.png]]\n## See [[C]]\nWords.\n"
    )
    source, [_, linked] = read(plain / "a.md", format="documents")
    assert linked.memory["metadata"]["headings"] == ["A", "See C"]
    assert (source.account.taken("lines"), source.account.read("lines")) == (4, 8)
    (plain / "a.md").write_text("# A\n\nWords.\n")
    with zipfile.ZipFile(tmp_path / "lib.zip", "w") as archive:
        for name in ("a.md", "b.pdf"):
            archive.write(plain / name, f"plain/{name}")
    packed, unpacked = read(tmp_path / "lib.zip")[1], read(plain)[1]
    assert [record.memory["memory_id"] for record in packed] == [record.memory["memory_id"] for record in unpacked]
    # Of notes that link to one another, PDF is an attachment.
    (plain / "a.md").write_text("See [[B]].\n")
    with Source(plain) as source:
        assert source.format == "markdown"
        assert len(list(source)) == 1
        assert source.account.notes == [
            "1 files of text and PDF are passed over, as plain is a folder of notes: --format documents takes them."
        ]


@pytest.mark.skipif(os.name != "posix", reason="links and modes are those of POSIX")
def test_what_cannot_be_read_is_passed_over_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coda_graphmem.importing.documents.MOST_TEXT", 1_000)
    folder = tmp_path / "lib"
    deep = folder.joinpath(*"abcdefghijklm")
    deep.mkdir(parents=True)
    (folder / "good.txt").write_text("Good.")
    (folder / "a" / "latin.txt").write_bytes(b"one\nna\xefve\n")
    (folder / "binary.txt").write_bytes(b"one\n\x00\x01")
    (folder / "cut.txt").write_bytes(b"\xff\xfea\x00\x00\xd8")
    (folder / "head.md").write_text("---\na: [\n---\nWords.")
    (folder / "large.txt").write_text("word " * 300)
    (folder / "empty.txt").write_text(" \n")
    (folder / "only.md").write_text("# Heading\n")
    (folder / "photo.png").write_bytes(b"\x89PNG")
    (folder / "scan.pdf").write_bytes(pdf("", ""))
    (folder / "locked.pdf").write_bytes(ENCRYPTED)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    (folder / "none.pdf").write_bytes(b"GIF89a")
    (tmp_path / "secret.txt").write_text("Secret.")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "outside").symlink_to(tmp_path)
    (folder / "in.txt").symlink_to(folder / "good.txt")
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.txt")
    source, records = read(folder, format="documents")
    assert [(record.memory["content"], record.document) for record in records] == [
        ("Good.", "good.txt"),
        ("Good.", "in.txt"),
    ]
    no_text = "no text in UTF-8, or in UTF-16 with a mark"
    found = passed(source.account)
    yaml = next(reason for reason in found if "YAML" in reason)
    assert found == {
        no_text: (3, ("binary.txt, line 2", "cut.txt, byte 5", "a/latin.txt, line 2, byte 7")),
        yaml: (1, ("head.md, line 3 (front matter)",)),
        "too large (more than 0 MB of text)": (1, ("large.txt",)),
        "without words": (2, ("empty.txt", "only.md")),
        "neither Markdown nor text nor PDF": (1, ("photo.png",)),
        "without words: a scan, or empty": (1, ("scan.pdf",)),
        "encrypted": (1, ("locked.pdf",)),
        "damaged": (1, ("broken.pdf",)),
        "no PDF": (1, ("none.pdf",)),
        "a link that is not followed": (3, ("outside", "gone.txt", "out.txt")),
        "more than 12 folders deep": (1, ("a/b/c/d/e/f/g/h/i/j/k/l/m",)),
        "no file": (1, ("pipe.txt",)),
    }
    assert source.account.taken("files") == 2
    assert passed(source.account, "lines")["headings, comments and pictures without words"] == (1, ("only.md, line 1",))


@pytest.mark.parametrize(
    ("name", "data", "field", "message"),
    [
        ("a.txt", b"one\nna\xefve\n", "a.txt, line 2, byte 7", "is no text in UTF-8"),
        ("a.pdf", ENCRYPTED, "a.pdf", "is encrypted"),
        ("a.pdf", b"%PDF-1.7\nnothing", "a.pdf", "is damaged"),
    ],
)
def test_a_document_alone_that_cannot_be_read_is_an_error(
    tmp_path: Path, name: str, data: bytes, field: str, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ValidationError, match=message) as caught:
        read(tmp_path / name, format="documents")
    assert caught.value.field == field
    assert caught.value.remedy


def test_without_the_package_the_error_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_module, "find_spec", lambda _: None)
    folder = library(tmp_path / "lib")
    with pytest.raises(MissingPackageError, match="pypdf") as caught:
        read(folder, format="documents")
    assert 'pip install "coda-graphmem[documents]"' in str(caught.value.remedy)


async def test_twice_is_once_and_what_changed_is_told_or_replaced(tmp_path: Path, memory: MemoryManager) -> None:
    folder = library(tmp_path / "lib")
    with Source(folder, format="documents") as source:
        first = await Loader(memory).load(source)
        assert (first.memories, first.new, first.outdated) == (7, 7, 0)
        again = await Loader(memory).load(source, replace=True)
        assert (again.new, again.outdated, again.removed, again.moved) == (0, 0, 0, 0)
    context = await memory.get_conversation_context("handbook.md")
    assert [item.metadata["position"]["ordinal"] for item in context] == [1, 2, 3]
    mine = await memory.store_memory("Mine.", metadata={"source": "handbook.md", "position": {"ordinal": 9}})
    changed = HANDBOOK.replace("Begin with", "Start with").replace("# Handbook\n", "# Handbook\n\n")
    (folder / "handbook.md").write_text(changed, encoding="utf-8")
    (folder / "marked.txt").unlink()
    with Source(folder, format="documents") as source:
        told = await Loader(memory).load(source)
        assert (told.new, told.outdated, told.removed, told.moved) == (1, 1, 0, 0)
        done = await Loader(memory).load(source, replace=True)
        assert (done.new, done.outdated, done.removed, done.moved) == (0, 1, 1, 2)
        assert (await Loader(memory).load(source, replace=True)).moved == 0
    contents = [item.content for item in await memory.list_memories(order="oldest")]
    assert "Handbook > Pitching\n\nStart with the inner tent." in contents
    assert not any("Begin with" in content for content in contents)
    # What somebody else stored, and documents that are gone, stay.
    assert await memory.get_memory(mine) is not None
    assert "A mark stands before this." in contents
    moved = next(item for item in await memory.list_memories() if "Glue" in item.content)
    assert moved.metadata["position"]["line"] == 19
    assert (
        "tent" in (await memory.retrieve_memories("How heavy is the tent guide's tent?", min_relevance=0.0))[0].content
    )


@pytest.fixture(scope="module")
def reader() -> Iterator[PdfReader]:
    one = PdfReader()
    yield one
    one.close()


def test_a_pdf_says_what_is_known_of_it(reader: PdfReader) -> None:
    guide = reader.read(GUIDE)
    assert guide.pages == ("The tent weighs two kilos and is waterproof.", "", "Pegs are made of titanium.")
    assert (guide.title, guide.created) == ("Tent guide", 1704456000.0)
    assert guide.headings == ((0, 0, "Basics"), (2, 0, "Parts"))
    assert reader.read(GUIDE) == guide
    with pytest.raises(PdfError, match="encrypted"):
        reader.read(ENCRYPTED)
    assert reader.read(GUIDE) == guide


def test_titles_that_are_names_of_other_files_are_none(tmp_path: Path) -> None:
    (tmp_path / "Plan.pdf").write_bytes(pdf("Words.", title="Microsoft Word - plan3.docx"))
    [record] = read(tmp_path / "Plan.pdf")[1]
    assert record.memory["metadata"]["title"] == "Plan"


#: Pages that stand below themselves.
CIRCLE = assembled(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [2 0 R] /Parent 2 0 R >>"], {})


def test_a_pdf_that_goes_round_in_a_circle_is_refused() -> None:
    one = PdfReader(page_seconds=10.0)
    with pytest.raises(PdfError):
        assert one.read(CIRCLE).pages
    one.close()


def test_what_takes_too_long_is_given_up_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(GUIDE)
    (tmp_path / "b.pdf").write_bytes(pdf("Soon read."))
    with Source(tmp_path) as source:
        source._pdfs.close()
        source._pdfs = PdfReader(page_seconds=0.0)
        assert list(source) == []
        assert passed(source.account) == {"taking too long to read (page 1)": (2, ("a.pdf", "b.pdf"))}
    hurried, patient = PdfReader(document_seconds=0.0), PdfReader()
    with pytest.raises(PdfError, match=r"taking too long to read \(page 1\)"):
        hurried.read(GUIDE)
    hurried.close()
    assert patient.read(GUIDE).title == "Tent guide"
    child = patient._child
    assert child is not None
    child._child.kill()
    child._child.wait()
    # What ended by chance is started once more.
    assert patient.read(pdf("Another one was started.")).pages == ("Another one was started.",)
    patient.close()


def test_where_no_process_can_be_started_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/sh")
    one = PdfReader()
    with pytest.raises(PdfError, match="no other process can be started"):
        one.read(GUIDE)
    one.close()
