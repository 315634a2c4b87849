"""What the options before or after a command say about store, namespace and scope."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coda_graphmem.config import MemoryConfig, StoreType
from coda_graphmem.errors import ValidationError
from coda_graphmem.hooks.project import home_folder, project_namespace


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that all commands share; None where the environment or the default decides."""

    store: StoreType | None = None
    directory: Path | None = None
    namespace: str | None = None
    verbose: bool = False
    user_id: str | None = None
    agent_id: str | None = None
    session_id: str | None = None

    def refined(self, other: "Settings") -> "Settings":
        """These options, replaced by those that stand after the command."""
        return Settings(
            store=other.store or self.store,
            directory=other.directory or self.directory,
            namespace=other.namespace if other.namespace is not None else self.namespace,
            verbose=other.verbose or self.verbose,
            user_id=other.user_id if other.user_id is not None else self.user_id,
            agent_id=other.agent_id if other.agent_id is not None else self.agent_id,
            session_id=other.session_id if other.session_id is not None else self.session_id,
        )

    @property
    def scope(self) -> dict[str, str]:
        """The ids of the scope that is asked for; empty for the whole namespace."""
        ids = {"user_id": self.user_id, "agent_id": self.agent_id, "session_id": self.session_id}
        return {name: value for name, value in ids.items() if value is not None}

    def with_defaults(self, **values: Any) -> "Settings":
        """These options, with others where none were given."""
        return replace(self, **{name: value for name, value in values.items() if getattr(self, name) is None})

    def at_home(self) -> "Settings":
        """These options, and the folder for assistants where neither they nor the environment name a place."""
        config = self.config(scoped=True)
        placed = config.vector_store_type == "neo4j" or "persist_directory" in config.vector_store.model_fields_set
        return self if placed else replace(self, directory=home_folder())

    def of_project(self, folder: Path) -> "Settings":
        """As `at_home`, and the namespace of a project where neither options nor environment name one.

        Args:
            folder: The folder of the project.
        """
        named = "namespace" in self.config(scoped=True).model_fields_set
        return (self if named else replace(self, namespace=project_namespace(folder))).at_home()

    def check_whole(self) -> None:
        """Refuse a scope to a command that is about a whole namespace or store.

        Raises:
            ValidationError: There is one.
        """
        for name in self.scope:
            raise ValidationError(
                "means nothing to this command, which is about all memories.",
                field=f"--{name.removesuffix('_id')}",
                remedy="Leave it out.",
            )

    def config(self, *, scoped: bool = False, **values: Any) -> MemoryConfig:
        """The configuration: options, then ``CODA_GRAPHMEM_…``, then ``NEO4J_URI``, then defaults.

        Args:
            scoped: Whether whoever asks keeps to the scope.
            values: Further fields of `MemoryConfig`; None where the environment or the default decides.

        Raises:
            ValidationError: Options or environment do not fit together.
        """
        if not scoped:
            self.check_whole()
        chosen = {name: value for name, value in values.items() if value is not None}
        if self.store is not None:
            chosen["vector_store_type"] = self.store
        if self.namespace is not None:
            chosen["namespace"] = self.namespace
        if self.directory is not None:
            chosen["vector_store"] = {**chosen.get("vector_store", {}), "persist_directory": self.directory}
        config = MemoryConfig(**chosen)
        if os.environ.get("NEO4J_URI") and not config.names_store:
            config = MemoryConfig(**chosen, vector_store_type="neo4j")
        if self.directory is not None and config.vector_store_type == "neo4j":
            raise ValidationError(
                "means nothing to the neo4j store.", field="--dir", remedy="Leave it out, or add --store embedded."
            )
        return config


def location(config: MemoryConfig) -> str:
    """Where the memories are, for people."""
    if config.vector_store_type == "neo4j":
        return config.neo4j.uri
    return str(config.vector_store.persist_directory)
