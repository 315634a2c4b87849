"""Notes of Obsidian and Basic Memory become memories of their words, with tags, links and titles, once."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryManager, ValidationError
from coda_graphmem.importing import Loader, Record, Source

TEA = """\
---
title: Tea
type: note
tags: [drinks, "#kitchen"]
permalink: kitchen/tea
created: 2026-03-02
rating: 5
---
# Tea

Green tea wants [[Water|soft water]] of 80 degrees. #brewing/green
See [[Kettle]], not #1. ![[tea.png]]

```python
x = 1  # no heading

# - [tip] no observation
```

## Observations
- [method] Three minutes are enough #time (from the packet)
- [preference] Nora takes it without sugar
- [ ] buy some
- [x] boil water

## Relations
- served_with [[Lemon Cake]] (on Sundays)
- goes nicely with [[Rain|rainy days]]
- [[Kettle]]

## Later
- see [[Coffee]]
%% not for others %%
"""


def vault(folder: Path) -> Path:
    (folder / ".obsidian").mkdir(parents=True)
    (folder / ".obsidian" / "app.md").write_text("settings")
    (folder / "kitchen" / "deep" / "er" / "st" / "ill").mkdir(parents=True)
    (folder / "kitchen" / "tea.md").write_text(TEA, encoding="utf-8")
    (folder / "kitchen" / "tea.png").write_bytes(b"\xff\xfe")
    (folder / "kitchen" / "deep" / "er" / "st" / "ill" / "Idea.md").write_text("It works.\r\n\r\nIt works.\r\n")
    return folder


def read(path: Path, **options: Any) -> tuple[Source, list[Record]]:
    with Source(path, **options) as source:
        assert source.format == "markdown"
        return source, list(source)


def test_a_vault_becomes_memories(tmp_path: Path) -> None:
    source, records = read(vault(tmp_path / "vault"))
    found = {record.memory["content"]: record.memory for record in records}
    assert list(found) == [
        "# Tea\nGreen tea wants soft water of 80 degrees. #brewing/green\nSee Kettle, not #1.",
        "```python\nx = 1  # no heading\n\n# - [tip] no observation\n```",
        "Three minutes are enough",
        "Nora takes it without sugar",
        "- [ ] buy some\n- [x] boil water",
        "Tea served with Lemon Cake",
        "Tea goes nicely with Rain",
        "Tea links to Kettle",
        "## Later\n- see Coffee",
        "It works.",
    ]
    assert len(records) == len(found) + 1  # what is said twice is two memories
    green = found["# Tea\nGreen tea wants soft water of 80 degrees. #brewing/green\nSee Kettle, not #1."]
    assert green["metadata"] == {
        "title": "Tea",
        "permalink": "kitchen/tea",
        "note_type": "note",
        "properties": {"created": "2026-03-02", "rating": 5},
        "links": ["Water", "Kettle", "tea.png"],
    }
    assert green["tags"] == ["drinks", "kitchen", "brewing/green"]
    assert (green["conversation_id"], green["timestamp"]) == ("kitchen/tea", 1772409600.0)
    method = found["Three minutes are enough"]
    assert (method["metadata"]["category"], method["metadata"]["context"]) == ("method", "from the packet")
    assert method["tags"][-1] == "time"
    assert found["Nora takes it without sugar"]["type"] == "preference"
    cake = found["Tea served with Lemon Cake"]["metadata"]
    assert cake["relation"] == {"from": "Tea", "to": "Lemon Cake", "type": "served_with"}
    assert cake["context"] == "on Sundays"
    assert found["It works."]["metadata"] == {"title": "Idea"}
    assert found["It works."]["conversation_id"] == "kitchen/deep/er/st/ill/Idea"
    assert source.account.read("files") == 3  # the picture is passed over, hidden folders are not looked into
    lines = source.account.read("lines")
    assert lines == len(TEA.splitlines()) + 3


async def test_twice_is_once_also_as_an_archive(tmp_path: Path, memory: MemoryManager) -> None:
    folder = vault(tmp_path / "vault")
    with Source(folder) as source:
        first = await Loader(memory).load(source)
        assert (first.new, first.memories) == (11, 11)
        assert (await Loader(memory).load(source)).new == 0
    with zipfile.ZipFile(tmp_path / "other name.zip", "w") as archive:
        for path in (
            folder / "kitchen" / "tea.md",
            folder / "kitchen/deep/er/st/ill/Idea.md",
            folder / ".obsidian/app.md",
        ):
            archive.write(path, f"vault/{path.relative_to(folder)}")
    with Source(tmp_path / "other name.zip") as source:
        assert source.format == "markdown"
        assert (await Loader(memory).load(source)).new == 0
    # A paragraph that was added is one more, whatever was done to the head.
    tea = folder / "kitchen" / "tea.md"
    tea.write_text(TEA.replace("rating: 5", "rating: 4") + "\nAnd one more.\n", encoding="utf-8")
    with Source(folder) as source:
        assert (await Loader(memory).load(source)).new == 1


def test_one_note_alone(tmp_path: Path) -> None:
    path = tmp_path / "Tea.md"
    path.write_text("---\ntags: a, b\n---\nOnly this [[Link]].\n")
    _, [record] = read(path)
    assert record.memory["metadata"] == {"title": "Tea", "links": ["Link"]}
    assert record.memory["tags"] == ["a", "b"]
    _, [same] = read(path, format="markdown")
    assert same == record


def test_owners_and_importance_of_the_head(tmp_path: Path) -> None:
    path = tmp_path / "Tea.md"
    path.write_text("---\nuser_id: nora\nimportance: 0.9\n---\nWith milk.\n")
    _, [record] = read(path, format="markdown")
    assert (record.memory["metadata"], record.memory["user_id"]) == ({"title": "Tea"}, "nora")
    assert record.memory["importance_score"] == 0.9


def test_a_long_head_is_not_kept_with_each_memory(tmp_path: Path) -> None:
    path = tmp_path / "Tea.md"
    path.write_text(f"---\nlong: {'x' * 5000}\n---\nWith milk.\n")
    source, [record] = read(path, format="markdown")
    assert record.memory["metadata"] == {"title": "Tea"}
    assert any("too long" in note for note in source.account.notes)


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (b"---\ntitle: a: b\n---\nx\n", "Tea.md, line 2 (front matter)", "no YAML"),
        (b"---\na: &x b\nc: *x\n---\nx\n", "Tea.md, line 3 (front matter)", "refers to another"),
        (b"ab\xff\n", "Tea.md", "UTF-8"),
        (b"x" * 20_000_001, "Tea.md", "20,000,000 characters"),
    ],
)
async def test_a_bad_note_is_named_and_nothing_is_stored(
    tmp_path: Path, memory: MemoryManager, data: bytes, field: str, reason: str
) -> None:
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "A.md").write_text("Good.")
    (tmp_path / "vault" / "Tea.md").write_bytes(data)
    with pytest.raises(ValidationError, match=reason) as caught, Source(tmp_path / "vault") as source:
        await Loader(memory).load(source)
    assert caught.value.field == field
    assert caught.value.remedy
    assert await memory.count() == 0


def test_links_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("Secret.")
    folder = vault(tmp_path / "vault")
    (folder / "Secret.md").symlink_to(tmp_path / "secret.md")
    (folder / "again.md").symlink_to(folder / "kitchen" / "tea.md")
    _, records = read(folder)
    assert "Secret." not in [record.memory["content"] for record in records]


async def test_an_export_of_ours_is_told_from_other_notes(tmp_path: Path, memory: MemoryManager) -> None:
    await memory.store_memory("With milk.", memory_id="m1")
    await memory.export_memories(tmp_path / "vault", "markdown")
    for form in ("auto", "markdown", "export"):
        with Source(tmp_path / "vault", format=form) as source:  # type: ignore[arg-type]
            assert (source.format, source.namespaces) == ("export", 1)
            with pytest.raises(ValidationError, match="import_memories"):
                list(source)
