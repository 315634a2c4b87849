"""How items are searched by meaning: LangGraph's index configuration."""

import asyncio
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.embeddings import Embeddings
from langgraph.store.base import ensure_embeddings

from coda_graphmem.embedding.embedder import Embedder
from coda_graphmem.errors import ValidationError
from coda_graphmem.integrations.langchain.embedder import LangChainEmbedder

_KEYS = ("dims", "embed", "fields", "text_fields", "model", "distance_type")


@dataclass(frozen=True, slots=True)
class Index:
    """Which fields are embedded, and with what."""

    fields: tuple[str, ...]
    """Of items for which nobody says."""
    embedder: Embedder | None
    """None for the model of the memory."""
    embeddings: Embeddings | None


def read_index(config: Mapping[str, Any]) -> Index:
    """The index that a configuration means.

    Args:
        config: ``embed`` (LangChain's embeddings, a function, or a name such as ``openai:text-embedding-3-small``; left
            out for the memory's own model), ``fields`` (or ``text_fields``; the whole value where it is left out),
            ``dims``, and ``model`` (what the vectors of ``embed`` are kept under).

    Raises:
        ValidationError: A key or a value is not acceptable.
    """
    if unknown := sorted(set(config) - set(_KEYS)):
        raise ValidationError(f"{unknown[0]!r} is no key of it.", field="index", remedy=f"Use {', '.join(_KEYS)}.")
    if config.get("distance_type", "cosine") != "cosine":
        raise ValidationError(
            f"{config['distance_type']!r} is not offered.", field="index['distance_type']", remedy="Use 'cosine'."
        )
    fields = _fields(config.get("fields") or config.get("text_fields") or ["$"])
    given = config.get("embed")
    if given is None:
        if alone := next((key for key in ("dims", "model") if config.get(key) is not None), None):
            raise ValidationError(
                "goes with embed.", field=f"index[{alone!r}]", remedy="Leave it out: the memory knows its own model."
            )
        return Index(fields, None, None)
    embeddings = ensure_embeddings(given)
    embedder = LangChainEmbedder(
        _Awaited(embeddings) if _is_awaited(given) else embeddings,
        model=_name(config, given),
        dimension=config.get("dims"),
    )
    return Index(fields, embedder, embeddings)


class _Awaited(Embeddings):
    """Embeddings that can only be awaited, for the thread in which a memory embeds."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return asyncio.run(self._embeddings.aembed_documents(texts))

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def _is_awaited(given: object) -> bool:
    return inspect.iscoroutinefunction(given) or inspect.iscoroutinefunction(getattr(given, "__call__", None))  # noqa: B004


def _fields(given: object) -> tuple[str, ...]:
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, Sequence) or not all(isinstance(one, str) and one for one in listed):
        raise ValidationError("is no list of fields.", field="index['fields']", remedy="Pass texts such as '$'.")
    return tuple(listed)


def _name(config: Mapping[str, Any], given: object) -> str:
    """What vectors are kept under: those of one name are compared."""
    if "model" in config:
        return str(config["model"])
    if isinstance(given, str):
        return given
    own = getattr(given, "model", None) or getattr(given, "model_name", None)
    kind = getattr(given, "__qualname__", type(given).__qualname__)
    return f"{kind}:{own if isinstance(own, str) else config.get('dims', '')}"
