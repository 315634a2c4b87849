"""Options win over the environment, and what cannot work is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.cli.settings import Settings, location


def test_without_anything_the_defaults_hold() -> None:
    config = Settings().config()
    assert (config.vector_store_type, config.namespace) == ("embedded", "default")
    assert location(config) == str(Path("data/memory/vectors"))


def test_options_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_NAMESPACE", "env")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE_TYPE", "neo4j")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__COLLECTION_NAME", "mine")
    assert Settings().config().vector_store_type == "neo4j"
    config = Settings("embedded", Path("here"), "option").config()
    assert (config.vector_store_type, config.namespace) == ("embedded", "option")
    assert config.vector_store.persist_directory == "here"
    assert config.vector_store.collection_name == "mine"


def test_neo4j_uri_alone_selects_neo4j(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://graph.example:7687")
    config = Settings().config()
    assert config.vector_store_type == "neo4j"
    assert location(config) == "bolt://graph.example:7687"
    assert Settings(store="embedded").config().vector_store_type == "embedded"
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE_TYPE", "embedded")
    assert Settings().config().vector_store_type == "embedded"


def test_neo4j_uri_leaves_a_store_that_is_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://graph.example:7687")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__STORE_TYPE", "chroma")
    assert Settings().config().vector_store_type == "chroma"
    assert Settings(store="embedded").config().vector_store_type == "embedded"


def test_a_folder_means_nothing_to_neo4j() -> None:
    with pytest.raises(ValidationError, match="--dir"):
        Settings(store="neo4j", directory=Path("here")).config()


def test_what_stands_after_the_command_wins() -> None:
    before = Settings("neo4j", None, "a", verbose=True)
    assert before.refined(Settings()) == before
    assert before.refined(Settings("embedded", Path("d"), "b")) == Settings("embedded", Path("d"), "b", verbose=True)


def test_defaults_fill_only_what_is_missing() -> None:
    assert Settings(namespace="a").with_defaults(namespace="b", store="chroma") == Settings("chroma", None, "a")
