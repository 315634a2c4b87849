"""Reads notes of Markdown as Obsidian and Basic Memory keep them: folders of files that link to one another.

::

    ---
    title: Tea
    type: note
    tags: [drinks]
    permalink: kitchen/tea
    ---
    # Tea

    Green tea wants [[Water|water]] of 80 degrees. #brewing

    ## Observations
    - [method] Three minutes are enough #time (from the packet)

    ## Relations
    - served_with [[Lemon Cake]] (on Sundays)

A paragraph becomes a memory, as in `coda_graphmem.importing.notes`; so does an observation (``- [category] words``), of
the type its category names where it names one, and a relation (``- words [[Target]]``), which says in words what it
joins. Links are replaced by the words they show, and kept as ``metadata["links"]``; tags of the head, and those among
the words, are kept as tags. The note is the title of each (and so an entity), its path the conversation. What else
stands in the head is kept as ``metadata["properties"]`` where that is short. Passed over are comments (``%%``), and all
files that are no notes.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from coda_graphmem.importing.account import BLANK
from coda_graphmem.importing.belongings import OWNERS, tags_of
from coda_graphmem.importing.chats import acceptable, name_of
from coda_graphmem.importing.foreign import Foreign, kind_of, records_of_foreign, unit_of
from coda_graphmem.importing.record import Record, RecordMaker, digest
from coda_graphmem.models import MemoryType
from coda_graphmem.transfer.front_matter import split_front_matter
from coda_graphmem.transfer.knowledge_graph import RELATION, sentence
from coda_graphmem.transfer.parts import Part
from coda_graphmem.validation.moments import parse_time

#: Characters of the longest note.
LONGEST = 20_000_000

#: Characters of what else stands in the head that are kept with every memory of the note.
_PROPERTIES = 2_000

#: Why lines are passed over.
SILENT, HEAD = "headings, comments and pictures without words", "front matter"

_FENCES = ("```", "~~~")
_CREATED = ("created", "created_at", "date created", "date", "timestamp", "updated", "updated_at", "modified")
_READ = frozenset({"title", "type", "tags", "tag", "permalink", "aliases", "importance", *OWNERS})

_LINE_END = re.compile(r"\r\n|\n|\r")
_EMBEDDED = re.compile(r"!\[\[[^\[\]\n]{1,800}\]\]")
_LINK = re.compile(r"\[\[([^\[\]|\n]{1,400})(?:\|([^\[\]\n]{1,400}))?\]\]")
_TAG = re.compile(r"(?<![\w#&/])#([^\W\d_][\w/-]{0,100}|\d[\w/-]{0,100}[^\W\d][\w/-]{0,50})")
_OBSERVATION = re.compile(r"\s{0,8}[-*] \[([^\[\]()\n]{2,60}|[^\[\]()\n xX/><!?*-])\] (?=\S)(?!\()")
_RELATION_LINE = re.compile(
    r"\s{0,8}[-*] ([^\[\]\n]{0,100}?)\s{0,3}\[\[([^\[\]|\n]{1,400})(?:\|[^\[\]\n]{0,400})?\]\]"
    r"\s{0,3}(\([^()\n]{1,400}\))?\s*"
)
#: A relation that is one wherever it stands: ``part_of``; others are under a heading that says so.
_RELATION_NAME = re.compile(r"[^\W_]+(?:_[^\W_]+)+")
_RELATIONS = re.compile(r"#+\s+relations\W*", re.IGNORECASE)
_CONTEXT = re.compile(r"\s\(([^()]{1,400})\)\s*\Z")


def is_note(text: str) -> bool:
    """Whether a file is a note that says so itself: by a head, or by links to other notes."""
    return text.startswith(("---\n", "---\r\n")) or _LINK.search(text) is not None


@dataclass(slots=True)
class Note:
    """What is known of a note when its lines are read."""

    path: str
    title: str
    at: float | None
    metadata: dict[str, Any]
    said: dict[str, Any]
    tags: list[str]
    importance: float | None = None
    seen: dict[str, int] = field(default_factory=dict)
    """How often a text came already."""


def read_markdown(part: Part, path: str, maker: RecordMaker) -> Iterator[Record]:
    """The memories of a note, in its order.

    Args:
        part: The note.
        path: Its path in the folder, without its ending; what memories are told by where the note has no permalink.
        maker: Of that file.

    Raises:
        ValidationError: It is not UTF-8, too long, or its head is damaged; the field names note and line.
    """
    text = part.whole(LONGEST).removeprefix("\ufeff")
    head, body = split_front_matter(text, part.name)
    first = len(lines_of(text[: len(text) - len(body)]))
    maker.account.pass_over("lines", HEAD, maker.place(1), first)
    lines = lines_of(body)
    note = note_of(head, lines, path, maker)
    for number, block in _blocks(lines, first + 1, maker):
        found = _foreign(note, block)
        count = sum(bool(line.strip()) for line in block) if isinstance(block, list) else 1
        if found is None:
            maker.account.pass_over("lines", SILENT, maker.place(number), count)
            continue
        maker.account.take("lines", count)
        text = str(found.content)
        note.seen[text] = note.seen.get(text, 0) + 1
        # What a note says twice is two memories.
        yield from records_of_foreign(replace(found, key=digest(note.path, note.seen[text])), number, maker)


def lines_of(text: str) -> list[str]:
    """The lines of a text; none begins behind its last end of a line."""
    lines = _LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]


def note_of(head: dict[str, Any], lines: list[str], path: str, maker: RecordMaker) -> Note:
    """What a head says of what follows it.

    Args:
        head: Its values; none for a text that has no head.
        lines: What follows, in which a title is looked for.
        path: Where it is in its folder, which is its title where nothing else is.
        maker: Of that file.
    """
    heading = next((line[2:].strip().rstrip("#").strip() for line in lines if line.startswith("# ")), "")
    title = _text(head.get("title")) or heading or PurePosixPath(path).name
    permalink = _text(head.get("permalink"))
    others = {key: value for key, value in head.items() if key not in _READ and value not in (None, "", [], {})}
    try:
        is_short = len(json.dumps(others, ensure_ascii=False)) <= _PROPERTIES
    except (ValueError, RecursionError):
        is_short = False
    if not is_short:
        maker.account.note(f"{maker.source}: its front matter is too long to be kept with each memory.")
    return Note(
        path=permalink or path,
        title=name_of(title),
        at=_time(head),
        metadata={
            "title": name_of(title),
            "permalink": permalink,
            "note_type": head.get("type"),
            "aliases": tags_of(head.get("aliases")),
            "properties": others if is_short else {},
        },
        said=head,
        tags=tags_of(head.get("tags") or head.get("tag")),
        importance=unit_of(head.get("importance")),
    )


def _time(head: dict[str, Any]) -> float | None:
    """When a note was made; None where it does not say, as people write dates in their own ways."""
    for name in _CREATED:
        value = head.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            try:
                return float(parse_time(value))
            except (ValueError, OverflowError):
                continue
    return None


def _blocks(lines: list[str], first: int, maker: RecordMaker) -> Iterator[tuple[int, list[str] | re.Match[str]]]:
    """Paragraphs, observations and relations, each with the number of its first line; blank lines are counted.

    A heading belongs to the paragraph after it, and a fenced block of code is not broken. What an observation or a
    relation says is found by its match.
    """
    block: list[str] = []
    begins, fence, in_relations = first, "", False
    for number, line in enumerate(lines, start=first):
        bare = line.strip()
        if bare.startswith(_FENCES) and (not fence or bare.startswith(fence)):
            fence = "" if fence else bare[:3]
        elif bare.startswith("#") and not fence:
            in_relations = _RELATIONS.fullmatch(bare) is not None
        alone = None if fence else _OBSERVATION.match(line) or _relation(line, in_relations)
        if not bare:
            maker.account.pass_over("lines", BLANK, maker.place(number))
        if block and ((not bare and not fence and not block[-1].startswith("#")) or alone):
            yield begins, block
            block = []
        if alone:
            yield number, alone
        elif bare or (fence and block):
            begins = begins if block else number
            block.append(line)
    if block:
        yield begins, block


def _relation(line: str, in_relations: bool) -> re.Match[str] | None:
    found = _RELATION_LINE.fullmatch(line)
    return found if found and (in_relations or _RELATION_NAME.fullmatch(found[1])) else None


def _foreign(note: Note, block: list[str] | re.Match[str]) -> Foreign | None:
    """What a block says; None where it says nothing."""
    if isinstance(block, re.Match):
        if block.re is _OBSERVATION:
            return _observation(note, block[1].strip(), block.string[block.end() :])
        relation, target = block[1].strip() or "links_to", name_of(block[2])
        metadata = {RELATION: {"from": note.title, "to": target, "type": relation}, "context": (block[3] or "")[1:-1]}
        return _made(note, sentence(note.title, relation, target), metadata)
    words, links, tags = words_and_links("\n".join(block))
    if not any(any(map(str.isalnum, line)) for line in words.split("\n") if not line.startswith("#")):
        return None
    return _made(note, words, {"links": links}, tags=tags)


def _observation(note: Note, category: str, text: str) -> Foreign | None:
    context = _CONTEXT.search(text)
    text = text[: context.start()] if context else text
    tags = _tags(text)
    words, links = _unlinked(_TAG.sub("", text))
    if not words.strip():
        return None
    metadata = {"category": category, "links": links, "context": context[1] if context else ""}
    return _made(note, " ".join(words.split()), metadata, tags=tags, kind=kind_of(category))


def _made(
    note: Note,
    content: str,
    metadata: dict[str, Any],
    *,
    tags: list[str] | None = None,
    kind: MemoryType = MemoryType.SEMANTIC,
) -> Foreign:
    return Foreign(
        program="markdown",
        key=None,
        content=content,
        kind=kind,
        at=note.at,
        importance=note.importance,
        conversation_id=note.path,
        metadata=note.metadata | metadata,
        said=note.said,
        tags=[*note.tags, *(tags or [])],
    )


def words_and_links(text: str) -> tuple[str, list[str], list[str]]:
    """The words of a text without comments, those of links in place of them; where it links to; its tags."""
    text = re.sub(r"%%.*?(?:%%|\Z)", "", text, flags=re.DOTALL).strip()
    words, links = _unlinked(text)
    return words, links, _tags(text)


def _unlinked(text: str) -> tuple[str, list[str]]:
    """A text with the words that links show in place of them, and where they lead."""
    targets = list(dict.fromkeys(name_of(target) for target, _ in _LINK.findall(text)))
    words = _LINK.sub(lambda found: found[2] or found[1], _EMBEDDED.sub("", text))
    return words.strip(), [target for target in targets if target]


def _tags(text: str) -> list[str]:
    return _TAG.findall(text)


def _text(value: object) -> str:
    return acceptable(value).strip() if isinstance(value, str) else str(value) if isinstance(value, int) else ""
