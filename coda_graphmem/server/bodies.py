"""What requests send: bodies of JSON. Each field is documented, as the OpenAPI document is all that clients see."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from coda_graphmem.models import AggregationMethod, ContextSection, MemoryType, OnConflict, RetrievalMode, Validity
from coda_graphmem.server import fields as f

#: Sections of a context, each once.
_SECTIONS = 3


class Body(BaseModel):
    """What a request sends; the unknown is refused, as a filter that is dropped would answer another question."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    def given(self, *apart: str) -> dict[str, Any]:
        """What the client said, by the names of the façade, which knows what the rest is.

        Args:
            apart: Fields that are none of its arguments.
        """
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
                and name not in apart}  # fmt: skip

    @property
    def owner(self) -> dict[str, str]:
        """The ids of the scope that it names; empty for the whole namespace."""
        ids = {name: getattr(self, name, None) for name in OWNERS}
        return {name: value for name, value in ids.items() if value is not None}


OWNERS = ("user_id", "agent_id", "session_id")


_SOMETHING: JsonDict = {"type": ["string", "number", "boolean", "array", "object"]}
_NOTHING: JsonDict = {"type": "null"}


def _given(*names: str) -> list[JsonDict]:
    """What says that a field is there and is not null, one for each of them."""
    return [{"required": [name], "properties": {name: dict(_SOMETHING)}} for name in names]


class _Owned(Body):
    user_id: f.Id | None = None
    """Only what belongs to this user of the namespace; what is stored belongs to them."""
    agent_id: f.Id | None = None
    """The same for an assistant."""
    session_id: f.Id | None = None
    """The same for a session."""


class NewMemory(Body):
    """A memory to be kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"ttl": _NOTHING, "refresh_on_read": {"const": False}}},
                {"required": ["ttl"], "properties": {"ttl": _SOMETHING, "expires_at": _NOTHING}},
            ]
        }
    )

    content: f.Content
    """What to remember, 1 to 1,000,000 characters."""
    memory_type: f.Kind = MemoryType.EPISODIC
    """What kind of knowledge it is."""
    metadata: f.Metadata | None = None
    """Anything JSON can hold, up to 100,000 characters. `title` counts as an entity, `speaker` says whose words they
    are."""
    importance_score: f.Unit | None = None
    """How important it is, in [0, 1]; made from what it says if left out."""
    conversation_id: f.Id | None = None
    """The conversation it belongs to; its memories follow one another by time."""
    timestamp: f.Moment | None = None
    """When it happened, in seconds since 1970 or ISO 8601 (in UTC where it names no zone); now if left out."""
    memory_id: f.Id | None = None
    """An id of its own; a new one if left out."""
    user_id: f.Id | None = None
    """Whose memory it is, inside the namespace."""
    agent_id: f.Id | None = None
    """The assistant it belongs to."""
    session_id: f.Id | None = None
    """The session it belongs to."""
    tags: f.Tags | None = None
    """What to file it under, up to 100, each a line of up to 200 characters."""
    expires_at: f.Moment | None = None
    """When it ends, which has to be later than now: from then on it is found no more. Excludes `ttl`."""
    ttl: f.Seconds | None = None
    """The same as a length of time from now, in seconds."""
    refresh_on_read: f.Flag = False
    """Whether each recall lets `ttl` begin anew; needs `ttl`."""


class StoreBody(NewMemory):
    """A memory to be kept, and what becomes of one that has its id."""

    on_conflict: OnConflict = "error"
    """What to do where `memory_id` exists with something else: `error` (409), `update` it, or `keep` it as it is."""


class BatchBody(Body):
    """Memories to be kept, all or none."""

    memories: list[NewMemory] = Field(min_length=1)
    """The memories; how many at most, the server says (1,000 unless it was started otherwise)."""
    on_conflict: OnConflict = "error"
    """What to do where an id exists with something else."""


class IdsBody(_Owned):
    """Ids of memories."""

    memory_ids: f.Ids
    """Which memories."""


_CHANGES = ("content", "metadata", "importance_score", "memory_type", "tags", "expires_at")


class UpdateBody(_Owned):
    """What to change of a memory; what is left out stays as it is. At least one change is needed."""

    model_config = ConfigDict(json_schema_extra={"anyOf": list(_given(*_CHANGES))})

    content: f.Content | None = None
    """New content; vector and entities follow it."""
    metadata: f.Metadata | None = None
    """New metadata, in place of all of the old."""
    importance_score: f.Unit | None = None
    """New importance, in [0, 1]."""
    memory_type: f.Kind | None = None
    """What kind of knowledge it is after all."""
    tags: f.Tags | None = None
    """New tags, in place of all of the old."""
    expires_at: f.Moment | Literal["never"] | None = None
    """When it ends, which has to be later than now, or `never`."""
    expected_version: f.Version | None = None
    """The `version` of the memory that the change was made of: where it is of another by now, nothing is changed
    (409). Any if left out."""
    actor: f.Id | None = None
    """Who does it, for the history."""


class SupersedeBody(_Owned):
    """What holds instead of a memory: a new text, or another memory."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["content"], "properties": {"content": _SOMETHING, "new_id": _NOTHING}},
                {"required": ["new_id"], "properties": {"new_id": _SOMETHING, "content": _NOTHING}},
            ]
        }
    )

    content: f.Content | None = None
    """What holds instead; it is stored. Excludes `new_id`."""
    new_id: f.Id | None = None
    """A memory that says what holds instead."""
    at: f.Moment | None = None
    """From when; now, or when `new_id` was said, if left out."""
    actor: f.Id | None = None
    """Who does it, for the history."""


class StandingBody(_Owned):
    """Since when a memory holds no more, or again."""

    at: f.Moment | None = None
    """From when; now if left out."""
    actor: f.Id | None = None
    """Who does it, for the history."""


class _Conditions(_Owned):
    """Which memories."""

    memory_types: f.Kinds | None = None
    """Only these types."""
    where: f.Where | None = None
    """Only memories of which these conditions hold: a mapping of fields (`memory_type`, `importance_score`,
    `timestamp`, `created_at`, `updated_at`, `last_said_at`, `expires_at`, `speaker`, `conversation_id`, `user_id`,
    `agent_id`, `session_id`, `entities`, `tags` or `metadata.key.inner`) to values, or to operators and operands (`$eq
    $ne $gt $gte $lt $lte $in $nin $contains $exists`), and `$and`, `$or`, `$not`."""


class _Range(_Conditions):
    since: f.Moment | None = None
    """Only memories whose timestamp is at or after this, in seconds since 1970 or ISO 8601."""
    until: f.Moment | None = None
    """Only memories whose timestamp is before this, which has to be later than `since`."""
    metadata: f.MetadataFilter | None = None
    """Only memories whose metadata have these values."""


_FILTERS = ("memory_types", "where", "since", "until", "conversation_id", "max_importance")


class ForgetBody(_Range):
    """Which memories to remove without a trace: those that meet all of it. A condition or an owner is needed."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                *_given(*_FILTERS),
                {"required": ["metadata"], "properties": {"metadata": {"type": "object", "minProperties": 1}}},
                # An owner alone: a condition that is null or empty is none, and rather a mistake than everything.
                {"anyOf": list(_given(*OWNERS)), "properties": dict.fromkeys((*_FILTERS, "metadata"), False)},
            ]
        }
    )

    conversation_id: f.Id | None = None
    """Only memories of this conversation."""
    max_importance: f.Unit | None = None
    """Only memories of at most this importance, in [0, 1]."""


class _Ranked(_Conditions):
    limit: f.Limit | None = None
    """How many at most, 1 to 10,000; what the server is configured to if left out."""
    min_relevance: f.Unit | None = None
    """Only memories of at least this relevance, in [0, 1]; 0 for all. The configured threshold if left out."""
    min_importance: f.Unit | None = None
    """Only memories of at least this importance, in [0, 1]."""
    validity: Validity | None = None
    """`current` puts what holds before what held, `past` the other way round, `all` treats both alike. Read from the
    question if left out."""
    as_of: f.Moment | None = None
    """The time that counts as now: what was said later is not found, and what was outdated later holds."""


class _Searched(_Ranked):
    mode: RetrievalMode = "graph"
    """`graph` (vectors, text and the graph), `hybrid` (without the graph), `vector` or `text`."""
    max_depth: f.Depth = 1
    """Steps of the walk through the graph, 0 to 4."""
    explain: f.Flag = False
    """Whether each memory says why it came."""
    diverse: f.Flag = True
    """Whether near-duplicates make room for other memories."""


class SearchBody(_Searched, _Range):
    """What to look for, and among which memories."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"namespaces": _NOTHING}},
                {
                    "required": ["namespaces"],
                    "properties": {"namespaces": _SOMETHING, **dict.fromkeys(OWNERS, _NOTHING)},
                },
            ]
        }
    )

    query: f.QueryText
    """A question or some words."""
    conversation_id: f.Id | None = None
    """Only memories of this conversation."""
    scopes: list[dict[str, f.Id]] | None = Field(
        default=None,
        json_schema_extra={
            "anyOf": [
                {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "minProperties": 1,
                        "additionalProperties": False,
                        "properties": dict.fromkeys(OWNERS, f.ID),
                    },
                },
                {"type": "null"},
            ]
        },
    )
    """Only memories of at least one of these: objects with `user_id`, `agent_id`, `session_id`."""
    namespaces: f.Namespaces | None = None
    """Where to look instead of in the namespace of the request; the key has to be for all of them. Excludes
    `user_id`, `agent_id` and `session_id`."""
    count_recall: f.Flag = True
    """Whether this counts as a recall, which makes what is found stronger; false to look only."""


class MultiSearchBody(_Searched):
    """Several questions, for what is relevant to them together."""

    queries: list[f.QueryText] = Field(min_length=1)
    """The questions."""
    aggregation_method: AggregationMethod = "weighted_average"
    """`weighted_average` or `max` of the relevance to each, or `reciprocal_rank` for their orders joined."""
    weights: f.Weights | None = None
    """One weight a question, none negative and not all zero; equal if left out."""


class ContextBody(_Ranked, _Range):
    """What a text for a prompt is to be made of."""

    query: f.QueryText | None = None
    """A question or some words, such as what the user has just said."""
    conversation_id: f.Id | None = None
    """The conversation whose latest turns are part of it."""
    max_tokens: f.Tokens = 1000
    """What the text takes at most."""
    subject: f.Id = "User"
    """Whose profile is part of it: `User`, or a name."""
    max_turns: f.Limit = 10
    """How many turns of the conversation at most."""
    sections: list[ContextSection] = Field(
        default=["profile", "memories", "turns"],
        min_length=1,
        max_length=_SECTIONS,
        json_schema_extra={"uniqueItems": True},
    )
    """Which parts it has, in this order."""
    profile_share: f.Unit = 0.25
    """Share of `max_tokens` that the profile may take before memories do, in [0, 1]."""
    turns_share: f.Unit = 0.4
    """The same for the turns of the conversation."""
    profile_always: f.Flag = False
    """Whether the profile is there even where nothing is relevant to the query."""
    count_recall: f.Flag = True
    """Whether the memories in it count as recalled."""


class ShortTermBody(_Owned):
    """A memory of a conversation for some minutes."""

    content: f.Content
    """What to remember."""
    ttl_minutes: f.Minutes = 30
    """How long, in minutes."""
    metadata: f.Metadata | None = None
    """Anything JSON can hold."""
    importance_score: f.Unit | None = None
    """How important it is, in [0, 1]."""
    memory_type: f.Kind = MemoryType.CONTEXTUAL
    """What kind of knowledge it is."""
    tags: f.Tags | None = None
    """What to file it under."""


class Feedback(Body):
    """What the user thought of an answer."""

    helpful: f.Flag | None = None
    """Whether it helped."""
    relevant: f.Flag | None = None
    """Whether what was recalled was to the point."""
    rating: f.Rating | None = None
    """From 1 (bad) to 5 (good)."""
    correction: f.Content | None = None
    """What would have been right; it is kept, and outdates what it corrects."""


class InteractionBody(_Owned):
    """One turn to learn from."""

    user_input: f.Content
    """What the user said."""
    assistant_response: f.Said | None = None
    """What was answered."""
    user_feedback: Feedback | None = None
    """What the user thought of it."""
    conversation_id: f.Id | None = None
    """Where it was said."""
    subject: f.Id = "User"
    """Whose words these are."""
    timestamp: f.Moment | None = None
    """When it was said."""


class ExtractBody(Body):
    """A text to find facts about the user in."""

    text: f.Content
    """English text, in the words of the user."""
    extract_types: f.InfoTypes | None = None
    """Only these types of information."""
    subject: f.Id = "User"
    """What facts call the user."""


class AutoLearningBody(Body):
    """How a conversation is learned from."""

    learning_rate: f.Fraction | None = None
    """How far feedback and repetition move an importance, in (0, 1]."""
    importance_threshold: f.Unit = 0.5
    """Importance from which a fact is kept, in [0, 1]."""


class ConsolidateBody(Body):
    """Which memories to merge that say the same."""

    time_window_hours: f.Positive = 24
    """How far back, in hours, by when memories were stored or changed."""
    similarity_threshold: f.Fraction | None = None
    """Cosine from which two memories may be merged; the configured one if left out."""
    dry_run: f.Flag = True
    """Whether to change nothing and only say what would be merged; `false` merges."""


class DecayBody(Body):
    """When memories fade to."""

    as_of: f.Moment | None = None
    """The time to compute for; now if left out."""
    dry_run: f.Flag = False
    """Whether to keep nothing and only say how strong memories are."""
