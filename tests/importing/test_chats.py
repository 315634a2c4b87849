"""The exports of ChatGPT and Claude become conversations: what was shown last, said by whom and when."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryManager, ValidationError
from coda_graphmem.importing import Loader, Record, Source
from coda_graphmem.importing.json_items import CHUNK, read_items
from coda_graphmem.language.roles import assistants, is_user
from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH


def message(role: str, *parts: Any, at: float | None = None, **values: Any) -> dict[str, Any]:
    kind = values.pop("content_type", "text")
    content = {"content_type": kind, "parts": list(parts)}
    return {"author": {"role": role}, "create_time": at, "recipient": "all", "content": content, **values}


def chatgpt(*messages: dict[str, Any] | None, chat_id: str = "c1", **values: Any) -> dict[str, Any]:
    """A conversation whose messages follow one another."""
    mapping = {}
    for i, item in enumerate(messages):
        node = {"id": f"n{i}", "parent": f"n{i - 1}" if i else None, "children": [f"n{i + 1}"]}
        mapping[f"n{i}"] = {**node, "message": None if item is None else {"id": f"n{i}", **item}}
    last = f"n{len(messages) - 1}"
    chat = {"conversation_id": chat_id, "title": "Trip", "create_time": 90.5, "current_node": last, "mapping": mapping}
    return {**chat, **values}


def claude(*turns: tuple[str, Any], **values: Any) -> dict[str, Any]:
    messages = [
        {
            "uuid": f"m{i}",
            "sender": sender,
            "created_at": f"2026-03-02T19:12:{i:02}.5Z",
            "parent_message_uuid": f"m{i - 1}" if i else "00000000-0000-4000-8000-000000000000",
            **(said if isinstance(said, dict) else {"text": said, "content": [{"type": "text", "text": said}]}),
        }
        for i, (sender, said) in enumerate(turns)
    ]
    chat = {"uuid": "k1", "name": "Boiler", "created_at": "2026-03-02T19:00:00Z", "chat_messages": messages}
    return {**chat, **values}


def write(folder: Path, *conversations: dict[str, Any], name: str = "conversations.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(list(conversations)), encoding="utf-8")
    return path


def read(folder: Path, *conversations: dict[str, Any], **options: Any) -> list[Record]:
    return list(Source(write(folder, *conversations), **options))


def said(records: list[Record]) -> list[tuple[str, str]]:
    return [(record.memory["metadata"]["speaker"], record.memory["content"]) for record in records]


# ---------------------------------------------------------------------- ChatGPT


def test_chatgpt_gives_what_was_said_to_whom_and_when(tmp_path: Path) -> None:
    source = Source(write(tmp_path, chatgpt(None, message("user", "Hello", at=100.25), message("assistant", "Hi"))))
    assert source.format == "chatgpt"
    first, second = source
    assert first.memory | {"memory_id": ""} == {
        "memory_id": "",
        "content": "Hello",
        "metadata": {"speaker": "User", "conversation_title": "Trip"},
        "conversation_id": "c1",
        "timestamp": 100.25,
    }
    assert first.once
    # A message without a time was said no earlier than the one before it.
    assert (second.memory["timestamp"], second.memory["metadata"]["speaker"]) == (100.25, "Assistant")


def test_chatgpt_without_any_time_of_a_message_begins_with_the_conversation(tmp_path: Path) -> None:
    [record] = read(tmp_path, chatgpt(message("user", "Hello")))
    assert record.memory["timestamp"] == 90.5


def test_me_is_the_name_of_who_talked_with_the_assistant(tmp_path: Path) -> None:
    records = read(tmp_path, chatgpt(message("user", "Hello"), message("assistant", "Hi")), me="Nora")
    assert [name for name, _ in said(records)] == ["Nora", "Assistant"]


def test_chatgpt_takes_the_current_branch_alone(tmp_path: Path) -> None:
    chat = chatgpt(message("user", "old question"), message("assistant", "old answer"))
    edited = {"id": "e", "parent": None, "children": ["f"], "message": {"id": "e", **message("user", "new question")}}
    answer = {"id": "f", "parent": "e", "children": [], "message": {"id": "f", **message("assistant", "new answer")}}
    chat["mapping"] |= {"e": edited, "f": answer}
    assert said(read(tmp_path, chat))[1] == ("Assistant", "old answer")
    assert [text for _, text in said(read(tmp_path, chat | {"current_node": "f"}))] == ["new question", "new answer"]
    # Where nothing says which branch is the current one, it is the one that was said last.
    answer["message"]["create_time"] = 500.0
    chat["mapping"]["f"] = answer
    assert [text for _, text in said(read(tmp_path, chat | {"current_node": None}))] == ["new question", "new answer"]


def test_chatgpt_in_a_circle_ends(tmp_path: Path) -> None:
    chat = chatgpt(message("user", "one"), message("assistant", "two"))
    chat["mapping"]["n0"]["parent"] = "n1"
    assert len(read(tmp_path, chat)) == 2


@pytest.mark.parametrize(
    "unseen",
    [
        message("system", "You are helpful."),
        message("tool", "result"),
        message("user", "about me", metadata={"is_visually_hidden_from_conversation": True}),
        message("user", "about me", content_type="user_editable_context"),
        message("assistant", "print(1)", recipient="python"),
        message("assistant", "hm", content_type="thoughts"),
        message("assistant", ""),
        message("user", {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}),
    ],
)
def test_chatgpt_leaves_out_what_was_not_shown_or_said(tmp_path: Path, unseen: dict[str, Any]) -> None:
    assert [text for _, text in said(read(tmp_path, chatgpt(unseen, message("user", "Hello"))))] == ["Hello"]


@pytest.mark.parametrize(
    "content",
    [
        {"content_type": "from_tomorrow", "parts": ["new words"]},
        {"content_type": "from_tomorrow", "text": "new words"},
        {"parts": ["new words"]},
        {"content_type": None, "parts": [{"content_type": "odd", "text": "new words"}]},
    ],
)
def test_chatgpt_takes_words_of_types_that_are_not_known(tmp_path: Path, content: dict[str, Any]) -> None:
    said_so = message("user") | {"content": content}
    assert said(read(tmp_path, chatgpt(said_so))) == [("User", "new words")]


def test_claude_takes_words_of_blocks_in_blocks(tmp_path: Path) -> None:
    inner = [
        {"type": "text", "text": "quoted"},
        {"type": "thinking", "text": "hm"},
        {"type": "odd", "content": "words"},
    ]
    told = {"text": "", "content": [{"type": "quotation", "content": inner}]}
    assert said(read(tmp_path, claude(("human", told)))) == [("User", "quoted\nwords")]


def test_chatgpt_takes_words_out_of_mixed_parts(tmp_path: Path) -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://x"}
    speech = {"content_type": "audio_transcription", "text": "and spoken"}
    mixed = message("user", picture, "written", speech, content_type="multimodal_text")
    assert said(read(tmp_path, chatgpt(mixed))) == [("User", "written\nand spoken")]


def test_marks_that_are_no_words_are_cleaned_away(tmp_path: Path) -> None:
    text = "Tides \ue200cite\ue202turn0search1\ue201 turn\x00 at \ud83d noon."
    assert said(read(tmp_path, chatgpt(message("assistant", text)))) == [
        ("Assistant", "Tides  turn\ufffd at \ufffd noon.")
    ]


def test_a_message_over_the_limit_is_kept_in_parts(tmp_path: Path) -> None:
    records = read(tmp_path, chatgpt(message("user", "x" * (MAX_CONTENT_LENGTH + 5))))
    assert [len(record.memory["content"]) for record in records] == [MAX_CONTENT_LENGTH, 5]
    assert len({record.memory["memory_id"] for record in records}) == 2


async def test_a_later_export_adds_only_what_is_new(memory: MemoryManager, tmp_path: Path) -> None:
    talk = [message("user", "Hello from Berlin"), message("assistant", "Hi")]
    await Loader(memory).load(Source(write(tmp_path, chatgpt(*talk))))
    grown = chatgpt(*talk, message("user", "And Rome"), title="Another title")
    result = await Loader(memory).load(Source(write(tmp_path, grown), me="Nora"))
    assert (result.memories, result.new) == (3, 1)
    assert [item.metadata["speaker"] for item in await memory.list_memories(order="oldest")] == [
        "User",
        "Assistant",
        "Nora",
    ]


async def test_what_is_stored_is_not_embedded_again(memory: MemoryManager, tmp_path: Path) -> None:
    source = Source(write(tmp_path, chatgpt(message("user", "Hello"), message("assistant", "Hi"))))
    await Loader(memory).load(source)
    embedder = memory.services.resources.embedding._embedder
    before = embedder.calls  # type: ignore[union-attr]
    await Loader(memory).load(source)
    assert embedder.calls == before  # type: ignore[union-attr]


def test_who_answers_in_an_export_is_an_assistant(tmp_path: Path) -> None:
    talks = [
        chatgpt(message("user", "Hello"), message("assistant", "Hi")),
        claude(("human", "Hello"), ("assistant", "Hi")),
    ]
    for talk in talks:
        names = [name for name, _ in said(read(tmp_path, talk))]
        assert assistants(names) == {names[1]}
        assert is_user(names[0])


# ---------------------------------------------------------------------- Claude


def test_claude_gives_what_was_said_to_whom_and_when(tmp_path: Path) -> None:
    source = Source(write(tmp_path, claude(("human", "It leaks."), ("assistant", "Close the valve."))))
    assert source.format == "claude"
    first, second = source
    assert first.memory | {"memory_id": ""} == {
        "memory_id": "",
        "content": "It leaks.",
        "metadata": {"speaker": "User", "conversation_title": "Boiler"},
        "conversation_id": "k1",
        "timestamp": 1772478720.5,
    }
    assert (second.memory["content"], second.memory["metadata"]["speaker"]) == ("Close the valve.", "Assistant")


def test_claude_takes_text_blocks_and_falls_back_to_text(tmp_path: Path) -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "First."},
        {"type": "tool_use", "name": "search", "input": {}},
        {"type": "text", "text": "Second."},
    ]
    mixed = {"text": "First.\n```This block is not supported```", "content": blocks}
    only_tool = {"text": "This block is not supported", "content": [blocks[2]]}
    old = {"text": "An old message.", "content": []}
    records = read(tmp_path, claude(("assistant", mixed), ("assistant", only_tool), ("human", old)))
    assert said(records) == [("Assistant", "First.\nSecond."), ("User", "An old message.")]


def test_claude_takes_the_current_branch_alone(tmp_path: Path) -> None:
    chat = claude(("human", "question"), ("assistant", "first answer"), ("assistant", "second answer"))
    chat["chat_messages"][2]["parent_message_uuid"] = "m0"
    assert [text for _, text in said(read(tmp_path, chat))] == ["question", "second answer"]
    chosen = chat | {"current_leaf_message_uuid": "m1"}
    assert [text for _, text in said(read(tmp_path, chosen))] == ["question", "first answer"]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"text": "", "content": [{"type": "voice_note", "title": "t", "text": "It leaks."}]}, "It leaks."),
        ({"text": "Look.", "content": [{"type": "hologram", "scene": 1}]}, "Look."),
        (
            {"text": "```\nThis block is not supported on your current device yet.\n```", "content": [{"type": "x"}]},
            None,
        ),
        ({"text": "Look.", "content": [{"type": "tool_use"}, {"type": "x"}]}, "Look."),
        ({"text": "a", "content": [{"type": "text", "text": "b"}, {"type": "voice_note", "text": "c"}]}, "b\nc"),
        ({"text": "", "content": "plain"}, "plain"),
        ({"text": "hm", "content": [{"type": "thinking", "thinking": "hm"}]}, None),
    ],
)
def test_claude_takes_the_words_of_any_block(tmp_path: Path, message: dict[str, Any], expected: str | None) -> None:
    found = said(read(tmp_path, claude(("human", message), ("assistant", "Fine."))))
    assert found == [*([("User", expected)] if expected else []), ("Assistant", "Fine.")]


@pytest.mark.parametrize("root", [None, "00000000-0000-4000-8000-000000000000", "", "gone"])
def test_claude_takes_the_branch_of_the_leaf_alone(tmp_path: Path, root: str | None) -> None:
    chat = claude(("human", "question"), ("assistant", "thrown away"), ("assistant", "kept"), ("human", "orphan"))
    messages = chat["chat_messages"]
    messages[0]["parent_message_uuid"], messages[2]["parent_message_uuid"] = root, "m0"
    messages[3]["parent_message_uuid"] = "nowhere"
    source = Source(write(tmp_path, chat | {"current_leaf_message_uuid": "m2"}))
    assert [text for _, text in said(list(source))] == ["question", "kept"]
    [left] = source.account.passed_over
    assert (left.reason, left.count) == ("on a branch that was left", 2)


def test_claude_keeps_two_messages_of_one_id(tmp_path: Path) -> None:
    chat = claude(("human", "one"), ("assistant", "two"))
    chat["chat_messages"][1]["uuid"] = "m0"
    chat["chat_messages"][1]["parent_message_uuid"] = None
    chat["chat_messages"][0]["parent_message_uuid"] = None
    assert [text for _, text in said(read(tmp_path, chat))] == ["one", "two"]


def test_chatgpt_whose_message_is_missing_in_the_middle_keeps_what_came_before(tmp_path: Path) -> None:
    chat = chatgpt(*(message("user" if i % 2 == 0 else "assistant", f"t{i}", at=100.0 + i) for i in range(7)))
    del chat["mapping"]["n2"]
    chat["mapping"]["x"] = {"id": "x", "parent": "n0", "message": {"id": "x", **message("assistant", "left", at=100.5)}}
    source = Source(write(tmp_path, chat))
    assert [text for _, text in said(list(source))] == ["t0", "t1", "t3", "t4", "t5", "t6"]
    assert source.account.notes == [
        "conversations.json, conversation 1: the message before n3 is missing; "
        "what was said until then is taken by its time."
    ]
    assert (source.account.taken("messages"), source.account.read("messages")) == (6, 7)


def test_every_message_and_conversation_is_accounted_for(tmp_path: Path) -> None:
    talk = chatgpt(None, message("system", "Be kind."), message("user", "Hello"), message("assistant", ""))
    talk["mapping"]["odd"] = 7
    source = Source(write(tmp_path, talk, chatgpt(chat_id="c2", current_node=None)))
    list(source)
    account = source.account
    assert {unit: (account.taken(unit), account.read(unit)) for unit in account.units} == {
        "messages": (1, 4),
        "conversations": (1, 2),
    }
    assert {item.reason: item.places for item in account.passed_over} == {
        "instructions and results of programs": ("conversations.json, conversation 1, message 1",),
        "without words": ("conversations.json, conversation 1, message 3",),
        "no message of ChatGPT": ("conversations.json, conversation 1, message 4",),
        "without messages to remember": ("conversations.json, conversation 2",),
    }


# ---------------------------------------------------------------------- files, folders, archives


def test_folders_and_archives_are_read_as_they_were_downloaded(tmp_path: Path) -> None:
    first, second = chatgpt(message("user", "one")), chatgpt(message("user", "two"), chat_id="c2")
    write(tmp_path, first, name="conversations-000.json")
    write(tmp_path, second, name="conversations-001.json")
    (tmp_path / "user.json").write_text("{}")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(tmp_path / "conversations-001.json", "chat/conversations.json")
        archive.writestr("chat.html", "<html>")
    assert [text for _, text in said(list(Source(tmp_path)))] == ["one", "two"]
    source = Source(tmp_path / "export.zip")
    assert said(list(source)) == said(list(source)) == [("User", "two")]


def test_one_conversation_alone_and_standard_input(tmp_path: Path) -> None:
    text = json.dumps(chatgpt(message("user", "alone")), indent=1)
    path = tmp_path / "one.json"
    path.write_text(text)
    assert said(list(Source(path))) == [("User", "alone")]
    with Source(io.BytesIO(text.encode())) as source:
        assert (source.format, said(list(source)), said(list(source))) == ("chatgpt", *2 * [[("User", "alone")]])


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ('[{"mapping": {}, "id": "a"}, {"title": "x"}]', "x.json, conversation 2", "has no mapping and id"),
        ('[{"mapping": {}, "id": "a"}, 7]', "x.json, conversation 2", "is a int"),
        ('[{"mapping": {}, "id": "a"}, {"mapping": {', "x.json, conversation 2", "is not JSON"),
        ('[{"mapping": {}, "id": "a"}', "x.json, conversation 1", "the file ends"),
        ('[{"mapping": {}, "id": "a"} {', "x.json, conversation 1", "neither a comma"),
        ('[{"mapping": {}, "id": "a", "create_time": "noon"}]', "x.json, conversation 1", "is not a time"),
        ('[{"mapping": {}, "id": "a", "create_time": []}]', "x.json, conversation 1", "is not a time"),
        ('[{"chat_messages": [], "uuid": "a", "created_at": 5}]', "x.json, conversation 1", "is not a time"),
        ('[{"text": "a"}]', "x.json", "no conversations of ChatGPT or Claude"),
        ('[{"mapping": {}, "id": "a"}] and more', "x.json, conversation 1", "followed by something that is no JSON"),
        ('{"mapping": {}, "id": "a"}\n}', "x.json, conversation 1", "followed by something that is no JSON"),
        ('{"mapping": {}, "id": "a"}\n{"mapping"', "x.json, conversation 2", "is not JSON"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, field: str, reason: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(ValidationError, match=reason) as caught:
        list(Source(path))
    assert caught.value.field == field
    assert caught.value.remedy


def test_other_encodings_folders_and_archives_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes('[{"mapping": {}, "id": "é"}]'.encode("latin-1"))
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.bin", "a")
    for name, reason in (("x.json", "UTF-8"), ("empty", "holds neither"), ("x.zip", "holds neither")):
        with pytest.raises(ValidationError, match=reason):
            Source(tmp_path / name)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("listed", [False, True])
def test_documents_one_after_another_are_all_read(tmp_path: Path, indent: int | None, *, listed: bool) -> None:
    talks = [chatgpt(message("user", text), chat_id=text) for text in ("one", "two", "three")]
    documents = [json.dumps([talk] if listed else talk, indent=indent) for talk in talks]
    for separator in ("\n", "", "\r\n\r\n"):
        (tmp_path / "x.json").write_text(separator.join(documents))
        assert [text for _, text in said(list(Source(tmp_path / "x.json")))] == ["one", "two", "three"]


# ---------------------------------------------------------------------- a list item by item


class Slow(io.StringIO):
    """A file that counts what is read of it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.longest = 0
        self.total = 0

    def read(self, size: int | None = -1) -> str:
        text = super().read(7 if size == CHUNK and self.small else size)
        self.longest = max(self.longest, len(text))
        self.total += len(text)
        return text

    small = False


def test_items_are_the_same_wherever_the_text_is_cut() -> None:
    items = [{"a": 'é\\u0041\\"' * 3, "b": [1.5, None, True, {"c": "\U0001f600"}]}, {}, {"d": "x" * 50}]
    file = Slow(" [ " + " , ".join(json.dumps(item) for item in items) + " ] ")
    file.small = True
    assert list(read_items(file, "x")) == items


def test_a_large_list_is_read_in_pieces() -> None:
    item = json.dumps({"text": "x" * 200_000})
    file = Slow("[" + ",".join([item] * 40) + "]")
    first = read_items(file, "x")
    assert len(next(first)["text"]) == 200_000
    assert file.total <= CHUNK
    assert sum(1 for _ in first) == 39
    assert file.longest <= CHUNK
