"""Tells what a file is by its beginning."""

import io
import json
import re
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.chatgpt import is_chatgpt
from coda_graphmem.importing.claude import is_claude
from coda_graphmem.importing.json_items import first_keys, read_items, read_listed
from coda_graphmem.importing.knowledge_graph import is_knowledge_graph
from coda_graphmem.importing.langgraph import is_langgraph
from coda_graphmem.importing.letta import is_letta, is_wrapped
from coda_graphmem.importing.markdown import is_note
from coda_graphmem.importing.mem0 import LISTS, is_mem0
from coda_graphmem.importing.pdf import is_pdf
from coda_graphmem.importing.slack import is_slack
from coda_graphmem.importing.telegram import is_telegram
from coda_graphmem.importing.transcript import doubt_of
from coda_graphmem.importing.whatsapp import is_whatsapp
from coda_graphmem.importing.zep import SESSION, is_zep
from coda_graphmem.models import ImportFormat
from coda_graphmem.transfer.lines import is_header
from coda_graphmem.transfer.parts import Part

#: Characters looked at to tell what a file is.
_HEAD = 1 << 20


def beginning_of(part: Part) -> str:
    """The beginning of a file; empty where it is no text."""
    with part.open() as file:
        try:
            return file.read(_HEAD >> 4).lstrip("\ufeff")
        except UnicodeDecodeError:
            return ""


def recognise(part: Part, *, told: bool) -> ImportFormat:
    """What one file is; ``told`` where somebody named those who speak in it."""
    with part.open() as file:
        begins = file.buffer.read(1024)
    return "documents" if is_pdf(part.name, begins) else _recognise_lines(part, told=told)


def _recognise_lines(part: Part, *, told: bool) -> ImportFormat:
    with part.open() as file:
        try:
            head = file.read(_HEAD).lstrip("\ufeff")
        except UnicodeDecodeError:
            raise ValidationError("is not UTF-8 text.", field=part.name, remedy="Save it as UTF-8.") from None
    start = head.lstrip("\ufeff \t\r\n")
    if is_header(start.split("\n", 1)[0]):
        return "export"
    if start.startswith("{"):
        return _recognise_object(part, start.split("\n", 1)[0])
    if re.match(r"\[\s*[{\]]", start):
        return _recognise_list(part)
    if not start:
        return "jsonl"
    if is_wrapped(start):
        return "letta"
    return _recognise_text(part, head, told=told)


def _recognise_text(part: Part, head: str, *, told: bool) -> ImportFormat:
    if is_whatsapp(io.StringIO(head)):
        return "whatsapp"
    if told or (doubt := doubt_of(list(io.StringIO(head)))) is None:
        return "transcript"
    if part.name.endswith((".md", ".markdown")) and is_note(head):
        return "markdown"
    raise ValidationError(
        doubt,
        field=part.name,
        remedy="Known are JSON lines, BEIR folders, transcripts, chats of WhatsApp, folders of Markdown, PDF, and "
        "exports of ChatGPT, Claude, Telegram, Slack, mem0, Zep, Graphiti, Letta, LangGraph, the MCP memory server and "
        "this package; --format says which it is, --speaker who speaks in a transcript. --format notes takes any "
        "text, a memory a paragraph, --format documents a memory a section.",
    )


def _recognise_list(part: Part) -> ImportFormat:
    with part.open() as file:
        item = next(read_items(file, part.name), None)
    if item is None or is_chatgpt(item):
        return "chatgpt"
    if is_claude(item):
        return "claude"
    if is_slack(item):
        return "slack"
    if known := _item_of(item):
        return known
    raise ValidationError(
        "is a list of objects that are no conversations of ChatGPT or Claude, and no memories of a known program.",
        field=part.name,
        remedy="Write one JSON object a line instead of a list, or say what it is with --format.",
    )


def _recognise_object(part: Part, line: str) -> ImportFormat:
    """What a file is that begins with an object; ``line`` is its first."""
    if known := _item_of(_loaded(line)):
        return known
    keys: dict[str, str] = {}
    try:
        with part.open() as file:
            for key, first in first_keys(file, part.name):
                keys[key] = first
                if key in _LISTS and first == "[":
                    return _recognise_listed(part, key)
                if known := _KEYS.get((key, first)):
                    return known
                if keys.get("messages") == "[" and not SESSION.isdisjoint(keys):
                    return "zep"
                if is_telegram(keys):
                    return "telegram"
    except ValidationError:
        pass  # the reader of JSON lines says in which line the fault is
    return "jsonl"


def _recognise_listed(part: Part, key: str) -> ImportFormat:
    """What a file is whose object has a list under a key that several formats have."""
    with part.open() as file:
        item = next((item for listed, item in read_listed(file, part.name, "item", {key}) if listed), {})
    if key in LISTS:
        return "langgraph" if is_langgraph(item) else "mem0"
    if key == "facts":
        return "graphiti" if "source_node_uuid" in item else "zep"
    return "knowledge-graph" if key == "relations" or not _OF_GRAPHS.isdisjoint(item) else "graphiti"


def _item_of(item: dict[str, Any]) -> ImportFormat | None:
    """The format of which an object is one item among several."""
    if is_knowledge_graph(item):
        return "knowledge-graph"
    if is_langgraph(item):
        return "langgraph"
    if is_zep(item):
        return "zep"
    if is_letta(item):
        return "letta"
    if "memory_id" in item or not is_mem0(item):
        return None
    return "mem0"


def _loaded(line: str) -> dict[str, Any]:
    """The object of a line; empty where it goes on, or is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


#: Keys that an object of only one format has, with the characters their values begin with.
_KEYS: dict[tuple[str, str], ImportFormat] = {
    ("mapping", "{"): "chatgpt",
    ("chat_messages", "["): "claude",
    ("agents", "["): "letta",
    ("core_memory", "["): "letta",
    ("agent_type", '"'): "letta",
    ("sessions", "["): "zep",
    ("threads", "["): "zep",
    ("edges", "["): "graphiti",
    ("nodes", "["): "graphiti",
    ("episodes", "["): "graphiti",
}

#: Keys of lists that tell what a file is together with what is in them.
_LISTS = LISTS | {"facts", "entities", "relations"}
#: What only entities of a knowledge graph have.
_OF_GRAPHS = frozenset({"observations", "entityType", "entityName"})
