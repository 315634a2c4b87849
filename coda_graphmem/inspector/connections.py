"""Ends connections on which somebody begins a request and never finishes it, or asks and never listens."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds within which the head of a request has to be there, from the connection or from its first byte.
HEAD = 10.0

#: Seconds within which the body of a request has to be there.
BODY = 20.0

#: Seconds for which an answer may wait for its reader.
READING = 60.0


class ImpatientProtocol(H11Protocol):
    """HTTP with an end to every wait for the other side."""

    _timer: asyncio.TimerHandle | None = None

    def body_seconds(self) -> float:
        """Seconds within which the body of a request has to be there."""
        return BODY

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._wait(HEAD)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        before = self.cycle
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            # A WebSocket now, which has its own means.
            self._stop()
        elif self.cycle is not None and not self.cycle.response_complete:
            if not self.cycle.more_body:
                self._stop()
            elif self.cycle is not before:
                self._wait(self.body_seconds())
        elif self._timer is None:
            # A further request on the same connection begins; until then uvicorn's own time for idle ones ran.
            self._wait(HEAD)

    def on_response_complete(self) -> None:
        """See `H11Protocol`."""
        if not self.flow.write_paused:
            self._stop()
        done = self.cycle
        super().on_response_complete()
        if self.cycle is not done and self.cycle.more_body:
            # The next request had come along, but for its end.
            self._wait(self.body_seconds())

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        super().pause_writing()
        self._wait(READING)

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        super().resume_writing()
        self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._stop()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End the connection; a request that is not whole yet is not waited for."""
        if self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            self.transport.abort()
        else:
            super().shutdown()

    def _wait(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
