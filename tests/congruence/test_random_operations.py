"""Random sequences of calls, after each of which all stores show the same."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from coda_graphmem import GraphMemoryError, MemoryType, ValidationError
from coda_graphmem.models import Statement
from coda_graphmem.store.protocol import ReadMemory
from tests.congruence import conftest
from tests.congruence.stores import Stores
from tests.servers import Server
from tests.store.factory import says

T = TypeVar("T")

ids = st.sampled_from([f"m{i}" for i in range(6)])
names = st.sampled_from(["Maria", "Anna", "Tom", "Berlin"])
contents = st.builds("{} met {} in {}".format, names, names, names)
types = st.sampled_from(list(MemoryType))
conversations = st.sampled_from([None, "c1", "c2"])
times = st.integers(1, 8).map(float)
importances = st.integers(0, 10).map(lambda n: n / 10)
metadata = st.dictionaries(st.sampled_from(["a", "title"]), st.sampled_from(["Alps", 1, None, True]), max_size=2)
tenants = st.sampled_from(["one", "two"])
judgements = st.sampled_from(["supersede", "retract", "reinstate"])
said = st.lists(
    st.builds(
        says,
        st.sampled_from(["residence", "likes"]),
        st.sampled_from(["Paris", "Rome", ""]),
        polarity=st.booleans(),
        valid_from=st.none() | times,
    ),
    max_size=2,
)


class Operations(RuleBasedStateMachine):
    """Two tenants in every store."""

    runner: ClassVar[asyncio.Runner]
    opened: ClassVar[Stores]

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)

    @initialize()
    def begin(self) -> None:
        example = self.opened.for_namespace(uuid.uuid4().hex)
        self.tenants = {name: example.for_namespace(name) for name in ("one", "two")}
        self.opened.clock.now = 1_750_000_000.0
        self.changed = "one"

    @rule(tenant=tenants, content=contents, kind=types, memory_id=ids, at=times, conversation=conversations,
          importance=importances, extra=metadata)  # fmt: skip
    def store(self, tenant: str, content: str, kind: MemoryType, memory_id: str, at: float,
              conversation: str | None, importance: float, extra: dict[str, Any]) -> None:  # fmt: skip
        self.changed = tenant

        async def call(m: Any) -> str:
            return str(
                await m.store_memory(
                    content, kind, extra, importance, memory_id=memory_id, timestamp=at, conversation_id=conversation
                )
            )

        try:
            self.wait(self.tenants[tenant].same(call))
        except ValidationError as error:
            if error.field != "memory_id":
                raise

    @rule(tenant=tenants, content=contents, importance=importances)
    def store_fact(self, tenant: str, content: str, importance: float) -> None:
        """Without an id: repeats reinforce. Its id, of the store's choosing, is replaced by one all know."""
        self.changed = tenant

        async def call(m: Any) -> tuple[int, float]:
            memory_id = await m.store_memory(content, MemoryType.SEMANTIC, None, importance, timestamp=9.0)
            found = await m.get_memory(memory_id)
            answer = (found.reinforcement_count, found.importance_score)
            if not memory_id.startswith("m"):
                await m.delete_memory(memory_id)
            return answer

        self.wait(self.tenants[tenant].same(call))

    @rule(tenant=tenants, memory_id=ids, content=st.none() | contents, importance=importances, extra=metadata)
    def update(
        self, tenant: str, memory_id: str, content: str | None, importance: float, extra: dict[str, Any]
    ) -> None:
        self.changed = tenant
        self.wait(self.tenants[tenant].same(lambda m: m.update_memory(memory_id, content, extra, importance)))

    @rule(tenant=tenants, memory_id=ids)
    def delete(self, tenant: str, memory_id: str) -> None:
        self.changed = tenant
        self.wait(self.tenants[tenant].same(lambda m: m.delete_memory(memory_id)))

    @rule(tenant=tenants, conversation=st.sampled_from(["c1", "c2"]))
    def forget(self, tenant: str, conversation: str) -> None:
        self.changed = tenant
        self.wait(self.tenants[tenant].same(lambda m: m.forget(conversation_id=conversation)))

    @rule(tenant=tenants, memory_id=ids, said=said)
    def read(self, tenant: str, memory_id: str, said: list[Statement]) -> None:
        """What rules would have found, whatever the content is."""
        self.changed = tenant

        async def call(m: Any) -> list[str]:
            memory = await m.get_memory(memory_id)
            read = ReadMemory(memory_id, "" if memory is None else memory.content, tuple(said))
            return list(await m.services.resources.store.facts.save_statements(m.namespace, [read]))

        self.wait(self.tenants[tenant].same(call))

    @rule(
        tenant=tenants, memory_id=ids, other=ids, at=times, how=st.sampled_from(["supersede", "retract", "reinstate"])
    )
    def judge(self, tenant: str, memory_id: str, other: str, at: float, how: str) -> None:
        self.changed = tenant

        async def call(m: Any) -> Any:
            if how == "supersede":
                return await m.supersede_memory(memory_id, at=at, new_id=other)
            return await (m.retract_memory if how == "retract" else m.reinstate_memory)(memory_id, at)

        with contextlib.suppress(GraphMemoryError):
            self.wait(self.tenants[tenant].same(call))

    @rule(tenant=tenants, query=contents)
    def search(self, tenant: str, query: str) -> None:
        self.wait(
            self.tenants[tenant].same(
                lambda m: m.retrieve_memories(query, mode="vector", min_relevance=0, diverse=False)
            )
        )

    @rule(seconds=st.sampled_from([1.0, 3600.0]))
    def wait_a_while(self, seconds: float) -> None:
        self.opened.clock.advance(seconds)

    @invariant()
    def all_agree(self) -> None:
        """On the tenant that was changed; a change that reached the other one shows at its own next step."""

        async def compare(tenant: Stores) -> None:
            await tenant.same(lambda m: m.list_memories(order="oldest"))
            await tenant.same(lambda m: m.list_entities())
            await tenant.same(lambda m: m.get_memory_stats())
            await tenant.same(lambda m: m.get_fact_history())
            for memory_id in (f"m{i}" for i in range(6)):
                await tenant.same(lambda m, one=memory_id: m.services.resources.store.facts.versions(m.namespace, one))
            for conversation in ("c1", "c2"):
                await tenant.same(lambda m, c=conversation: m.get_conversation_context(c, 50))
                await tenant.same(lambda m, c=conversation: m.retrieve_contextual_memories(c, max_depth=2, limit=50))

        self.wait(compare(self.tenants[self.changed]))


@pytest.fixture
def opened(tmp_path: Path, neo4j_servers: list[Server]) -> Iterator[None]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        Operations.runner = runner
        Operations.opened = runner.run(conftest.open_all(stack, conftest.settings(tmp_path, neo4j_servers)))
        yield
        runner.run(stack.aclose())


def test_random_operations(opened: None) -> None:
    run_state_machine_as_test(
        Operations,
        settings=settings(
            max_examples=5,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
