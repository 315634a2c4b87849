"""Each limit has an effect, says what it is, and when to go on."""

from __future__ import annotations

import asyncio

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.server.limits import Limits, Rates
from coda_graphmem.server.problems import RefusedError
from tests.fakes import Clock
from tests.server.conftest import Serve
from tests.server.streams import Listener


async def test_bodies_have_a_size(serve: Serve) -> None:
    async with serve(limits=Limits(body=200, upload=400)) as served, served.client() as client:
        small, large = ({"content": "x" * count} for count in (100, 300))
        assert (await client.post("/memories", json=small)).status_code == 201
        answer = await client.post("/memories", json=large)
        assert answer.status_code == 413
        assert answer.json()["detail"] == "is larger than the 200 bytes allowed."
        assert answer.headers["connection"] == "close"

        async def parts():
            yield b'{"content": "'
            for _ in range(30):
                yield b"x" * 10
            yield b'"}'

        headers = {"Content-Type": "application/json"}
        assert (await client.post("/memories", content=parts(), headers=headers)).status_code == 413
        assert (await client.post("/mcp", content=parts(), headers=headers)).status_code == 413
        assert (await client.post("/import", content=b"x" * 300)).status_code == 422  # no lines, but not too many
        assert (await client.post("/import", content=b"x" * 401)).status_code == 413
        assert (await client.get("/count")).json() == {"count": 1}


async def test_lists_have_a_length(serve: Serve) -> None:
    async with serve(limits=Limits(batch=2)) as served, served.client() as client:
        for path, field, item in (
            ("/memories/batch", "memories", {"content": "x"}),
            ("/memories/read", "memory_ids", "x"),
            ("/memories/archive", "memory_ids", "x"),
            ("/memories/unarchive", "memory_ids", "x"),
            ("/search/multi", "queries", "x"),
        ):
            items = [item if isinstance(item, dict) else f"{item}{number}" for number in range(3)]
            assert (await client.post(path, json={field: items[:2]})).is_success, path
            answer = await client.post(path, json={field: items})
            assert answer.status_code == 413, path
            assert answer.json()["field"] == field


def test_a_bucket_fills_at_its_rate_up_to_its_burst(clock: Clock) -> None:
    rates = Rates(2, 3, clock)
    for _ in range(3):
        rates.take("one")
    with pytest.raises(RefusedError, match="more than 2 requests a second") as refused:
        rates.take("one")
    assert refused.value.headers == {"Retry-After": "1"}
    rates.take("other")
    clock.advance(0.5)
    rates.take("one")
    with pytest.raises(RefusedError):
        rates.take("one")
    clock.advance(3_600)
    for _ in range(3):
        rates.take("one")
    with pytest.raises(RefusedError):
        rates.take("one")


def test_a_rate_of_0_is_none(clock: Clock) -> None:
    rates = Rates(0, 1, clock)
    for _ in range(100):
        rates.take("one")


async def test_each_key_has_a_rate(serve: Serve) -> None:
    async with serve(limits=Limits(rate=0.1, burst=2)) as served:
        one, other = (served.key(namespaces=("home",)) for _ in range(2))
        async with served.client(one) as client:
            assert [(await client.get("/count")).status_code for _ in range(3)] == [200, 200, 429]
            answer = await client.post("/mcp")
            assert answer.status_code == 429
            assert 1 <= int(answer.headers["retry-after"]) <= 11
            assert (await client.get("/health")).status_code == 200
        async with served.client(other) as client:
            assert (await client.get("/count")).status_code == 200


async def test_only_so_many_are_answered_at_a_time(serve: Serve) -> None:
    async with serve(limits=Limits(requests=2)) as served, served.client() as client:
        answers = await asyncio.gather(*(client.get("/count") for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 503, 503, 503]
        refused = next(answer for answer in answers if answer.status_code == 503)
        assert refused.headers["retry-after"] == "1"
        assert (await client.get("/count")).status_code == 200


async def test_only_so_many_streams_are_open(serve: Serve) -> None:
    async with serve(limits=Limits(streams=1)) as served, served.client() as client:
        async with Listener(served):
            answer = await client.get("/events")
            assert answer.status_code == 503
            assert "1 streams" in answer.json()["detail"]
            assert (await client.get("/count")).status_code == 200
        async with Listener(served):
            pass


@pytest.mark.parametrize("name", ["body", "upload", "batch", "burst", "requests", "streams"])
def test_a_limit_that_lets_nothing_through_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=f"--max-{name}: lets nothing through"):
        Limits(**{name: 0}).check()
    with pytest.raises(ValidationError, match="--rate"):
        Limits(rate=-1).check()
    Limits().check()
