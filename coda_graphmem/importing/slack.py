"""Reads a workspace that Slack exports: a folder, or the ZIP archive as downloaded.

Beside a folder for each channel, with a file for each day, lie lists of people and channels::

    users.json                  [{"id": "U1", "name": "ida", "profile": {"real_name": "Ida Ek", "display_name": "Ida"}}]
    channels.json, groups.json  [{"id": "C1", "name": "general", "members": ["U1"]}]
    dms.json, mpims.json        [{"id": "D1", "members": ["U1", "U2"]}]
    general/2026-03-12.json     [{"type": "message", "user": "U1", "text": "Hi <@U2>", "ts": "1773342785.000100",
                                  "thread_ts": "…", "subtype": "…", "files": […], "attachments": […]}]

A channel becomes a conversation. People and bots are called as they are shown, in what they say (``<@U2>``) as well;
links keep their address and their words. The thread a message is in is kept as ``metadata["thread"]``, the id of the
memory it begins with. Passed over are joining, leaving and other notices, and what holds no words.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.account import Account
from coda_graphmem.importing.chats import NO_WORDS, Chat, Turn, Unread, join_texts, name_of, records_of
from coda_graphmem.importing.json_items import read_items
from coda_graphmem.importing.record import Record, RecordMaker, digest
from coda_graphmem.transfer.parts import Part

#: A day of a channel, within any folders: these, the channel, the day.
DAY = re.compile(r"(?:^|(?P<root>.*)/)(?P<channel>[^/]+)/(?P<day>\d{4}-\d\d-\d\d)\.json$")

_LISTS = ("channels", "groups", "dms", "mpims")
#: Kinds of messages that somebody wrote; what has another is a notice of Slack.
_SAID = frozenset(
    {
        *("bot_message", "me_message", "thread_broadcast", "reply_broadcast", "file_share", "file_comment"),
        *("document_mention", "slackbot_response"),
    }
)
NOTICE, OTHER_FILE = "notices of Slack", "no day of a channel"

#: Blocks within blocks that are looked into.
_DEEPEST = 8
_MENTION = re.compile(r"<([@#!]?)([^<>|\n]{1,2000})(?:\|([^<>\n]{0,2000}))?>")


@dataclass(slots=True)
class Workspace:
    """People and channels by their ids and folders."""

    people: dict[str, str] = field(default_factory=dict)
    channels: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Id and title, by the name of the folder and by the id."""

    def said(self, text: str) -> str:
        """A text as it was shown: names in place of ids."""
        return html.unescape(_MENTION.sub(self._shown, text))

    def _shown(self, found: re.Match[str]) -> str:
        kind, target, label = found[1], found[2], found[3] or ""
        if kind == "@":
            return "@" + (self.people.get(target) or label or target)
        if kind == "#":
            return "#" + (label or self.channels.get(target, ("", target))[1].removeprefix("#"))
        if kind == "!" and not target.startswith("date^"):
            return "@" + (label or target.split("^")[0]).removeprefix("@")
        if kind == "!":
            return label
        address = target.removeprefix("mailto:").removeprefix("tel:")
        return f"{label} ({address})" if label and label not in address else address


def is_slack(item: Mapping[str, Any]) -> bool:
    """Whether an item of a list is a message of a day."""
    return isinstance(item.get("ts"), str) and ("type" in item or "user" in item or "bot_id" in item)


def read_slack(days: Iterable[Part], others: Iterable[Part], account: Account, me: str) -> Iterator[Record]:
    """The messages of all channels, channel by channel and day by day.

    Args:
        days: Files of days; their names say which channel they are of.
        others: The other files of the export, with the lists of people and channels among them.
        account: Where files and messages are counted.
        me: Name of whoever is called ``User``.

    Raises:
        ValidationError: A file is damaged, or a message is not acceptable; the field names it.
    """
    workspace = read_workspace(others, account)
    channels: dict[str, list[Part]] = {}
    for part in days:
        found = DAY.search(part.name)
        channels.setdefault(found["channel"] if found else part.name.removesuffix(".json"), []).append(part)
    for folder, parts in channels.items():
        chat_id, title = workspace.channels.get(folder, (folder, f"#{folder}"))
        for part in sorted(parts, key=lambda part: part.name):
            maker = RecordMaker(part.name, account)
            with part.open() as file:
                messages = read_items(file, part.name, "message")
                turns = (_turn(message, workspace, chat_id) for message in messages)
                yield from records_of(Chat(name_of(f"slack-{chat_id}"), title, turns), "", maker, me)
            account.take("files")


def read_workspace(parts: Iterable[Part], account: Account | None = None) -> Workspace:
    """People and channels, from the files that list them; others are counted as passed over."""
    workspace = Workspace()
    lists: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        name = part.name.rpartition("/")[2].removesuffix(".json")
        if name in ("users", *_LISTS) and part.name.endswith(".json") and name not in lists:
            with part.open() as file:
                lists[name] = list(read_items(file, part.name, "entry"))
            if account:
                account.take("files")
        elif account:
            account.pass_over("files", OTHER_FILE, part.name)
    for user in lists.get("users", ()):
        if isinstance(user.get("id"), str) and (called := _called(user)):
            workspace.people[user["id"]] = called
    for name in _LISTS:
        for channel in lists.get(name, ()):
            if isinstance(channel_id := channel.get("id"), str):
                title = _title(name, channel, workspace)
                workspace.channels[channel_id] = channel_id, title
                if isinstance(channel.get("name"), str):
                    workspace.channels[channel["name"]] = channel_id, title
    return workspace


def _title(kind: str, channel: dict[str, Any], workspace: Workspace) -> str:
    members = channel.get("members")
    if kind in ("dms", "mpims") and isinstance(members, list):
        return ", ".join(workspace.people.get(member, member) for member in members if isinstance(member, str))
    return f"#{channel.get('name') or channel.get('id')}"


def _called(user: Mapping[str, Any]) -> str:
    """The name somebody is shown by."""
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return next((name_of(name) for name in names if isinstance(name, str) and name.strip()), "")


def _turn(message: dict[str, Any], workspace: Workspace, chat_id: str) -> Turn | Unread:
    subtype = message.get("subtype")
    if message.get("type", "message") != "message" or (subtype is not None and str(subtype) not in _SAID):
        return Unread(NOTICE)
    text = workspace.said(_text(message))
    if not text.strip():
        return Unread(NO_WORDS)
    stamp = str(message.get("ts"))
    thread = message.get("thread_ts")
    metadata = {}
    if isinstance(thread, str) and thread != stamp:
        metadata["thread"] = digest(name_of(f"slack-{chat_id}"), thread)
    return Turn(stamp, _speaker(message, workspace), text, _time(message), metadata)


def _text(message: Mapping[str, Any]) -> str:
    """The words of a message, else those of its blocks, or of what is attached to it: bots have theirs there."""
    text = message.get("text")
    if isinstance(text, str) and text.strip():
        return text
    if (blocks := join_texts(_block_texts(message.get("blocks")))).strip():
        return blocks
    attached = message.get("attachments")
    found: list[str] = []
    for item in attached if isinstance(attached, list) else []:
        if isinstance(item, dict):
            parts = [item.get(key) for key in ("pretext", "title", "text")]
            words = [part for part in parts if isinstance(part, str)]
            found += words or [str(item.get("fallback") or "")]
    return join_texts(found)


def _block_texts(blocks: object, depth: int = 0) -> Iterator[str]:
    """The words of blocks, a line for each that holds words itself or in what it is made of."""
    for block in blocks if isinstance(blocks, list) and depth < _DEEPEST else []:
        if not isinstance(block, dict):
            continue
        text = block.get("text")
        text = text.get("text") if isinstance(text, dict) else text
        if isinstance(text, str):
            yield text
        for key in ("elements", "fields"):
            inside = list(_block_texts(block.get(key), depth + 1))
            # What stands within a line is not set apart again.
            yield from ["".join(inside)] if block.get("type") == "rich_text_section" else inside


def _speaker(message: Mapping[str, Any], workspace: Workspace) -> str | None:
    """Who wrote a message: by the list of people, by what the message says of them, by the name of a bot, or by id."""
    user = message.get("user")
    if isinstance(user, str) and user in workspace.people:
        return workspace.people[user]
    for key in ("user_profile", "bot_profile"):
        profile = message.get(key)
        if isinstance(profile, dict) and (called := _called({"profile": profile, "name": profile.get("name")})):
            return called
    names = (message.get("username"), user, message.get("bot_id"))
    return next((name for name in names if isinstance(name, str) and name.strip()), None)


def _time(message: Mapping[str, Any]) -> float:
    """When a message was written.

    Raises:
        ValidationError: It does not say.
    """
    try:
        return float(message.get("ts"))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValidationError("ts is not a time.", remedy="Use the files as Slack exported them.") from None
