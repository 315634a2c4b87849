"""Listens to server-sent events of a server in this process."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self
from urllib.parse import urlencode

from tests.server.conftest import PORT, Served


class Listener:
    """A client that reads a stream as it comes, which no client library does without a socket."""

    def __init__(self, served: Served, key: str | None = None, **query: Any) -> None:
        self._served = served
        headers = {"host": f"127.0.0.1:{PORT}"} | ({"x-api-key": key} if key else {})
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/events", "raw_path": b"/events", "root_path": "", "server": ("127.0.0.1", PORT),
            "query_string": urlencode(query, doseq=True).encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        self._parts: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._asked = False
        self.status = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._served.app(self._scope, self._receive, self._send))
        assert await self.part() == b": from now on\n\n"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        await asyncio.wait_for(self._task, 10)

    async def _receive(self) -> Any:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message.get("body"):
            self._parts.put_nowait(message["body"])
        elif not message.get("more_body"):
            self._parts.put_nowait(None)

    async def part(self) -> bytes | None:
        """What comes next; None for the end."""
        return await asyncio.wait_for(self._parts.get(), 10)

    async def event(self) -> tuple[str, Any]:
        """The next event and its data; heartbeats are passed over."""
        while (part := await self.part()) is not None:
            if not part.startswith(b":"):
                name, data = part.decode().strip().split("\n")
                return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))
        raise EOFError
