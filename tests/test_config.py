"""Settings: sources, refusals, secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, Neo4jConfig, ValidationError, VectorStoreConfig

STORES = ("embedded", "neo4j", "chroma")


def test_the_defaults_of_the_api() -> None:
    config = MemoryConfig()
    expected = {
        "vector_store_type": "embedded",
        "embedding_model": "sentence-transformers/all-MiniLM-L6-v2",
        "max_memories": 10_000,
        "default_retrieval_limit": 10,
        "min_relevance_threshold": 0.5,
        "enable_semantic_search": True,
        "enable_auto_learning": True,
        "learning_rate": 0.1,
        "importance_decay_rate": 0.01,
        "enable_auto_consolidation": True,
        "consolidation_interval_hours": 24,
        "similarity_threshold": 0.85,
        "batch_size": 100,
        "cache_size": 1000,
        "enable_compression": True,
        "namespace": "default",
    }
    assert {name: getattr(config, name) for name in expected} == expected
    store = config.vector_store
    assert (store.persist_directory, store.collection_name) == ("data/memory/vectors", "coda_memories")
    assert (store.distance_metric, store.batch_size, store.max_batch_size) == ("cosine", 100, 1000)
    assert (store.chroma_host, store.chroma_port) == (None, None)


def test_the_store_type_follows() -> None:
    assert MemoryConfig().vector_store.store_type == "embedded"
    assert MemoryConfig(vector_store_type="neo4j").vector_store.store_type == "neo4j"
    given = VectorStoreConfig(store_type="chroma")
    assert MemoryConfig(vector_store_type="chroma", vector_store=given).vector_store.store_type == "chroma"


def test_dictionaries_and_objects_are_the_same(tmp_path: Path) -> None:
    one = MemoryConfig(vector_store={"persist_directory": tmp_path}, neo4j={"password": "a-password"})
    two = MemoryConfig(
        vector_store=VectorStoreConfig(persist_directory=tmp_path), neo4j=Neo4jConfig(password="a-password")
    )
    assert one == two


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_MAX_MEMORIES", "7")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__COLLECTION_NAME", "mine")
    monkeypatch.setenv("NEO4J_URI", "bolt://db.example:7688")
    monkeypatch.setenv("NEO4J_USERNAME", "anna")
    monkeypatch.setenv("NEO4J_PASSWORD", "from-the-environment")
    monkeypatch.setenv("NEO4J_DATABASE", "memories")
    config = MemoryConfig()
    assert config.max_memories == 7
    assert config.vector_store.collection_name == "mine"
    assert (config.neo4j.uri, config.neo4j.username, config.neo4j.database) == (
        "bolt://db.example:7688",
        "anna",
        "memories",
    )
    assert config.neo4j.password is not None
    assert config.neo4j.password.get_secret_value() == "from-the-environment"
    assert MemoryConfig(max_memories=8).max_memories == 8


def test_a_misspelt_variable_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_MAX_MEMORY", "7")
    with pytest.raises(ValidationError) as caught:
        MemoryConfig()
    assert caught.value.field == "CODA_GRAPHMEM_MAX_MEMORY"
    assert "CODA_GRAPHMEM_MAX_MEMORIES" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"colour": 1}, "colour"),
        ({"vector_store": {"colour": 1}}, "vector_store.colour"),
        ({"neo4j": {"colour": 1}}, "neo4j.colour"),
        ({"vector_store_type": "oracle"}, "vector_store_type"),
        ({"max_memories": 0}, "max_memories"),
        ({"default_retrieval_limit": 0}, "default_retrieval_limit"),
        ({"min_relevance_threshold": 1.5}, "min_relevance_threshold"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"similarity_threshold": 0}, "similarity_threshold"),
        ({"batch_size": 0}, "batch_size"),
        ({"cache_size": -1}, "cache_size"),
        ({"embedding_model": ""}, "embedding_model"),
        ({"namespace": ""}, "namespace"),
        ({"namespace": "a\nb"}, "namespace"),
        ({"namespace": "\0"}, "namespace"),
        ({"namespace": "a\0b"}, "namespace"),
        ({"embedding_model": "a\0b"}, "embedding_model"),
        ({"vector_store": {"persist_directory": "a\0b"}}, "vector_store.persist_directory"),
        ({"neo4j": {1: "hidden"}}, "neo4j"),
        ({"vector_store": {"collection_name": "../up"}}, "vector_store.collection_name"),
        ({"vector_store": {"batch_size": 2000}}, "vector_store"),
        ({"vector_store": {"chroma_host": "localhost"}}, "vector_store"),
        ({"neo4j": {"uri": "http://localhost"}}, "neo4j.uri"),
        ({"neo4j": {"uri": "bolt://anna:hidden@localhost"}}, "neo4j.uri"),
        ({"neo4j": {"password": "hidden-1", "token": "hidden-2"}}, "neo4j"),
        ({"vector_store_type": "embedded", "vector_store": {"store_type": "neo4j"}}, "vector_store"),
        ({"neo4j": "bolt://localhost"}, "neo4j"),
        ({"neo4j": 5}, "neo4j"),
        ({"neo4j": ["hidden"]}, "neo4j"),
        ({"vector_store": "memory"}, "vector_store"),
        ({"maintenance": False}, "maintenance"),
        ({"max_memories": 10**400}, "max_memories"),
        ({"vector_store": {"distance_metric": "l2"}}, "vector_store"),
        ({"vector_store": {"chroma_host": "localhost", "chroma_port": 8000}}, "vector_store"),
        ({"vector_store_type": "chroma", "enable_semantic_search": False}, "enable_semantic_search"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        MemoryConfig(**settings)
    assert field in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert "hidden" not in repr(caught.value)


@pytest.mark.parametrize("store", [VectorStoreConfig(store_type="chroma"), {"store_type": "chroma"}])
def test_the_store_may_be_named_in_either_place(store: VectorStoreConfig | dict[str, str]) -> None:
    config = MemoryConfig(vector_store=store)
    assert (config.vector_store_type, config.vector_store.store_type) == ("chroma", "chroma")
    assert MemoryConfig(vector_store=VectorStoreConfig()).vector_store_type == "embedded"


@pytest.mark.parametrize("one", STORES)
@pytest.mark.parametrize("other", STORES)
@pytest.mark.parametrize("as_object", [False, True])
def test_both_places_say_the_same_or_nothing(one: str, other: str, as_object: bool) -> None:
    nested = VectorStoreConfig(store_type=other) if as_object else {"store_type": other}  # type: ignore[arg-type]
    if one == other:
        config = MemoryConfig(vector_store_type=one, vector_store=nested)
        assert (config.vector_store_type, config.vector_store.store_type) == (one, one)
        return
    with pytest.raises(ValidationError) as caught:
        MemoryConfig(vector_store_type=one, vector_store=nested)
    for name in (f"vector_store.store_type is '{other}'", f"vector_store_type is '{one}'"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    "argument",
    [
        {"vector_store_type": "embedded"},
        {"vector_store": {"store_type": "embedded"}},
        {"vector_store": VectorStoreConfig(store_type="embedded")},
    ],
)
@pytest.mark.parametrize("variable", ["VECTOR_STORE_TYPE", "VECTOR_STORE__STORE_TYPE", "vector_store__store_type"])
def test_an_argument_wins_over_a_variable_in_the_other_place(
    monkeypatch: pytest.MonkeyPatch, argument: dict[str, object], variable: str
) -> None:
    monkeypatch.setenv(f"CODA_GRAPHMEM_{variable}", "chroma")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__BATCH_SIZE", "7")
    assert MemoryConfig().vector_store_type == MemoryConfig().vector_store.store_type == "chroma"
    config = MemoryConfig(**argument)
    assert (config.vector_store_type, config.vector_store.store_type) == ("embedded", "embedded")
    assert MemoryConfig(vector_store={"max_batch_size": 9}).vector_store_type == "chroma"
    assert MemoryConfig(vector_store_type="embedded", vector_store={"max_batch_size": 9}).vector_store.batch_size == 7


def test_variables_that_contradict_one_another_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE_TYPE", "chroma")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__STORE_TYPE", "neo4j")
    with pytest.raises(ValidationError, match=r"vector_store\.store_type is 'neo4j' but vector_store_type is 'chroma'"):
        MemoryConfig()


def test_settings_of_one_store_serve_another() -> None:
    """What nobody said contradicts nothing."""
    files = MemoryConfig(vector_store={"collection_name": "mine"}).vector_store
    config = MemoryConfig(vector_store_type="chroma", vector_store=files)
    assert (config.vector_store.store_type, config.vector_store.collection_name) == ("chroma", "mine")
    assert files.store_type == "embedded"


@pytest.mark.parametrize(
    ("settings", "named"),
    [({}, False), ({"vector_store_type": "embedded"}, True), ({"vector_store": {"store_type": "embedded"}}, True)],
)
def test_whether_somebody_named_the_store(settings: dict[str, object], named: bool) -> None:
    assert MemoryConfig(**settings).names_store is named


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        MemoryConfig().max_memories = 3  # type: ignore[misc]


def test_no_password_in_any_text() -> None:
    config = MemoryConfig(neo4j={"password": "hidden-1"})
    token = MemoryConfig(neo4j={"token": "hidden-2"})
    for text in (repr(config), str(config), config.model_dump_json(), repr(token), repr(config.neo4j)):
        assert "hidden" not in text
