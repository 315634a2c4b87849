"""Exports as people have them: a small one of each kind."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

WHATSAPP = """\
12/03/26, 19:13 - Messages and calls are end-to-end encrypted. Only people in this chat can read them.
12/03/26, 19:13 - Ida: Are you coming?
At eight.

Or nine.
13/03/26, 07:01 - Nora 🚣: <Media omitted>
13/03/26, 07:02 - +44 20 7946 0000: Yes: at nine
13/03/26, 07:03 - Ida changed the subject to "Trip: Rome"
"""

TRANSCRIPT = """\
# Trip

[2026-03-02 19:12] Nora 🚣: Where to?
Somewhere warm.

Ek, Ida: Rome: it is warm.
```
Nora 🚣: code
```
Nora 🚣: Fine.
"""

TELEGRAM: dict[str, Any] = {
    "name": "Ida",
    "type": "personal_chat",
    "id": 4711,
    "messages": [
        {
            "id": 1,
            "type": "service",
            "date": "2026-03-12T19:13:00",
            "actor": "Ida",
            "action": "pin_message",
            "text": "",
        },
        {
            "id": 2,
            "type": "message",
            "date": "2026-03-12T19:13:05",
            "date_unixtime": "1773342785",
            "from": "Ida",
            "from_id": "user1",
            "text": ["See ", {"type": "link", "text": "https://example.org"}, " now"],
        },
        {"id": 3, "type": "message", "date": "2026-03-12T19:14:05", "from": "Nora", "text": "", "photo": "p.jpg"},
        {
            "id": 4,
            "type": "message",
            "date": "2026-03-12T19:15:05",
            "edited": "2026-03-12T20:00:00",
            "from": "Nora",
            "text": "So they say.",
            "forwarded_from": "Tom",
            "reply_to_message_id": 2,
        },
        {
            "id": 5,
            "type": "message",
            "date": "2026-03-12T19:16:05",
            "from": None,
            "from_id": "user7",
            "text": "",
            "poll": {"question": "When?", "answers": [{"text": "now", "voters": 1}, {"text": "later"}]},
        },
    ],
}

SLACK: dict[str, Any] = {
    "users.json": [
        {"id": "U1", "name": "ida", "profile": {"real_name": "Ida Ek", "display_name": "Ida"}},
        {"id": "U2", "name": "nora", "profile": {"real_name": "Nora", "display_name": ""}},
    ],
    "channels.json": [{"id": "C1", "name": "general", "members": ["U1", "U2"]}],
    "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
    "integration_logs.json": [],
    "general/2026-03-12.json": [
        {
            "type": "message",
            "user": "U1",
            "text": "Hi <@U2>, see <https://example.org|this> in <#C1|general> &amp; <!here>",
            "ts": "1773342785.000100",
        },
        {"type": "message", "subtype": "channel_join", "user": "U1", "text": "<@U1> joined", "ts": "1773342786.000100"},
        {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B1",
            "username": "deploy",
            "text": "",
            "attachments": [{"title": "Deployed", "text": "Version 2"}],
            "ts": "1773342788.000100",
        },
    ],
    "general/2026-03-13.json": [
        {
            "type": "message",
            "user": "U2",
            "text": "Thanks",
            "thread_ts": "1773342785.000100",
            "ts": "1773432787.000100",
        },
        {
            "type": "message",
            "user": "U9",
            "user_profile": {"real_name": "Guest"},
            "text": "",
            "files": [{"name": "a.png"}],
            "ts": "1773432788.000100",
        },
    ],
    "D1/2026-03-12.json": [{"type": "message", "user": "U2", "text": "Just us", "ts": "1773342785.000200"}],
}

CHATGPT: list[dict[str, Any]] = [
    {
        "conversation_id": "c1",
        "title": "Trip",
        "create_time": 90.5,
        "current_node": "n2",
        "mapping": {
            "root": {"id": "root", "parent": None, "children": ["n1"], "message": None},
            "n1": {
                "id": "n1",
                "parent": "root",
                "message": {
                    "id": "n1",
                    "author": {"role": "user"},
                    "create_time": 100.0,
                    "content": {"content_type": "text", "parts": ["Hello"]},
                },
            },
            "n2": {
                "id": "n2",
                "parent": "n1",
                "message": {
                    "id": "n2",
                    "author": {"role": "assistant"},
                    "recipient": "all",
                    "content": {"content_type": "text", "parts": ["Hi"]},
                },
            },
        },
    }
]

CLAUDE: list[dict[str, Any]] = [
    {
        "uuid": "k1",
        "name": "Boiler",
        "created_at": "2026-03-02T19:00:00Z",
        "current_leaf_message_uuid": "m2",
        "chat_messages": [
            {
                "uuid": "m1",
                "sender": "human",
                "created_at": "2026-03-02T19:12:00.5Z",
                "parent_message_uuid": "00000000-0000-4000-8000-000000000000",
                "text": "",
                "content": [{"type": "voice_note", "title": "Note", "text": "It leaks."}],
            },
            {
                "uuid": "m2",
                "sender": "assistant",
                "created_at": "2026-03-02T19:12:09.5Z",
                "parent_message_uuid": "m1",
                "text": "Close the valve.",
                "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Close the valve."}],
            },
        ],
    }
]

MEM0: dict[str, Any] = {
    "results": [
        {
            "id": "a-1",
            "memory": "Plays the cello",
            "hash": "0f",
            "user_id": "nora",
            "agent_id": "coach",
            "run_id": 7,
            "categories": ["music", "#hobbies", "music"],
            "metadata": {"importance": 0.8, "room": "attic"},
            "created_at": "2026-03-02T03:12:00-08:00",
            "updated_at": "2026-03-03T00:00:00Z",
        },
        {
            "id": "a-2",
            "memory": "Tune before playing",
            "metadata": {"memory_type": "procedural_memory"},
            "created_at": None,
            "updated_at": "2026-03-02T11:12:00Z",
        },
    ]
}

LANGGRAPH: list[dict[str, Any]] = [
    {
        "namespace": ["memories", "nora"],
        "key": "k1",
        "value": {"kind": "Memory", "content": {"content": "Prefers the window seat"}},
        "created_at": "2026-03-02T19:12:00Z",
        "updated_at": "2026-03-02T20:00:00Z",
    },
    {
        "namespace": ["memories", "nora"],
        "key": "k2",
        "value": {
            "kind": "Talk",
            "content": {
                "messages": [
                    {"role": "user", "content": "Where is it?"},
                    {"role": "assistant", "content": [{"type": "text", "text": "In the attic."}]},
                ]
            },
        },
    },
    {"namespace": ["memories"], "key": "k3", "value": {"kind": "Procedural", "content": "Ask before deleting."}},
    {
        "namespace": "profiles",
        "key": "k4",
        "value": {"name": "Nora", "age": 41, "likes": ["tea", "rain"], "none": None},
    },
]

KNOWLEDGE_GRAPH = """\
{"type": "entity", "name": "Nora", "entityType": "person", "observations": ["Sings in a choir", "Has a cat"]}
{"type": "entity", "name": "Choir", "entityType": "group", "observations": []}
{"type": "relation", "from": "Nora", "to": "Choir", "relationType": "sings_in"}"""

ZEP: dict[str, Any] = {
    "sessions": [
        {
            "session_id": "s-1",
            "user_id": "nora",
            "created_at": "2026-03-02T19:00:00Z",
            "metadata": {},
            "messages": [
                {
                    "uuid": "m1",
                    "role": "Nora",
                    "role_type": "user",
                    "content": "Hello",
                    "created_at": "2026-03-02T19:12:00Z",
                },
                {"uuid": "m2", "role": "assistant", "content": "Hi there"},
                {"uuid": "m3", "role": "search", "role_type": "tool", "content": "5 results"},
            ],
            "facts": [{"uuid": "f1", "fact": "Nora has a cat", "rating": 0.75, "created_at": "2026-03-02T19:12:00Z"}],
        }
    ],
    "facts": [{"fact": "It rained", "created_at": "2026-03-02T19:12:00Z"}],
}

GRAPHITI: dict[str, Any] = {
    "edges": [
        {
            "uuid": "e1",
            "source_node_uuid": "n1",
            "target_node_uuid": "n2",
            "name": "LIVES_IN",
            "fact": "Nora lives in Rome",
            "group_id": "g",
            "created_at": "2026-03-05T00:00:00Z",
            "valid_at": "2026-03-02T19:12:00Z",
            "invalid_at": None,
            "episodes": ["p1"],
        },
        {
            "uuid": "e0",
            "source_node_uuid": "n1",
            "target_node_uuid": "n9",
            "name": "LIVES_IN",
            "fact": "Nora lives in Paris",
            "valid_at": "2020-01-01T00:00:00Z",
            "invalid_at": "2026-03-02T19:12:00Z",
        },
    ],
    "episodes": [
        {"uuid": "p1", "name": "chat", "content": "Nora: I moved to Rome", "group_id": "g", "source": "message"}
    ],
    "nodes": [
        {"uuid": "n1", "name": "Nora", "labels": ["Entity", "Person"], "summary": "Sings in a choir."},
        {"uuid": "n2", "name": "Rome", "labels": ["Entity"], "summary": ""},
    ],
}

LETTA: dict[str, Any] = {
    "agents": [
        {
            "id": "agent-0",
            "name": "Coach",
            "block_ids": ["block-0"],
            "messages": [
                {"id": "message-0", "role": "system", "content": [{"type": "text", "text": "You are a coach."}]},
                {
                    "id": "message-1",
                    "role": "user",
                    "content": [{"type": "text", "text": "Hi"}],
                    "created_at": "2026-03-02T19:12:00+00:00",
                },
                {
                    "id": "message-2",
                    "role": "assistant",
                    "content": [{"type": "text", "text": "I should greet her."}],
                    "tool_calls": [{"function": {"name": "send_message", "arguments": '{"message": "Hello Nora"}'}}],
                    "created_at": "2026-03-02T19:12:05+00:00",
                },
                {"id": "message-3", "role": "assistant", "content": "Anything else?"},
            ],
        }
    ],
    "blocks": [{"id": "block-0", "label": "human", "value": "\nName: Nora\n", "description": "Who it is"}],
    "passages": [{"id": "passage-0", "text": "She moved to Rome.", "tags": ["home"]}],
}

#: A file of each format, as text.
SAMPLES: dict[str, str] = {
    "whatsapp": WHATSAPP,
    "transcript": TRANSCRIPT,
    "telegram": json.dumps(TELEGRAM, ensure_ascii=False, indent=1),
    "chatgpt": json.dumps(CHATGPT),
    "claude": json.dumps(CLAUDE, indent=1),
    "mem0": json.dumps(MEM0),
    "zep": json.dumps(ZEP, indent=1),
    "graphiti": json.dumps(GRAPHITI),
    "letta": json.dumps(LETTA, indent=1),
    "langgraph": json.dumps(LANGGRAPH),
    "knowledge-graph": KNOWLEDGE_GRAPH,
    "jsonl": '{"text": "Hello", "speaker": "Nora", "timestamp": 12.5}\n\n{"text": "Hi", "memory_id": "m"}\n',
}


def slack_archive(changed: Callable[[str, str], str] = lambda _, text: text, root: str = "Acme export/") -> bytes:
    """A workspace of Slack as it is downloaded.

    Args:
        changed: What becomes of a file, by its name and text.
        root: The folder in which all of it is.
    """
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, items in SLACK.items():
            archive.writestr(root + name, changed(name, json.dumps(items)).encode("utf-8", "replace"))
    return kept.getvalue()
