"""Server-sent events: of one namespace, of the kinds asked for, until the client, the key or the server ends."""

from __future__ import annotations

import pytest

from tests.server.conftest import Serve, Served
from tests.server.streams import Listener


async def test_what_happens_is_told_in_its_order(served: Served) -> None:
    async with served.client() as client, Listener(served) as listener:
        assert listener.status == 200
        memory_id = (await client.post("/memories", json={"content": "Maria likes plums."})).json()["memory_id"]
        await client.put(f"/memories/{memory_id}", json={"content": "Maria likes pears."})
        await client.delete(f"/memories/{memory_id}")
        names = []
        for _ in range(3):
            name, data = await listener.event()
            names.append(name)
            assert data["memory_ids"] == [memory_id]
            assert all("content" not in memory for memory in data["memories"])
        assert names == ["stored", "updated", "deleted"]


async def test_kinds_and_content_are_asked_for(served: Served) -> None:
    async with served.client() as client:
        wanted = Listener(served, kinds=["updated", "deleted"], include_content="true")
        async with wanted as listener:
            memory_id = (await client.post("/memories", json={"content": "Maria likes plums."})).json()["memory_id"]
            await client.put(f"/memories/{memory_id}", json={"content": "Maria likes pears."})
            name, data = await listener.event()
            assert (name, data["memories"][0]["content"]) == ("updated", "Maria likes pears.")
        assert (await client.get("/events", params={"kinds": "sneezed"})).status_code == 422


async def test_other_namespaces_are_never_seen(served: Served) -> None:
    home, away = (served.key(namespaces=(name,)) for name in ("home", "away"))
    async with served.client(home) as here, served.client(away) as there, Listener(served, home) as listener:
        await there.post("/memories", json={"content": "Tom likes pears."})
        await here.post("/memories", json={"content": "Maria likes plums."})
        assert (await listener.event())[1]["namespace"] == "home"


async def test_a_silent_stream_says_that_it_is_there(serve: Serve) -> None:
    async with serve(heartbeat=0.02) as served, Listener(served) as listener:
        assert await listener.part() == b": still here\n\n"
        assert await listener.part() == b": still here\n\n"


async def test_a_stream_ends_with_its_key(serve: Serve) -> None:
    async with serve(heartbeat=0.05) as served:
        record, key = served.keys.create("test", ["read"], namespaces=["home"])
        async with Listener(served, key) as listener:
            served.keys.revoke(record.key_id)
            with pytest.raises(EOFError):
                await listener.event()


async def test_a_stream_ends_with_the_server(served: Served) -> None:
    async with Listener(served) as listener:
        served.state.ending.set()
        assert await listener.part() is None
    assert served.state.streams.taken == 0
