"""Opens ports of this machine for what is served on them."""

import socket

from coda_graphmem.errors import ValidationError


def open_port(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Args:
        host: A name or an address of this machine.
        port: 0 for any that is free.

    Raises:
        ValidationError: The address is taken or is none of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ValidationError(
            f"cannot listen on {host}, port {port} ({error.strerror}).",
            field="--port",
            remedy="Name another port, or 0 for any that is free.",
        ) from error
