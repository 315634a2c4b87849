"""The OpenAPI document: what FastAPI says of the routes, with what it does not know, and the parameters it names."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.requests import Request

from coda_graphmem import models
from coda_graphmem._version import __version__
from coda_graphmem.inspector.responses import ShownMemory
from coda_graphmem.models import Memory
from coda_graphmem.server import conditions
from coda_graphmem.server.descriptions import PLAIN
from coda_graphmem.server.fields import TIME
from coda_graphmem.server.problems import MEDIA_TYPE, Problem, RefusedError

if TYPE_CHECKING:
    from fastapi import FastAPI

_ABOUT = """\
A memory for assistants, for programs in any language: it keeps what was said, and finds it again by meaning, by \
words, and over the people, places and things that memories have in common.

Every request is about one namespace: the one that `namespace` names, else the only one of the key, else that of the \
server. Keys go into `Authorization: Bearer` or `X-API-Key`. What was answered is on disk. Times are seconds since \
1970, UTC, or ISO 8601. An unknown parameter is an error. Errors are `application/problem+json` with the field and a \
remedy."""

#: What any request may be answered with, and when.
_PROBLEMS = {
    400: "The body is no JSON.",
    401: "There is no key, or none that is good.",
    403: "The key is not for that namespace or does not allow it, or a page of another site sent it.",
    404: "There is no such thing.",
    409: "Something else is there or came first: nothing was changed.",
    413: "The body, or a list in it, is larger than allowed.",
    421: "The server is not known by the name of the request.",
    422: "A parameter is unknown or not acceptable, or parameters exclude one another.",
    429: "The key sends too many requests; `Retry-After` says when to go on.",
    500: "Something failed that should not.",
    501: "The server lacks a package that this needs.",
    503: "The store or a model cannot be reached, or too much is going on; `Retry-After` says when to try again.",
}
#: What needs no key, and can fail only in these ways.
_FREE: Mapping[str, Sequence[int]] = {"health": (403, 422), "ready": (403, 422, 503)}

#: Our own name of a model in the document.
_NAMES = {"ShownMemory": "Memory"}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application; made once."""
    if app.openapi_schema is None:
        found = get_openapi(
            title="coda-graphmem",
            version=__version__,
            summary="Long-term memory for assistants.",
            description=_ABOUT,
            routes=app.routes,
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        )
        schemas = found["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema()
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas.update(conditions.schemas(TIME))
        for name, schema in schemas.items():
            _describe(schema, _class_of(name))
        found["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        for operations in found["paths"].values():
            for operation in operations.values():
                _complete(operation)
        app.openapi_schema = found
    return app.openapi_schema


def _complete(operation: dict[str, Any]) -> None:
    """Add what every operation has: who may call it, and what may go wrong; and say which parameters are JSON."""
    for parameter in operation.get("parameters", ()):
        written = next(filter(None, map(_content_of, _choices(parameter["schema"]))), None)
        if written is not None:
            del parameter["schema"]
            parameter["content"] = {"application/json": {"schema": written}}
    name = operation["operationId"]
    operation["security"] = [] if name in _FREE else [{"bearer": []}, {"key": []}]
    for status in _FREE.get(name, _PROBLEMS):
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"][str(status)] = {"description": _PROBLEMS[status], "content": content}
    if name in _FREE and "422" in operation["responses"]:
        operation["responses"]["422"]["description"] = _PROBLEMS[422]


def _choices(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """A schema, and those of which it allows any."""
    return [schema, *schema.get("anyOf", ())]


def _content_of(schema: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of what a text holds as JSON."""
    found: dict[str, Any] | None = schema.get("contentSchema")
    return found


def _class_of(name: str) -> type[BaseModel] | None:
    found = ShownMemory if name == "ShownMemory" else getattr(models, name, None)
    return found if inspect.isclass(found) and issubclass(found, BaseModel) else None


def _describe(schema: dict[str, Any], model: type[BaseModel] | None) -> None:
    """Say of each field of a public model what its class says of it."""
    if model is None:
        return
    for name, field in schema.get("properties", {}).items():
        for base in model.__mro__:
            if base is not BaseModel and issubclass(base, BaseModel) and (about := _fields(base).get(name)):
                field.setdefault("description", about)
        if name in PLAIN:
            field.setdefault("description", PLAIN[name])
    if model is ShownMemory:
        schema["description"] = Memory.__doc__
        schema["title"] = Memory.__name__


@cache
def _fields(model: type[BaseModel]) -> dict[str, str]:
    """What a class says of its fields: the texts below them."""
    if model.__module__.startswith("pydantic"):
        return {}
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    if not isinstance(definition, ast.ClassDef):
        return {}
    found = {}
    for before, after in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and isinstance(after, ast.Expr):
            text = after.value
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                found[before.target.id] = inspect.cleandoc(text.value)
    return found


def check_parameters(request: Request) -> None:
    """See that a request names no parameter that its route does not know, and none twice that counts once.

    Raises:
        RefusedError: It does (422).
    """
    known = _parameters(request.app).get(request.scope["route"].operation_id, {})
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            raise RefusedError(
                422,
                "is no parameter here.",
                field=name[:100],
                remedy=f"Use some of {', '.join(known)}." if known else "Leave it out.",
            )
        if given.count(name) > 1 and not known[name]:
            raise RefusedError(422, "is given twice.", field=name, remedy="Give it once.")


def _parameters(app: FastAPI) -> dict[str, dict[str, bool]]:
    """The parameters in addresses, by operation, each with whether it may stand there more than once."""
    known: dict[str, dict[str, bool]] | None = getattr(app.state, "parameters", None)
    if known is None:
        known = {
            operation["operationId"]: {
                parameter["name"]: '"array"' in str(parameter.get("schema")).replace("'", '"')
                for parameter in operation.get("parameters", ())
                if parameter["in"] == "query"
            }
            for operations in document(app)["paths"].values()
            for operation in operations.values()
        }
        app.state.parameters = known
    return known
