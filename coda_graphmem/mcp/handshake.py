"""Answers a client's ``initialize`` at once, while the libraries that serve everything else are still being loaded.

Importing them takes longer than some clients wait. The answer is the one that they would give, which a test compares;
they get the request as well, and their answer to it is dropped. Whatever looks unusual is left to them.
"""

import json
from typing import Any

from coda_graphmem.mcp.identity import HANDSHAKES, NAME, TITLE, VERSION, Profile, capabilities, instructions


def early_answer(line: bytes, profile: Profile, namespace: str) -> tuple[str | int, bytes] | None:
    """What to answer to the first line of a client, where that is an ordinary ``initialize``.

    Args:
        line: What the client sent.
        profile: Which tools are served.
        namespace: The tenant they work in.

    Returns:
        The id of the request, and the answer as a line; None for anything else than an ordinary request.
    """
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(request, dict) or set(request) != {"jsonrpc", "id", "method", "params"}:
        return None
    number, params = request["id"], request["params"]
    if request["jsonrpc"] != "2.0" or request["method"] != "initialize" or not _is_id(number):
        return None
    if not isinstance(params, dict) or not _is_usual(params):
        return None
    wanted = params["protocolVersion"]
    result = {
        "protocolVersion": wanted if wanted in HANDSHAKES else HANDSHAKES[-1],
        "capabilities": capabilities(profile),
        "serverInfo": {"name": NAME, "title": TITLE, "version": VERSION},
        "instructions": instructions(profile, namespace),
    }
    return number, json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode() + b"\n"


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_usual(params: dict[str, Any]) -> bool:
    """Whether nothing in the parameters could be refused."""
    client, offered = params.get("clientInfo"), params.get("capabilities")
    return (
        set(params) == {"protocolVersion", "capabilities", "clientInfo"}
        and isinstance(params["protocolVersion"], str)
        and isinstance(client, dict)
        and set(client) <= {"name", "version", "title", "description", "websiteUrl"}
        and all(isinstance(value, str) for value in client.values())
        and {"name", "version"} <= set(client)
        and isinstance(offered, dict)
        and all(_is_usual_capability(name, value) for name, value in offered.items())
    )


def _is_usual_capability(name: str, value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    if name == "roots":
        return all(isinstance(item, bool) for item in value.values())
    if name in ("experimental", "extensions"):
        return all(isinstance(item, dict) for item in value.values())
    return name in ("sampling", "elicitation", "tasks") and _is_nested(value)


def _is_nested(value: Any) -> bool:
    """Whether something is a mapping of mappings, and of nothing else however deep one looks."""
    return isinstance(value, dict) and all(map(_is_nested, value.values()))
