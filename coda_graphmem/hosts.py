"""Which hosts only this machine reaches, and by which names requests may call a server."""

import ipaddress
from collections.abc import Sequence

from coda_graphmem.errors import ValidationError

#: How this machine calls itself.
_OWN = ("127.0.0.1", "localhost", "[::1]")


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address written in digits; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    address = address_of(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def is_everywhere(host: str) -> bool:
    """Whether a host means all addresses of this machine."""
    address = address_of(host)
    return address is not None and address.is_unspecified


def check_secret(host: str, *, is_set: bool, what: str, remedy: str) -> None:
    """See that nothing is opened to others by mistake.

    Args:
        host: Where a server is to listen.
        is_set: Whether clients have to show something.
        what: What that would be, in a word.
        remedy: How to set it.

    Raises:
        ValidationError: Others could reach it without showing anything.
    """
    if not is_set and not is_loopback(host):
        raise ValidationError(
            f"{host} can be reached from other machines, and no {what} is set.",
            field="--host",
            remedy=f"{remedy}, or use 127.0.0.1.",
        )


def known_hosts(host: str, port: int, names: Sequence[str] = ()) -> list[str]:
    """Values of the Host header that name a server.

    A name that somebody else lets point here (DNS rebinding) is none of them, and so is no page of theirs.

    Args:
        host: Where it listens.
        port: On which port.
        names: Names by which clients reach it besides, or ``name:port`` where a proxy listens on another port.
    """
    own = list(_OWN)
    if not is_loopback(host) and not is_everywhere(host):
        own.append(_in_address(host))
    hosts = [f"{name}:{port}" for name in own]
    for name in names:
        hosts += [name] if ":" in name else [name, f"{name}:{port}"]
    return hosts


def known_origins(hosts: Sequence[str]) -> list[str]:
    """Values of the Origin header that pages of these hosts send."""
    return [f"{scheme}://{host}" for host in hosts for scheme in ("http", "https")]


def address_at(host: str, port: int) -> str:
    """Where a client on this machine finds a server, without a slash at the end."""
    return f"http://{_in_address('127.0.0.1' if is_everywhere(host) else host)}:{port}"


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
