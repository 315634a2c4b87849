"""Memories go out as Markdown and come back without loss, whatever they hold."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coda_graphmem import MemoryManager, MemoryRetrievalError, ValidationError
from coda_graphmem.models import MemoryType
from coda_graphmem.store.protocol import StoredMemory
from coda_graphmem.transfer.front_matter import split_front_matter, write_front_matter
from coda_graphmem.transfer.lines import earlier_values, memory_values
from coda_graphmem.transfer.memory_note import MemoryNote, read_note, read_time, write_note, write_time
from coda_graphmem.transfer.vault import INDEX
from tests.fuzz.profiles import fuzzed
from tests.graphs.build import HOSTILE, entity, memory
from tests.transfer.test_lines import FULL, LINKS, changed
from tests.transfer.test_round_trip import fill, manager, snapshot

#: What a note might take for its own.
_ODD = st.sampled_from(
    [
        *("\n", "\r", "\r\n", "---\n", "\n---\n", "...\n", "```\n", "~~~", "%%", "\n%% coda-graphmem: ", "%% {} %%\n"),
        *(
            "[[Ann]]",
            "#tag",
            "\ufeff",
            "\u2028",
            "\x85",
            "\x0c",
            "\t",
            "\\",
            '"',
            "'",
            "{",
            "}",
            ": ",
            "- ",
            "<!-- -->",
        ),
        *(
            "key: value\n",
            "memory_id: other\n",
            " ",
            "é",
            "🚣",
            "\x07",
            "\x7f",
            "\ufffe",
            "true",
            "null",
            "1e5",
            "|",
            ">",
        ),
    ]
)
_CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")
TEXTS = st.lists(st.one_of(_ODD, st.text(_CHARACTERS, max_size=6)), max_size=8).map("".join)
CONTENTS = TEXTS.filter(lambda text: text.strip() != "")
_VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False), TEXTS
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
_TIMES = st.floats(-62_135_596_800, 253_402_300_799)
_NAMES = st.text(_CHARACTERS.filter(lambda one: one.isprintable()), min_size=1, max_size=8)
METADATA = st.dictionaries(st.one_of(TEXTS, st.sampled_from(["tags", "speaker", "title"])), _VALUES, max_size=3)


def written(stored: StoredMemory, **options: Any) -> str:
    return write_note(stored, {}, options.pop("links", ()), namespace="n", arrival=7, **options)


def back(text: str) -> MemoryNote:
    note = read_note(text, "x.md")
    assert note is not None
    assert (note.namespace, note.arrival) == ("n", 7)
    return note


@fuzzed
@given(
    content=CONTENTS,
    metadata=st.one_of(METADATA, st.lists(TEXTS, max_size=3).map(lambda tags: {"tags": tags})),
    times=st.lists(st.one_of(st.none(), _TIMES), min_size=5, max_size=5),
    timestamp=_TIMES,
    names=st.tuples(_NAMES, st.one_of(st.none(), _NAMES)),
    importance=st.floats(0, 1),
    kind=st.sampled_from(MemoryType),
    entities=st.lists(CONTENTS, max_size=2, unique=True),
)
@example("\n%% coda-graphmem: x\n\n%% {} %%\n", {}, [None] * 5, 0.0, ("m", None), 0.0, MemoryType.SEMANTIC, [])
@example("---\r\n\r\n", {"tags": ["a"]}, [None] * 5, -0.0, ("no", "yes"), 1.0, MemoryType.SEMANTIC, ["\n[[x]]"])
def test_a_note_says_all_that_a_line_says(
    content: str,
    metadata: dict[str, Any],
    times: list[float | None],
    timestamp: float,
    names: tuple[str, str | None],
    importance: float,
    kind: MemoryType,
    entities: list[str],
) -> None:
    fields = ("updated_at", "expires_at", "archived_at", "last_accessed", "last_said_at")
    said = memory(
        names[0],
        content,
        entities=tuple(entities),
        metadata=metadata,
        timestamp=timestamp,
        conversation_id=names[1],
        importance_score=importance,
        memory_type=kind,
        **dict(zip(fields, times, strict=True)),
    )
    stored = StoredMemory(said, None, "k", 0)
    [found] = back(written(stored)).lines
    expected = memory_values(stored, {}, ())
    assert found == expected
    assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)  # 1, 1.0 and True differ


def test_all_that_hangs_on_a_memory_comes_back() -> None:
    stored, _ = changed()
    nodes = {"ann": entity("ann"), "bob": replace(entity("bob"), name="Robert")}
    text = write_note(stored, nodes, LINKS, namespace="n", arrival=7, related=[("Similar to", "other")])
    assert back(text).lines == [*earlier_values(stored), memory_values(stored, nodes, LINKS)]
    assert back(written(FULL)).lines == [memory_values(FULL, {}, ())]


def test_a_note_is_pleasant_to_read() -> None:
    said = memory("m1", "Ann moved to Rome.", entities=("ann", "[x]|y"), tags=["travel"], timestamp=1772478720.25)
    text = written(StoredMemory(said, None, None, 0), related=[("Similar to", "2026-03-01 x (0f)")])
    head, body = text.split("\n---\n", 1)
    assert head.startswith("---\nmemory_id: ")
    assert {"timestamp: 2026-03-02T19:12:00.25Z", 'tags: ["travel"]', 'namespace: "n"'} <= set(head.splitlines())
    shown = body.split("%%")
    assert shown[0] == "Ann moved to Rome.\n\n"
    assert shown[2] == "\nMentions [[Ann]], [[X Y]]  \nSimilar to [[2026-03-01 x (0f)]]\n\n"
    assert text.count("%%") == 4


def test_two_signs_of_per_cent_do_not_end_the_comment() -> None:
    said = memory("m1", "x", entities=("100 %% sure",))
    text = written(StoredMemory(said, None, None, 0))
    assert text.count("%%") == 4
    assert back(text).lines[0]["entities"][0]["key"] == "100 %% sure"


@pytest.mark.parametrize("value", [0.0, 1.0, -1.5, 0.1 + 0.2, 1772478720.1234567, -62135596800.0, 253402300799.0])
def test_a_time_reads_back_bit_by_bit(value: float) -> None:
    text = write_time(value)
    assert isinstance(text, str)
    assert text.endswith("Z")
    assert repr(read_time(text)) == repr(value)


def test_a_time_that_no_calendar_has_stays_a_number() -> None:
    assert repr(write_time(-0.0)) == "-0.0"
    assert write_time(1e-300) == 1e-300
    assert read_time("2026-13-99T00:00:00Z") == "2026-13-99T00:00:00Z"


# ---------------------------------------------------------------------- heads


@fuzzed
@given(st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True), _VALUES, max_size=5))
def test_a_head_reads_back_by_any_reader_of_yaml(values: dict[str, Any]) -> None:
    text = write_front_matter(values)
    assert split_front_matter(text + "rest", "x.md") == (values, "rest")
    # Not only by the quick way: a comment is YAML alone.
    assert split_front_matter(text.replace("---\n", "---\n# changed\n", 1), "x.md")[0] == values


def test_heads_as_other_programs_write_them() -> None:
    text = "---\r\ntitle: Tea: a note\r\n---\r\nBody"
    with pytest.raises(ValidationError, match=r"x\.md, line 2"):
        split_front_matter(text, "x.md")
    text = (
        "---\ntitle: 'Tea'\ntags:\n  - a\n  - b\ndate: 2024-01-01\nold: yes\nnone:\n1: ~\nmark: !x {a: 2.5}\n---\nBody"
    )
    assert split_front_matter(text, "x.md") == (
        {
            **{"title": "Tea", "tags": ["a", "b"], "date": "2024-01-01", "old": "yes", "none": None, "1": None},
            "mark": {"a": 2.5},
        },
        "Body",
    )
    between_rules = "---\nJust words\nof two lines\n---\nand more"
    assert split_front_matter(between_rules, "x.md") == ({}, between_rules)
    assert split_front_matter("---\n# only a comment\n---\nBody", "x.md") == ({}, "Body")
    assert split_front_matter("No head", "x.md") == ({}, "No head")
    assert split_front_matter("---\nA rule, not a head", "x.md") == ({}, "---\nA rule, not a head")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("a: &x [1]\nb: *x\n", "refers to another"),
        ("a: " + "[" * 200 + "x" + "]" * 200 + "\n", "nested too deeply"),
        ("a: " + "9" * 5000 + "\n", "too long"),
        ("- a\n", "is a list"),
        ("a: [\n", "is no YAML"),
    ],
)
def test_a_head_that_is_damaged_is_named(head: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason) as caught:
        split_front_matter(f"---\n{head}---\n", "x.md")
    assert caught.value.field is not None
    assert caught.value.field.startswith("x.md, line ")


# ---------------------------------------------------------------------- vaults


def notes_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.md"))


async def export(memory: MemoryManager, target: Any, **options: Any) -> Any:
    return await memory.export_memories(target, "markdown", **options)


def undated(lines: bytes) -> list[bytes]:
    return [line for line in lines.splitlines() if b"exported_at" not in line]


async def lines_of(memory: MemoryManager) -> list[bytes]:
    file = io.BytesIO()
    await memory.export_memories(file, "jsonl", every_namespace=True)
    return undated(file.getvalue())


@pytest.mark.parametrize("name", ["vault", "vault.zip"])
async def test_everything_comes_back(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as other:
        await fill(source)
        seen: list[tuple[int, int]] = []
        result = await export(source, target, progress=lambda done, total: seen.append((done, total)))
        assert (result.format, result.memories, result.links, seen[-1]) == ("markdown", 17, 3, (17, 17))
        assert result.bytes > 0
        report = await other.import_memories(target)
        assert (report.memories, report.new, report.links, report.embedded) == (17, 17, 3, 0)
        assert await snapshot(other) == await snapshot(source)
        assert await lines_of(other) == await lines_of(source)
        again = await other.import_memories(target)
        assert (again.new, again.links) == (0, 0)


async def test_odd_contents_come_back(tmp_path: Path) -> None:
    odd = [
        "a\r\nb\rc",
        "---\nx: y\n---\nz",
        "```\n---\n```",
        "\n%% coda-graphmem: no\n\n%% {} %%\n",
        HOSTILE,
        "…",
        " x ",
    ]
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as other:
        for number, content in enumerate([*odd, HOSTILE]):
            await source.store_memory(content, memory_id=f"m{number}", conversation_id="a/../../b" if number else "..")
        await export(source, tmp_path / "vault")
        await other.import_memories(tmp_path / "vault")
        assert await lines_of(other) == await lines_of(source)
    assert [path for path in notes_in(tmp_path) if not path.is_relative_to(tmp_path / "vault")] == []


async def test_several_namespaces_and_no_vectors(tmp_path: Path) -> None:
    async with manager(tmp_path / "one") as source, manager(tmp_path / "two") as other:
        for name in ("a", "B/..", "c"):
            await source.for_namespace(name).store_memory(f"Ann met {name}", memory_id="same")
        file = io.BytesIO()
        await export(source, file, every_namespace=True, with_embeddings=False)
        assert '"embedding":' not in "".join(notes(file.getvalue()).values())
        with pytest.raises(ValidationError, match="holds 3 namespaces"):
            await other.import_memories(file)
        report = await other.import_memories(file, every_namespace=True)
        assert (sorted(report.namespaces), report.new, report.embedded) == (["B/..", "a", "c"], 3, 3)
        assert await lines_of(other) == await lines_of(source)


def notes(archive: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


async def test_a_conversation_shows_its_memories(tmp_path: Path) -> None:
    async with manager(tmp_path / "one") as source:
        await source.store_memory("Where to?", memory_id="m1", conversation_id="trip", timestamp=1772478720.0)
        await source.store_memory("Rome!", memory_id="m2", conversation_id="trip", timestamp=1772478730.0)
        await source.store_memory("It rains", memory_id="m3", timestamp=1772478740.0)
        await export(source, tmp_path / "vault")
    found = sorted(path.relative_to(tmp_path / "vault").as_posix() for path in notes_in(tmp_path / "vault"))
    alone, conversation, first, second = (name for name in found if name != INDEX)
    assert alone.startswith("default/2026-03/2026-03-02 It rains (")
    assert conversation == "default/conversations/trip.md"
    text = (tmp_path / "vault" / conversation).read_text()
    names = [Path(name).stem for name in (first, second)]
    assert sorted(names) == sorted(line[3:-2] for line in text.splitlines() if line.startswith("![["))
    assert {path.stat().st_mode & 0o777 for path in notes_in(tmp_path / "vault")} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in notes_in(tmp_path / "vault")} == {0o700}


async def test_equal_memories_make_equal_archives(tmp_path: Path) -> None:
    async with manager(tmp_path / "one") as source:
        await source.store_memory("Where to?", memory_id="m1", conversation_id="trip")
        first, second = io.BytesIO(), io.BytesIO()
        for file in (first, second):
            await export(source, file)
    one, two = notes(first.getvalue()), notes(second.getvalue())
    assert one.keys() == two.keys()
    assert all(one[name] == two[name] for name in one if name != INDEX)


async def test_a_folder_that_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    (tmp_path / "file").write_text("x")
    async with manager(tmp_path / "one") as source:
        with pytest.raises(ValidationError, match="is there already"):
            await export(source, tmp_path / "vault")
        with pytest.raises(ValidationError, match="cannot be written"):
            await export(source, tmp_path / "file" / "vault")
    assert list((tmp_path / "vault").iterdir()) == []


async def test_an_export_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with manager(tmp_path / "one") as source:
        await source.store_memory("Where to?", conversation_id="trip")

        def stop(done: int, total: int) -> None:
            raise RuntimeError("stop")

        for name in ("vault", "vault.zip"):
            with pytest.raises(MemoryRetrievalError, match="unexpectedly"):
                await export(source, tmp_path / name, progress=stop)
    assert notes_in(tmp_path) == []
    assert not any((tmp_path / name).exists() for name in ("vault", "vault.zip"))


# ---------------------------------------------------------------------- changed by people and programs


@pytest.fixture
async def vault(tmp_path: Path) -> Path:
    async with manager(tmp_path / "source") as source:
        await source.store_memory("Ann met Tom\nin Rome", memory_id="m1", tags=["a"])
        await source.store_memory("It rained", memory_id="m2", timestamp=5.5)
        await export(source, tmp_path / "vault")
    return tmp_path / "vault"


def note_of(vault: Path, memory_id: str) -> Path:
    return next(path for path in notes_in(vault) if f"memory_id: {memory_id}\n" in _plain(path))


def _plain(path: Path) -> str:
    return path.read_text().replace('"', "")


async def came_back(vault: Path, folder: Path) -> dict[str, Any]:
    async with manager(folder) as other:
        await other.import_memories(vault)
        return {one.memory_id: one for one in await other.list_memories(limit=10)}


async def test_what_was_changed_by_hand_counts(vault: Path, tmp_path: Path) -> None:
    path = note_of(vault, "m1")
    text = re.sub(r"importance_score: .*", "importance_score: 1", path.read_text()).replace("met Tom", "met Tim")
    path.write_text(text.replace('tags: ["a"]', "tags:\n  - a\n  - b"))
    (vault / "own.md").write_text("A note of my own")
    path.rename(vault / "moved.md")
    found = await came_back(vault, tmp_path / "other")
    assert found["m1"].content == "Ann met Tim\nin Rome"
    assert (found["m1"].tags, found["m1"].importance_score) == (["a", "b"], 1)
    assert len(found) == 2


async def test_line_ends_that_a_program_changed_are_changed_back(vault: Path, tmp_path: Path) -> None:
    for path in notes_in(vault):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert (await came_back(vault, tmp_path / "other"))["m1"].content == "Ann met Tom\nin Rome"


async def test_an_archive_made_of_the_folder(vault: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for path in notes_in(vault):
            archive.write(path, f"some/{path.relative_to(vault.parent)}")
    assert len(await came_back(tmp_path / "packed.zip", tmp_path / "other")) == 2


async def test_a_note_that_is_missing_is_noticed(vault: Path, tmp_path: Path) -> None:
    note_of(vault, "m2").unlink()
    with pytest.raises(ValidationError, match=r"holds 1 of the 2 memories of default\. Copy all of it again"):
        await came_back(vault, tmp_path / "other")
    index = vault / INDEX
    index.write_text(index.read_text().replace(', "memories": 2', ""))
    assert list(await came_back(vault, tmp_path / "another")) == ["m1"]


async def test_a_note_that_is_there_twice_is_named(vault: Path, tmp_path: Path) -> None:
    (vault / "zz").mkdir()
    (vault / "zz" / "copy.md").write_text(note_of(vault, "m2").read_text())
    with pytest.raises(ValidationError, match=r"is that of .*It rained.*Remove the copy") as caught:
        await came_back(vault, tmp_path / "other")
    assert "memory_id" in str(caught.value.field)


def _replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_replaced("importance_score: ", "importance_score: 1"), "importance_score"),
        (_replaced("memory_type: episodic", "memory_type: odd"), "memory_type"),
        (_replaced("timestamp: ", "timestamp: at "), "timestamp"),
        (_replaced("namespace: default", "namespace: other"), "namespace"),
        (_replaced("arrival: ", "arrival: x"), "arrival"),
        (_replaced("\n---\n", "\nodd: 1\n---\n"), "odd"),
        (_replaced("\n---\n", "\nodd: [\n---\n"), "is no YAML"),
        (_replaced("%% {", "%% {,"), "is not JSON"),
        (_replaced("%% {", '%% {"earlier":[5],'), "earlier"),
        (_replaced("%% {", '%% {"content":"Hidden",'), "content: is said again"),
        (_replaced("%% {", '%% {"metadata":{},'), "metadata: is said again"),
        (_replaced("%% {", '%% {"earlier":[{"was":"m3"}],'), "operation"),
    ],
)
async def test_a_note_that_is_damaged_is_named_and_nothing_is_kept(
    vault: Path, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    path = note_of(vault, "m1")
    changed_text = change(path.read_text())
    assert changed_text != path.read_text()
    path.write_text(changed_text)
    async with manager(tmp_path / "other") as other:
        with pytest.raises(ValidationError) as caught:
            await other.import_memories(vault)
        assert path.name in str(caught.value.field)
        assert said in str(caught.value)
        assert caught.value.remedy
        assert await other.count() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_replaced("version: 4", "version: 9"), "newer than this package reads"),
        (_replaced('"memories": 2', '"memories": "x"'), "is not a number"),
        (_replaced("namespaces: ", "namespaces: 5 #"), "is not a list"),
        (_replaced('"namespace": ', '"namespace": 5, "x": '), "namespace"),
    ],
)
async def test_an_index_that_is_damaged_is_named(
    vault: Path, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    (vault / INDEX).write_text(change((vault / INDEX).read_text()))
    with pytest.raises(ValidationError, match=said):
        await came_back(vault, tmp_path / "other")


async def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    async with manager(tmp_path / "other") as other:
        with pytest.raises(ValidationError, match=f"is a directory that holds no {INDEX}"):
            await other.import_memories(tmp_path)


async def test_an_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("conversations.json", "[]")
        archive.writestr(INDEX, "A note of somebody else")
    async with manager(tmp_path / "other") as other:
        with pytest.raises(ValidationError, match=f"is an archive that holds no {INDEX}"):
            await other.import_memories(tmp_path / "other.zip")


async def test_links_that_lead_elsewhere_are_not_followed(vault: Path, tmp_path: Path) -> None:
    path = note_of(vault, "m2")
    path.rename(tmp_path / "elsewhere.md")
    path.symlink_to(tmp_path / "elsewhere.md")
    with pytest.raises(ValidationError, match="holds 1 of the 2"):
        await came_back(vault, tmp_path / "other")


async def test_wrong_encodings_and_huge_notes_are_named(vault: Path, tmp_path: Path) -> None:
    path = note_of(vault, "m2")
    path.write_bytes(b"\xff\xfe" + path.read_bytes())
    with pytest.raises(ValidationError, match="is not UTF-8") as caught:
        await came_back(vault, tmp_path / "other")
    assert path.name in str(caught.value.field)
    path.write_bytes(b"x" * 18_000_001)
    with pytest.raises(ValidationError, match="has more than 18,000,000 characters"):
        await came_back(vault, tmp_path / "another")
