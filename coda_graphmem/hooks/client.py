"""What an assistant starts: asks the daemon, or queues what is to be kept, and ends within a second.

Nothing but Python's own modules is imported, and of these few: an assistant waits for it at every turn.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from typing import Any

from coda_graphmem._version import __version__
from coda_graphmem.hooks.event import ASKING, LONGEST_INPUT, Event, answer_of, read_event
from coda_graphmem.hooks.project import project_folder, project_namespace
from coda_graphmem.hooks.queue import Note, add_note
from coda_graphmem.hooks.state import Address, StateFolder, environment

#: Seconds after which nobody waits for an answer any longer. Starting Python and ending it come on top.
PATIENCE = 0.65
#: Seconds between two looks for a daemon that has just been started.
_PAUSE = 0.01
FAILED = 1


def call(event_name: str, options: tuple[str, ...], namespace: str | None, started: float) -> int:
    """Do what a hook is called for.

    Args:
        event_name: Which event.
        options: Those that say which memory is meant, as a daemon takes them.
        namespace: Where; None for the namespace of the project.
        started: When the process began, by `time.monotonic`.

    Returns:
        The exit code: 0, or 1 with a line on standard error. Neither keeps an assistant from going on.
    """
    try:
        event = read_event(event_name, sys.stdin.buffer.read(LONGEST_INPUT + 1) if sys.stdin else b"")
        where = (
            namespace or os.environ.get("CODA_GRAPHMEM_NAMESPACE") or project_namespace(project_folder(event.folder))
        )
        place = StateFolder(options)
        place.make()
        if event.name in ASKING:
            _print(answer_of(event.name, _asked(place, options, event, where, started + PATIENCE)))
        elif event.transcript:
            note = Note(where, event.session_id, event.transcript, event.name == "PreCompact", time.time())
            add_note(place.notes, note)
            # The daemon is told; where there is none, one is started.
            if _sent(place.address(), {"event": "noted"}) is None:
                start_daemon(place, options)
    except (OSError, ValueError, RuntimeError) as error:
        _complain(str(error))
        return FAILED
    return 0


def _asked(place: StateFolder, options: tuple[str, ...], event: Event, namespace: str, until: float) -> str:
    """What is known that belongs into the conversation; empty where nothing does, or nobody answers in time.

    Raises:
        ValueError: The memory cannot be used.
    """
    question = {
        "event": event.name,
        "namespace": namespace,
        "session_id": event.session_id,
        "prompt": event.prompt,
        "source": event.source,
    }
    before = place.address()
    link = _sent(before, question)
    if link is None:
        start_daemon(place, options)
        while link is None and time.monotonic() < until:
            time.sleep(_PAUSE)
            now = place.address()
            link = _sent(now, question) if now != before else None
    if link is None:
        return ""
    with link:
        try:
            answer = _heard(link, until)
            if answer is not None:
                # Only what arrived counts as said.
                link.sendall(b"\n")
        except OSError:
            answer = None
    if answer is None:
        return ""
    if answer.get("error"):
        raise ValueError(str(answer["error"]))
    return str(answer.get("context", ""))


def start_daemon(place: StateFolder, options: tuple[str, ...]) -> None:
    """Start a daemon, apart from this process and whatever becomes of it.

    Raises:
        OSError: It cannot be started.
    """
    import subprocess

    detached: dict[str, Any] = (
        {"creationflags": 0x00000008 | 0x00000200 | 0x08000000}  # detached, a group of its own, no window
        if sys.platform == "win32"
        else {"start_new_session": True}
    )
    # The folder of the project is no place to find modules in, nor to be kept in use.
    log = place.open_log()
    try:
        subprocess.Popen(
            [sys.executable, "-P", "-m", "coda_graphmem.cli.daemon", *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=place.folder,
            env={**os.environ, **environment()},
            close_fds=True,
            **detached,
        )
    finally:
        os.close(log)


def _sent(address: Address | None, question: dict[str, str]) -> socket.socket | None:
    """A connection on which something was asked; None where nobody listens."""
    if address is None:
        return None
    try:
        link = socket.create_connection(("127.0.0.1", address.port), timeout=PATIENCE)
        question = {"token": address.token, "version": __version__, **question}
        link.sendall(json.dumps(question).encode() + b"\n")
    except OSError:
        return None
    return link


def _heard(link: socket.socket, until: float) -> dict[str, Any] | None:
    """A line of the answer; None where it is none, or does not come in time."""
    said = b""
    while not said.endswith(b"\n"):
        left = until - time.monotonic()
        if left <= 0:
            return None
        link.settimeout(left)
        part = link.recv(1 << 16)
        if not part:
            return None
        said += part
    try:
        answer = json.loads(said)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _print(text: str) -> None:
    if text:
        # JSON of ASCII alone: no encoding of a terminal stands in its way.
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _complain(text: str) -> None:
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    sys.stderr.write(f"coda-graphmem: {line[:500]}\n")
    sys.stderr.flush()
