"""OpenAI Agents: the tests of its sessions, with ours in the place of its SQLite session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests_outside.python_tests import PythonTests

_SQLITE = "about connections, files, locks and transactions of its own SQLite class"
_CORRUPT = "writes broken rows into tables of its own"

ECOSYSTEM = PythonTests(
    name="openai-agents",
    module=__name__,
    packages=("openai-agents==0.24.0",),
    sdist="openai-agents==0.24.0",
    tests=("tests/memory/test_session.py", "tests/memory/test_session_limit.py"),
    left_out={
        **dict.fromkeys(
            (
                "test_sqlite_session_close_closes_worker_thread_connections",
                "test_sqlite_session_reaps_connections_from_exited_worker_threads",
                "test_sqlite_session_closes_retired_connections_before_the_next_allocation",
                "test_sqlite_session_keeps_connections_of_live_worker_threads",
                "test_sqlite_session_closed_rejects_empty_add_items",
                "test_sqlite_session_file_lock_is_shared_across_instances",
                "test_sqlite_session_failed_add_items_releases_write_lock",
                "test_sqlite_session_failed_clear_session_rolls_back",
                "test_sqlite_session_failed_pop_item_releases_write_lock",
                "test_sqlite_session_rollback_failure_evicts_connection",
                "test_sqlite_session_close_retries_quarantined_connection",
                "test_sqlite_session_post_commit_cancellation_propagates_after_known_outcome",
            ),
            _SQLITE,
        ),
        **dict.fromkeys(
            (
                "test_sqlite_session_pop_item_skips_corrupt_most_recent",
                "test_sqlite_session_pop_item_returns_none_after_dropping_only_corrupt_rows",
                "test_sqlite_session_get_items_limit_skips_corrupt_newest_rows",
                "test_sqlite_session_get_items_session_settings_limit_skips_corrupt_rows",
            ),
            _CORRUPT,
        ),
    },
)


def pytest_configure() -> None:
    """Put our session where their tests expect theirs."""
    import agents
    import agents.memory

    agents.SQLiteSession = agents.memory.SQLiteSession = _session_class()


def _session_class() -> type:
    from coda_graphmem.integrations.openai_agents import GraphMemorySession
    from tests_outside.memories import opened

    class Session(GraphMemorySession):
        """Our session with the constructor of theirs. Sessions of one path share a memory."""

        _memories: dict[str, Any] = {}  # noqa: RUF012

        def __init__(self, session_id: str, db_path: str | Path = ":memory:", **settings: Any) -> None:
            self._own = str(db_path) == ":memory:"
            key = str(id(self)) if self._own else str(db_path)
            if key not in self._memories:
                self._memories[key] = opened(None if self._own else Path(f"{db_path}.memory"))
            super().__init__(session_id, self._memories[key], **settings)

        def close(self) -> None:
            """As theirs, so that a folder can be removed."""
            for key, memory in list(self._memories.items()):
                if memory is self._calls.memory:
                    del self._memories[key]
            self._calls.memory.cleanup()

    return Session
