"""A workspace of Slack becomes conversations of its channels, in which people and mentions bear names."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.importing import Source
from coda_graphmem.importing.slack import Workspace
from tests.importing.exports import slack_archive


def test_archives_and_folders(tmp_path: Path) -> None:
    archive = tmp_path / "Acme.zip"
    archive.write_bytes(slack_archive())
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "unpacked")
    source = Source(archive)
    records = list(source)
    assert source.format == "slack"
    found = {record.memory["content"]: record.memory for record in records}
    assert {text: (memory["conversation_id"], memory["metadata"]["speaker"]) for text, memory in found.items()} == {
        "Hi @Nora, see this (https://example.org) in #general & @here": ("slack-C1", "Ida"),
        "Deployed\nVersion 2": ("slack-C1", "deploy"),
        "Thanks": ("slack-C1", "Nora"),
        "Just us": ("slack-D1", "Nora"),
    }
    first = found["Hi @Nora, see this (https://example.org) in #general & @here"]
    assert first["timestamp"] == 1773342785.0001
    assert found["Thanks"]["metadata"] == {
        "speaker": "Nora",
        "conversation_title": "#general",
        "thread": first["memory_id"],
    }
    assert found["Just us"]["metadata"]["conversation_title"] == "Ida, Nora"
    passed = {(item.unit, item.reason): item.count for item in source.account.passed_over}
    assert passed == {
        ("files", "no day of a channel"): 1,
        ("messages", "notices of Slack"): 1,
        ("messages", "without words"): 1,
    }
    assert (source.account.read("files"), source.account.read("messages")) == (7, 6)
    for unpacked in (tmp_path / "unpacked", tmp_path / "unpacked" / "Acme export"):
        assert sorted(str(record.memory) for record in Source(unpacked)) == sorted(str(r.memory) for r in records)


def test_a_day_alone_and_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "2026-03-12.json"
    path.write_text(
        '[{"type": "message", "user": "U7", "user_profile": {"real_name": "Guest"}, "text": "Hi", "ts": "5.0"}]'
    )
    [record] = Source(path)
    assert (record.memory["metadata"]["speaker"], record.memory["timestamp"]) == ("Guest", 5.0)
    with Source(io.BytesIO(slack_archive())) as source:
        assert len(list(source)) == 4


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "section", "text": {"type": "mrkdwn", "text": "Server is up"}}],
        [{"type": "context", "elements": [{"type": "plain_text", "text": "Server is up"}]}],
        [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "Server "}, {"type": "text", "text": "is up"}],
                    }
                ],
            }
        ],
    ],
)
def test_words_that_stand_in_blocks_alone_are_taken(tmp_path: Path, blocks: list[dict[str, object]]) -> None:
    path = tmp_path / "2026-03-12.json"
    path.write_text(json.dumps([{"type": "message", "bot_id": "B1", "text": "", "blocks": blocks, "ts": "5.0"}]))
    assert [record.memory["content"] for record in Source(path)] == ["Server is up"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@U1>", "@Ida"),
        ("<@U9|gast>", "@gast"),
        ("<@U9>", "@U9"),
        ("<#C1>", "#general"),
        ("<!channel> <!subteam^S1|@team>", "@channel @team"),
        ("<!date^1773342785^{date}|12 March>", "12 March"),
        ("<https://example.org>", "https://example.org"),
        ("<https://example.org|example.org>", "https://example.org"),
        ("<mailto:ida@example.org|ida@example.org>", "ida@example.org"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("a < b <", "a < b <"),
    ],
)
def test_texts_are_as_they_were_shown(text: str, shown: str) -> None:
    assert Workspace({"U1": "Ida"}, {"C1": ("C1", "#general")}).said(text) == shown


@pytest.mark.parametrize(
    ("day", "reason"),
    [('[{"type": "message", "text": "x"}]', "ts is not a time"), ('[{"type": "mess', "is not JSON")],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, day: str, reason: str) -> None:
    (tmp_path / "general").mkdir()
    (tmp_path / "general" / "2026-03-12.json").write_text(day)
    with pytest.raises(ValidationError, match=reason) as caught:
        list(Source(tmp_path))
    assert caught.value.field == "general/2026-03-12.json, message 1"
