"""One tool: what a model is told of it, what it takes, and how a call of it becomes an answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pydantic
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from mcp_types import Tool as ToolDeclaration
from pydantic import BaseModel, ConfigDict

from coda_graphmem.errors import GraphMemoryError, ValidationError
from coda_graphmem.mcp.remedies import in_terms_of_tools
from coda_graphmem.validation.arguments import translate

if TYPE_CHECKING:
    # Loaded behind the scenes: what tools there are is told before.
    from coda_graphmem.manager import MemoryManager

logger = logging.getLogger(__name__)


class Arguments(BaseModel):
    """What a tool takes; the unknown is refused, as a filter that is dropped would answer another question."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """Structured content of an answer."""

    model_config = ConfigDict(frozen=True)


ArgumentsT = TypeVar("ArgumentsT", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call of a tool gives."""

    text: str
    """For a model to read."""
    data: BaseModel
    """The same for programs."""
    also: str | None = None
    """A second text, where the first one has a form of its own that leaves no room for it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a tool may do, which clients ask their users about."""

    reads_only: bool = False
    """Whether nothing is changed by it; counting a recall is no change."""
    only_adds: bool = True
    """Whether it changes or removes nothing that is there."""
    is_repeatable: bool = False
    """Whether the same call again changes nothing more."""


READS = Effect(reads_only=True, is_repeatable=True)


@dataclass(frozen=True, slots=True)
class Tool(Generic[ArgumentsT]):
    """A tool of the server."""

    name: str
    title: str
    about: str
    """What it does, when to call it, and what comes back."""
    arguments: type[ArgumentsT]
    answer: type[BaseModel]
    """What its structured content is."""
    effect: Effect
    run: Callable[[MemoryManager, ArgumentsT], Awaitable[Reply]]

    def declaration(self) -> ToolDeclaration:
        """The tool as clients get to know it."""
        return ToolDeclaration(
            name=self.name,
            title=self.title,
            description=self.about,
            input_schema=_schema(self.arguments),
            output_schema=_schema(self.answer),
            annotations=ToolAnnotations(
                title=self.title,
                read_only_hint=self.effect.reads_only,
                destructive_hint=not (self.effect.reads_only or self.effect.only_adds),
                idempotent_hint=self.effect.is_repeatable,
                open_world_hint=False,
            ),
        )

    def read(self, given: Mapping[str, Any]) -> ArgumentsT:
        """The arguments of a call.

        Raises:
            ValidationError: One is missing, unknown or does not fit.
        """
        known = {name: field.alias or name for name, field in self.arguments.model_fields.items()}
        unknown = [name for name in given if name not in known.values()]
        if unknown:
            raise ValidationError(
                f"{self.name} has no argument {', '.join(map(repr, unknown[:5]))}.",
                remedy=f"It takes {', '.join(known.values()) or 'none'}.",
            )
        try:
            # None says the same as leaving an argument out: many clients send it.
            return self.arguments.model_validate({name: value for name, value in given.items() if value is not None})
        except pydantic.ValidationError as error:
            raise translate(error) from None

    async def call(
        self, open_memory: Callable[[], Awaitable[MemoryManager]], given: Mapping[str, Any]
    ) -> CallToolResult:
        """Do what was asked for; an error is a result, too, which says what to do about it."""
        try:
            arguments = self.read(given)
            reply = await self.run(await open_memory(), arguments)
        except GraphMemoryError as error:
            logger.info("%s was refused: %s", self.name, type(error).__name__)
            return failure(in_terms_of_tools(error))
        except Exception as error:
            # Only the kind: the text of a foreign error may hold content.
            logger.error("%s failed unexpectedly (%s).", self.name, type(error).__name__)
            logger.debug("It comes from:", exc_info=True)
            return failure(
                f"{self.name} failed unexpectedly ({type(error).__name__}). Try again; the log of the server says more."
            )
        return CallToolResult(
            content=[TextContent(text=text) for text in (reply.text, reply.also) if text is not None],
            structured_content=reply.data.model_dump(mode="json", exclude_none=True, by_alias=True),
        )


def failure(text: str) -> CallToolResult:
    """A result that says what went wrong."""
    return CallToolResult(content=[TextContent(text=text)], is_error=True)


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """What a model is, without what only costs room."""
    # The tool itself is described already.
    return {key: value for key, value in _plain(model.model_json_schema()).items() if key != "description"}


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without titles, and without null beside what may be left out anyway."""
    return {key: _plain_value(key, value) for key, value in _without_null(schema).items() if key != "title"}


def _plain_value(key: str, value: Any) -> Any:
    if key in ("properties", "$defs"):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, list):
        return [_plain(part) if isinstance(part, dict) else part for part in value]
    return value


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1 or len(schema["anyOf"]) == 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    return {**choices[0], **rest}
