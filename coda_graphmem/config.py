"""Settings, from keyword arguments or environment variables.

``CODA_GRAPHMEM_<FIELD>`` sets a field of `MemoryConfig`, ``CODA_GRAPHMEM_VECTOR_STORE__<FIELD>`` one of
`VectorStoreConfig`, and the variables Neo4j's own tools read (``NEO4J_URI``, ``NEO4J_USERNAME``,
``NEO4J_PASSWORD``, ``NEO4J_DATABASE``) those of `Neo4jConfig`. Keyword arguments win, also where the two name the store
in different places.
"""

import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import pydantic
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from coda_graphmem.errors import ValidationError

ENV_PREFIX = "CODA_GRAPHMEM_"
DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

StoreType = Literal["embedded", "neo4j", "chroma"]
DistanceMetric = Literal["cosine", "l2", "ip"]


def _as_text(value: object) -> object:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _without_controls(value: str) -> str:
    if not value.strip() or _CONTROL.search(value):
        raise ValueError("is blank or holds a control character. Use printable characters.")
    return value


def _named_by_text(value: object) -> object:
    """Values by name: what has other keys cannot be passed on as keywords."""
    if isinstance(value, Mapping) and not all(isinstance(key, str) for key in value):
        raise ValueError("has a key that is no text. Use the names of its fields.")
    return value


Line = Annotated[str, Field(min_length=1), AfterValidator(_without_controls)]
"""What is on one line: a name, a path."""


class VectorStoreConfig(BaseModel, extra="forbid", frozen=True):
    """Where vectors, and for the embedded store everything else, are kept."""

    store_type: StoreType = "embedded"
    """The same as `MemoryConfig.vector_store_type`: either of the two is enough, and they may not contradict."""
    persist_directory: Annotated[Line, BeforeValidator(_as_text)] = "data/memory/vectors"
    """Folder of the embedded store's file; made where it is missing."""
    collection_name: str = Field(default="coda_memories", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$")
    """Name of the file in that folder, and of the collection in Chroma."""
    distance_metric: DistanceMetric = "cosine"
    """Metric of the Chroma collection; vectors have length 1, so all three rank alike. The other
    stores know ``cosine`` only."""

    exact_up_to: int = Field(default=20_000, ge=0)
    """Memories of a namespace up to which the embedded store compares a question with all their vectors. Above, a file
    beside the store says which may be near, and only those are read and compared."""

    chroma_host: str | None = None
    """A Chroma server instead of a local collection; needs ``chroma_port``."""
    chroma_port: int | None = Field(default=None, ge=1, le=65535)
    """Goes with ``chroma_host``."""

    batch_size: int = Field(default=100, ge=1)
    """Vectors a statement writes."""
    max_batch_size: int = Field(default=1000, ge=1)
    """Memories one transaction holds in bulk work (re-embedding, copying, imports)."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.batch_size > self.max_batch_size:
            raise ValueError(
                f"batch_size ({self.batch_size}) is above max_batch_size ({self.max_batch_size}). Lower the first."
            )
        if (self.chroma_host is None) != (self.chroma_port is None):
            raise ValueError("chroma_host and chroma_port go together. Give both or none.")
        return self


class Neo4jConfig(BaseSettings):
    """How to reach Neo4j: a server, a cluster or Aura."""

    model_config = SettingsConfigDict(env_prefix="NEO4J_", extra="forbid", frozen=True, hide_input_in_errors=True)

    uri: str = Field(default="neo4j://localhost:7687", pattern=r"^(bolt|neo4j)(\+s|\+ssc)?://[^\s@]+$")
    """``bolt://`` for one server, ``neo4j://`` for a cluster as well, each with ``+s`` for TLS."""
    username: str = "neo4j"
    """Goes with ``password``."""
    password: SecretStr | None = None
    """None, without a token, for a server with authentication switched off."""
    token: SecretStr | None = None
    """A bearer token (single sign-on) instead of user and password."""
    database: str | None = None
    """None for the user's home database."""
    max_connection_pool_size: int = Field(default=50, ge=1)
    """Connections to one server at a time."""
    connection_timeout: float = Field(default=10.0, gt=0)
    """Seconds to establish a connection."""
    connection_acquisition_timeout: float = Field(default=30.0, gt=0)
    """Seconds to wait for a free connection."""
    max_transaction_retry_time: float = Field(default=30.0, ge=0)
    """Seconds during which a transaction that failed for a passing reason is tried again."""
    query_timeout: float = Field(default=60.0, gt=0)
    """Seconds after which the server ends a query."""
    index_timeout: float = Field(default=300.0, gt=0)
    """Seconds to wait at `initialize` for indexes to be online."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.password is not None and self.token is not None:
            raise ValueError("password and token exclude one another. Give one.")
        return self


class MaintenanceConfig(BaseModel, extra="forbid", frozen=True):
    """Which jobs look after a store while it is open, and how often. Intervals are in hours; None switches a job off.

    How often memories are consolidated is `MemoryConfig.consolidation_interval_hours`.
    """

    enabled: bool = True
    """Whether `MemoryManager.initialize` starts the schedule. Without it jobs run when they are called, or in a
    worker: ``coda-graphmem maintain --watch``."""
    start_after_seconds: float = Field(default=10.0, ge=0.0, allow_inf_nan=False)
    """How long a program is left alone before the schedule starts and catches up with what is due."""
    lease_seconds: float = Field(default=60.0, ge=1.0, allow_inf_nan=False)
    """How long a job stays taken by a process that died. Living processes renew theirs."""

    decay_interval_hours: float | None = Field(default=24.0, gt=0.0, allow_inf_nan=False)
    """Keeps how much of each memory's strength is left; reading computes it anew in any case."""
    expiry_interval_hours: float | None = Field(default=1.0, gt=0.0, allow_inf_nan=False)
    """Removes memories and items whose time is over; they are not found any more in any case."""
    facts_interval_hours: float | None = Field(default=24.0, gt=0.0, allow_inf_nan=False)
    """Reads what memories say that was left unread by a process that ended; searches read it in any case."""
    index_interval_hours: float | None = Field(default=24.0, gt=0.0, allow_inf_nan=False)
    """Adds new vectors to the index of a namespace above `VectorStoreConfig.exact_up_to`; a program that searches one
    which lacks many does so too."""
    passages_interval_hours: float | None = Field(default=24.0, gt=0.0, allow_inf_nan=False)
    """Makes passages of long memories from an older version or another store; storing makes them by itself."""
    limit_interval_hours: float | None = Field(default=24.0, gt=0.0, allow_inf_nan=False)
    """Archives the weakest beyond `MemoryConfig.max_memories`, as storing does too."""
    link_interval_hours: float | None = Field(default=24.0, gt=0.0, allow_inf_nan=False)
    """Links new memories to those that are alike, where `MemoryConfig.enable_auto_consolidation` is set."""
    link_similarity: float = Field(default=0.7, gt=0.0, le=1.0, allow_inf_nan=False)
    """Cosine from which two memories are linked as similar."""
    link_limit: int = Field(default=5, ge=1, le=100)
    """Links a job makes from one memory at most, to the most similar ones."""

    cleanup_interval_hours: float | None = Field(default=None, gt=0.0, allow_inf_nan=False)
    """Off unless it is set: removing memories is for whoever they belong to."""
    cleanup_max_age_days: float = Field(default=30.0, gt=0.0, allow_inf_nan=False)
    """Only memories that happened and were stored longer ago than this are removed,"""
    cleanup_min_importance: float = Field(default=0.3, ge=0.0, le=1.0, allow_inf_nan=False)
    """and are less important than this,"""
    cleanup_max_access_count: int = Field(default=1, ge=0)
    """and were recalled at most this often."""


class TelemetryConfig(BaseModel, extra="forbid", frozen=True):
    """What OpenTelemetry hears of the calls, in a program that has loaded it."""

    enabled: bool = True
    """Whether calls are spans and their durations are measured. Programs that do not load OpenTelemetry pay nothing."""
    capture_content: bool = False
    """Whether spans hold queries, and the contents of memories that are found or written."""


class MemoryConfig(BaseSettings):
    """All settings of a `MemoryManager`. Unknown fields are an error."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    # Storage
    vector_store_type: StoreType = "embedded"
    """``embedded`` for one file, ``neo4j`` for a server, ``chroma`` for vectors in Chroma and the rest in the file.
    Left out, it is the ``store_type`` of ``vector_store``."""
    embedding_model: Line = DEFAULT_MODEL
    """The default model comes with the package; any other name or folder runs on sentence-transformers."""
    spacy_model: Line | None = None
    """A spaCy model, by name or folder, that finds the entities of all texts. Without it those of English texts are
    found by the model that comes with the package, and those of other languages by how names are written."""
    reranker: Line | None = None
    """A cross-encoder of sentence-transformers, by name or folder, which reads the best candidates of a search beside
    the query and moves them in its order. Without it no such model is loaded or used."""
    max_memories: int = Field(default=10_000, ge=1, le=2**53)
    """Live long-term memories a namespace keeps; beyond it the weakest are archived, with a warning."""

    # Retrieval
    default_retrieval_limit: int = Field(default=10, ge=1, le=1000)
    """Results of a call that names no limit."""
    min_relevance_threshold: float = Field(default=0.5, ge=0.0, le=1.0, allow_inf_nan=False)
    """Least relevance of a result where a call names none."""
    enable_semantic_search: bool = True
    """False keeps and searches no vectors and loads no model: text and graph remain."""

    # Learning
    enable_auto_learning: bool = True
    """Whether conversations may be learned from by themselves; each is switched on by `enable_auto_learning`."""
    learning_rate: float = Field(default=0.1, gt=0.0, le=1.0, allow_inf_nan=False)
    """How far one repetition or one feedback moves an importance towards its bound."""
    importance_decay_rate: float = Field(default=0.01, ge=0.0, le=1.0, allow_inf_nan=False)
    """Strength a memory loses in a day; 0 switches decay off."""

    # Consolidation
    enable_auto_consolidation: bool = True
    """Whether the schedule merges and links memories; the other jobs have settings of their own in ``maintenance``."""
    consolidation_interval_hours: int = Field(default=24, ge=1)
    """Hours from the start of one round of the schedule to the next."""
    similarity_threshold: float = Field(default=0.85, gt=0.0, le=1.0, allow_inf_nan=False)
    """Cosine above which two memories may be merged."""

    # Performance
    batch_size: int = Field(default=100, ge=1, le=10_000)
    """Texts that are embedded and read for entities at a time."""
    cache_size: int = Field(default=1000, ge=0, le=2**53)
    """Query vectors kept in memory, and with `enable_caching` results of searches: 32 KiB for each; 0 for none."""
    enable_compression: bool = True
    """Keep vectors in half precision."""

    # Beyond the above
    namespace: Line = Field(default="default", max_length=200)
    """The tenant that calls work in."""
    deduplicate: bool = True
    """Whether the same non-episodic content is kept once and reinforced."""
    maintenance: MaintenanceConfig = Field(default_factory=MaintenanceConfig)
    """Which jobs look after the store, and how often; a dictionary will do."""
    telemetry: TelemetryConfig = Field(default_factory=TelemetryConfig)
    """Spans and durations for OpenTelemetry; a dictionary will do."""
    vector_store: VectorStoreConfig = Field(default_factory=VectorStoreConfig)
    """Where the embedded file and Chroma's collection are; a dictionary will do."""
    neo4j: Annotated[Neo4jConfig, BeforeValidator(_named_by_text)] = Field(default_factory=Neo4jConfig)
    """How to reach Neo4j; a dictionary will do."""

    def __init__(self, **values: Any) -> None:
        _refuse_unknown_environment(type(self))
        try:
            super().__init__(**values)
        except pydantic.ValidationError as error:
            raise _translate(error) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then variables, which leave which store it is to the arguments."""
        del env_settings
        return init_settings, _Environment(settings_cls), dotenv_settings, file_secret_settings

    @property
    def names_store(self) -> bool:
        """Whether somebody has said which store it is, in either place, and not left it to the default."""
        return "vector_store_type" in self.model_fields_set or "store_type" in self.vector_store.model_fields_set

    @model_validator(mode="after")
    def _check(self) -> Self:
        nested = self.vector_store
        if "vector_store_type" not in self.model_fields_set and "store_type" in nested.model_fields_set:
            object.__setattr__(self, "vector_store_type", nested.store_type)
        elif "store_type" not in nested.model_fields_set:
            nested = nested.model_copy(update={"store_type": self.vector_store_type})
            # Nobody said it there: another configuration that takes these settings over may be of another store.
            nested.model_fields_set.discard("store_type")
            object.__setattr__(self, "vector_store", nested)
        elif nested.store_type != self.vector_store_type:
            raise ValueError(
                f"vector_store.store_type is {nested.store_type!r} but vector_store_type is "
                f"{self.vector_store_type!r}. Give one of the two, or both alike."
            )
        if self.vector_store_type != "chroma":
            if nested.chroma_host is not None:
                raise ValueError(
                    f"vector_store.chroma_host means nothing to the {self.vector_store_type} store. "
                    "Set vector_store_type='chroma' or leave it out."
                )
            if nested.distance_metric != "cosine":
                raise ValueError(
                    f"vector_store.distance_metric {nested.distance_metric!r} needs Chroma; the "
                    f"{self.vector_store_type} store measures by cosine. Leave it out."
                )
        elif not self.enable_semantic_search:
            raise ValueError(
                "enable_semantic_search=False leaves Chroma without vectors. Use vector_store_type='embedded'."
            )
        return self


class _Environment(EnvSettingsSource):
    """The environment, but for which store it is where an argument names one, in either place."""

    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        given = self.current_state.get("vector_store")
        names = given if isinstance(given, Mapping) else getattr(given, "model_fields_set", ())
        if "vector_store_type" in self.current_state or "store_type" in names:
            values.pop("vector_store_type", None)
            if isinstance(nested := values.get("vector_store"), dict):
                nested.pop("store_type", None)
        return values


def _translate(error: pydantic.ValidationError) -> ValidationError:
    """Our error for what pydantic found, without the values, which may be secrets."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    fields = [".".join(str(part) for part in item["loc"]) for item in found]
    texts = [
        item["msg"].removeprefix("Value error, ") if not name else f"{name}: {item['msg']}"
        for name, item in zip(fields, found, strict=True)
    ]
    unknown = any(item["type"] == "extra_forbidden" for item in found)
    remedy = f"Known fields: {', '.join(MemoryConfig.model_fields)}." if unknown else None
    if len(found) == 1:
        message = found[0]["msg"].removeprefix("Value error, ")
        return ValidationError(message, field=fields[0] or None, remedy=remedy)
    return ValidationError("; ".join(texts), field=", ".join(name for name in fields if name) or None, remedy=remedy)


def _refuse_unknown_environment(model: type[BaseSettings]) -> None:
    known = {f"{ENV_PREFIX}{name}".upper() for name in model.model_fields}
    for name in os.environ:
        if name.upper().startswith(ENV_PREFIX) and name.upper().split("__")[0] not in known:
            raise ValidationError("no such setting.", field=name, remedy=f"Known settings: {', '.join(sorted(known))}.")
