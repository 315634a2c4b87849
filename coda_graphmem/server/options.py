"""How the server is run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from coda_graphmem.hosts import is_loopback, known_hosts
from coda_graphmem.server.limits import Limits

if TYPE_CHECKING:
    from coda_graphmem.mcp.identity import Profile


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where the server listens, for whom, and how much it does for them."""

    keys: Path
    """The file of keys."""
    namespace: str = "default"
    """Where requests go that name no namespace, and whose key is for several."""
    host: str = "127.0.0.1"
    port: int = 0
    """0 for any that is free."""
    names: tuple[str, ...] = ()
    """Names by which clients reach it besides its address (`coda_graphmem.hosts.known_hosts`)."""
    profile: Profile = "default"
    """Which tools assistants get."""
    limits: Limits = field(default_factory=Limits)
    heartbeat: float = 15.0
    """Seconds after which a stream says that it is still there; a key that was revoked is noticed then."""
    patience: float = 10.0
    """Seconds that requests which are being answered get at the end."""

    @property
    def is_private(self) -> bool:
        """Whether only programs of this machine reach it, by no proxy either."""
        return is_loopback(self.host) and not self.names

    def hosts(self, port: int) -> list[str]:
        """Values of the Host header that name this server, on the port that it got."""
        return known_hosts(self.host, port, self.names)
