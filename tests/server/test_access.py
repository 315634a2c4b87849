"""Who is let in, and how far: over every operation of the document, so that new ones are tried by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.mcp.late import LateMemory
from coda_graphmem.server.api import running
from coda_graphmem.server.keys import RIGHTS, KeyFile
from coda_graphmem.server.options import ServerOptions
from tests.server.conftest import GUARDED, OF_A_NAMESPACE, OPERATIONS, PORT, Serve, Served

#: What each right is enough for; all else needs another one.
NEEDS = {
    **dict.fromkeys(
        (
            "apply_decay", "check_memory_health", "consolidate_memories", "list_consolidations", "list_namespaces",
            "open_inspector", "reset", "undo_consolidation",
        ),
        "administer",
    ),
    **dict.fromkeys(
        (
            "archive_memories", "delete_memory", "disable_auto_learning", "enable_auto_learning", "forget",
            "import_memories", "learn_from_interaction", "promote_memory", "reinstate_memory", "retract_memory",
            "store_memories_batch", "store_memory", "store_short_term_memory", "supersede_memory",
            "unarchive_memories", "update_memory",
        ),
        "write",
    ),
}  # fmt: skip


def test_there_are_operations() -> None:
    assert len(OPERATIONS) > 40
    assert {one.name for one in OPERATIONS} - {one.name for one in GUARDED} == {"health", "ready"}
    # What counts requests of all is about no namespace.
    assert {one.name for one in GUARDED} - {one.name for one in OF_A_NAMESPACE} == {"metrics"}
    assert NEEDS.keys() <= {one.name for one in OPERATIONS}


async def test_a_key_of_one_namespace_gets_nothing_of_another(served: Served) -> None:
    async with served.client(served.key(namespaces=("home",))) as client:
        for one in OF_A_NAMESPACE:
            answer = await client.request(**one.request(namespace="away"))
            assert answer.status_code == 403, one.name
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["field"] == "namespace"
    # It was not even opened for that.
    assert not served.state.late.is_open


async def test_nor_by_a_search_over_several(served: Served) -> None:
    async with served.client(served.key(namespaces=("home", "garden"))) as client:
        for namespaces, status in ((["home", "garden"], 200), (["home", "away"], 403)):
            body = {"query": "plums", "namespaces": namespaces}
            answer = await client.post("/search", json=body, params={"namespace": "home"})
            assert answer.status_code == status


async def test_a_key_allows_what_its_rights_say(served: Served) -> None:
    keys = {right: served.key(right, prefixes=("",)) for right in RIGHTS}
    for one in OF_A_NAMESPACE:
        needed = NEEDS.get(one.name, "read")
        for right, key in keys.items():
            if right == needed:
                continue
            async with served.client(key) as client:
                answer = await client.request(**one.request())
            assert answer.status_code == 403, (one.name, right)
            assert answer.json()["field"] == "key"
    assert not served.state.late.is_open


async def test_and_does_it(served: Served) -> None:
    keys = {right: served.key(right, namespaces=("home",)) for right in RIGHTS}
    for one in OF_A_NAMESPACE:
        # A stream has no end, the inspector needs every namespace, and lines are no JSON.
        if one.name in ("events", "open_inspector", "import_memories"):
            continue
        async with served.client(keys[NEEDS.get(one.name, "read")]) as client:
            answer = await client.request(**one.request())
        assert answer.is_success or (answer.status_code == 404 and "{" in one.path), (one.name, answer.text)


async def test_without_a_good_key_nobody_is_let_in(served: Served) -> None:
    record, key = served.keys.create("test", RIGHTS, prefixes=[""])
    shown: list[dict[str, str]] = [
        {}, {"X-API-Key": key + "x"}, {"X-API-Key": ""}, {"Authorization": f"Basic {key}"},
        {"Authorization": "Bearer"}, {"Authorization": "Bearer other", "X-API-Key": key}, {"X-API-Key": "clé"},
    ]  # fmt: skip
    for headers in shown:
        async with served.client() as client:
            for one in GUARDED if not headers else GUARDED[:2]:
                if one.name == "metrics":
                    continue
                encoded = {name: value.encode("latin-1") for name, value in headers.items()}
                answer = await client.request(**one.request(), headers=encoded)
                assert answer.status_code == 401, (one.name, headers)
                assert answer.headers["www-authenticate"] == "Bearer"
    async with served.client() as client:
        for headers in ({"Authorization": f"bearer {key}"}, {"Authorization": f"Bearer {key}", "X-API-Key": key}):
            assert (await client.get("/stats", headers=headers)).status_code == 200
        served.keys.revoke(record.key_id)
        assert (await client.get("/stats", headers={"X-API-Key": key})).status_code == 401
        # Nor is it as if there never had been a key.
        assert (await client.get("/stats")).status_code == 401


async def test_programs_of_this_machine_need_none_until_there_is_one(served: Served) -> None:
    async with served.client() as client:
        assert (await client.post("/memories", json={"content": "Maria likes plums."})).status_code == 201
        assert (await client.get("/stats", headers={"X-API-Key": "cgm_some_key"})).status_code == 401
        served.key(namespaces=("home",))
        assert (await client.get("/stats")).status_code == 401


async def test_a_damaged_file_of_keys_lets_nobody_in(served: Served) -> None:
    key = served.key(prefixes=("",))
    served.keys.path.write_text("{")
    async with served.client(key) as client:
        answer = await client.get("/stats")
        assert answer.status_code == 503
        assert str(served.keys.path) not in answer.text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "memory.example"])
def test_others_are_served_only_with_keys(host: str, tmp_path: Path) -> None:
    options = ServerOptions(keys=tmp_path / "keys.json", host=host)
    with pytest.raises(ValidationError, match=r"no key is set.*keys\.json: coda-graphmem keys create"):
        running(LateMemory(lambda: pytest.fail("opened")), options, PORT)
    KeyFile(options.keys).create("a", ["read"], namespaces=["home"])
    running(LateMemory(lambda: pytest.fail("opened")), options, PORT)


async def test_pages_and_names_of_others_are_kept_out(serve: Serve) -> None:
    async with serve(names=("memory.example",)) as served, served.client() as client:
        for one in GUARDED[:3]:
            asked = one.request()
            for headers, status in (
                ({"Host": "evil.example"}, 421),
                ({"Host": f"localhost:{PORT + 1}"}, 421),
                ({"Origin": "http://evil.example"}, 403),
                ({"Origin": "null"}, 403),
            ):
                answer = await client.request(**asked, headers=headers)
                assert answer.status_code == status, (one.name, headers)
        for headers in (
            {"Host": f"localhost:{PORT}", "Origin": f"http://localhost:{PORT}"},
            {"Host": "memory.example", "Origin": "https://memory.example"},
        ):
            assert (await client.get("/stats", headers=headers)).status_code == 200
        assert (await client.get("/health", headers={"Host": "10.0.0.7"})).status_code == 200
        assert (await client.get("/health", headers={"Origin": "http://evil.example"})).status_code == 403


async def test_who_names_no_namespace_means_the_only_one_of_their_key(serve: Serve) -> None:
    async with serve(namespace="home") as served:
        stored = {"content": "Maria likes plums."}
        for namespaces, prefixes, expected in ((("garden",), (), "garden"), (("home", "garden"), (), "home"),
                                               ((), ("ho",), "home")):  # fmt: skip
            async with served.client(served.key(namespaces=namespaces, prefixes=prefixes)) as client:
                memory_id = (await client.post("/memories", json=stored)).json()["memory_id"]
                found = (await client.get(f"/memories/{memory_id}")).json()
                assert found["namespace"] == expected
        async with served.client(served.key(namespaces=("a", "b"))) as client:
            assert (await client.get("/stats")).status_code == 403


async def test_the_list_of_namespaces_and_sizes_are_of_the_key(served: Served) -> None:
    everything = served.key(prefixes=("",))
    async with served.client(everything) as client:
        for name in ("acme-1", "acme-2", "other"):
            await client.post("/memories", json={"content": "x"}, params={"namespace": name})
        assert (await client.get("/namespaces")).json()["results"] == ["acme-1", "acme-2", "other"]
        assert (await client.get("/stats")).json()["storage_bytes"] > 0
    async with served.client(served.key(prefixes=("acme-",))) as client:
        asked = {"namespace": "acme-1"}
        assert (await client.get("/namespaces", params=asked)).json()["results"] == ["acme-1", "acme-2"]
        assert (await client.get("/stats", params=asked)).json()["storage_bytes"] is None
