"""The keys by which programs use the server: ``keys create``, ``keys list`` and ``keys revoke``."""

from __future__ import annotations

import time
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from coda_graphmem.cli.options import AsJson, KeyPlace, length_of_time
from coda_graphmem.cli.output import print_json, remark, say, when
from coda_graphmem.cli.settings import Settings

if TYPE_CHECKING:
    from coda_graphmem.server.keys import KeyFile, KeyRecord


class RightName(str, Enum):
    """What a key allows."""

    READ = "read"
    WRITE = "write"
    ADMINISTER = "administer"


async def create(
    settings: Settings,
    *,
    name: Annotated[str, typer.Option("--name", help="Whose it is or what for.")],
    namespaces: Annotated[
        list[str] | None,
        typer.Option("--for", help="Namespace that it is for; may be repeated. That of the settings if left out."),
    ] = None,
    prefixes: Annotated[
        list[str] | None,
        typer.Option("--for-prefix", help="Beginning of names of namespaces that it is for; may be repeated."),
    ] = None,
    all_namespaces: Annotated[bool, typer.Option("--all-namespaces", help="It is for every namespace.")] = False,
    rights: Annotated[
        list[RightName] | None,
        typer.Option("--right", help="What it allows; may be repeated. read and write if left out."),
    ] = None,
    expires: Annotated[
        float | None,
        typer.Option(
            "--expires",
            parser=length_of_time,
            metavar="TIME",
            help="For how long it is good: 12h, 30d, 52w (for good).",
        ),
    ] = None,
    keys: KeyPlace = None,
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it once: it is kept nowhere, only what tells it."""
    if "" in (prefixes or ()):
        raise typer.BadParameter("It is empty. Use --all-namespaces for every namespace.", param_hint="--for-prefix")
    own = [] if prefixes or all_namespaces else [settings.config().namespace]
    file = _file(settings, keys)
    record, key = file.create(
        name,
        [right.value for right in rights or (RightName.READ, RightName.WRITE)],
        namespaces=namespaces or own,
        prefixes=[*(prefixes or ()), *([""] if all_namespaces else [])],
        seconds=expires,
    )
    if as_json:
        print_json({"key": key, **_shown(record)})
        return
    say(key)
    remark(f"{_about(record)}. This is the only time that it is shown; servers know it by {file.path}.")


async def list_(settings: Settings, *, keys: KeyPlace = None, as_json: AsJson = False) -> None:
    """Show which keys there are, the oldest first: what they are for, but never a key."""
    found = sorted(_file(settings, keys).records().values(), key=lambda record: record.created_at)
    if as_json:
        print_json([_shown(record) for record in found])
        return
    for record in found:
        say(f"{record.key_id}  {_about(record)}; {_state(record)}")
    if not found:
        remark("There are no keys. coda-graphmem keys create makes one.")


async def revoke(
    settings: Settings,
    key_id: Annotated[str, typer.Argument(help="Its id, as list shows it.")],
    *,
    keys: KeyPlace = None,
) -> None:
    """Revoke a key for good: servers that run refuse it from its next request on."""
    record = _file(settings, keys).revoke(key_id)
    say(f"Revoked {record.key_id} ({record.name}).")


def _file(settings: Settings, keys: KeyPlace) -> KeyFile:
    from coda_graphmem.server.keys import KeyFile, default_path

    return KeyFile(keys or default_path(settings.config().vector_store.persist_directory))


def _shown(record: KeyRecord) -> dict[str, object]:
    return record.model_dump(mode="json", exclude={"sha256"})


def _about(record: KeyRecord) -> str:
    places = ["all namespaces"] if record.covers_all else [*record.namespaces, *(f"{one}…" for one in record.prefixes)]
    return f"{record.name}: {', '.join(record.rights)} in {', '.join(places)}"


def _state(record: KeyRecord) -> str:
    if record.revoked_at is not None:
        return f"revoked {when(record.revoked_at)}"
    if record.expires_at is None:
        return "good until it is revoked"
    return f"{'good until' if record.is_good(time.time()) else 'over since'} {when(record.expires_at)}"
