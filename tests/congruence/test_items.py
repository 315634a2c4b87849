"""Items: one answer from all stores, and that of a dictionary."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from coda_graphmem import DeleteItem, GetItem, ListItemPaths, MemoryManager, PutItem, SearchItems, ValidationError
from coda_graphmem.models import ItemOperation
from tests.congruence.stores import Stores
from tests.fakes import WordEmbedder
from tests.items.model import Model

ROUNDS = int(os.environ.get("ITEM_ROUNDS", "12"))
"""Batches of the random test."""


async def test_values_come_back_as_they_were(stores: Stores) -> None:
    value = {
        "text": "tea \x00 \ud800 é \U0001f375", "n": 10**100, "f": 1.5, "t": True, "none": None, "empty": "",
        "deep": {"list": [1, [2.0, {"a": "b"}], []], "": {}},
    }  # fmt: skip
    for key, one in (("k", value), ("", {}), ("key\nwith 'quotes' \"and\" %_*?", {"x": 1})):
        await stores.same(lambda m, key=key, one=one: m.put_item(("a", "b.c"), key, one))
        found = await stores.same(lambda m, key=key: m.get_item(["a", "b.c"], key))
        assert found is not None
        assert found.value == one
        assert (found.path, found.key) == (("a", "b.c"), key)
    assert type((await stores.same(lambda m: m.get_item(("a", "b.c"), "k"))).value["t"]) is bool
    assert await stores.same(lambda m: m.delete_item(("a", "b.c"), "k")) is True
    assert await stores.same(lambda m: m.delete_item(("a", "b.c"), "k")) is False
    assert await stores.same(lambda m: m.get_item(("a", "b.c"), "k")) is None
    assert (await stores.same(lambda m: m.get_memory_stats())).total_items == 2


async def test_what_is_written_again_keeps_when_it_was_first(stores: Stores) -> None:
    async def put(text: str, **more: Any) -> Any:
        stores.clock.advance(10)
        await stores.same(lambda m: m.put_item(("a",), "k", {"text": text}, **more))
        return await stores.same(lambda m: m.get_item(("a",), "k"))

    first = await put("tea", fields=["text"])
    second = await put("rum")
    assert (second.created_at, second.updated_at) == (first.created_at, first.created_at + 10)
    # It has no embedded field any more.
    assert await stores.same(lambda m: m.search_items(query="tea")) == []
    await stores.same(lambda m: m.delete_item(("a",), "k"))
    third = await put("tea")
    assert third.created_at == first.created_at + 20


async def test_prefixes_are_whole_labels(stores: Stores) -> None:
    """The second of each pair is what the first would mean if a character of it were not itself."""
    pairs = [
        *(("user_1", "userX1"), ("a%b", "axxb"), ("star*", "starX"), ("q?m", "qXm"), ("br[a]", "bra")),
        *(
            ("foo", "foobar"),
            ("Foo", "fOO"),
            ("alice", "alice\n"),
            ("a.b", "a"),
            ('x"', "x,"),
            ("y\\", "y"),
            ("é", "e"),
        ),
    ]
    paths = [path for label, other in pairs for path in ((label,), (label, "-"), (other,), ("z", label), ("z", other))]
    await stores.same(lambda m: m.batch_items([PutItem(path=path, key="k", value={}) for path in paths]))
    operations: list[ItemOperation] = []
    for label, _ in pairs:
        operations += [SearchItems(prefix=(label,)), ListItemPaths(prefixes=[(label,)])]
        operations.append(ListItemPaths(suffixes=[(label,)]))
    answers = iter(await stores.same(lambda m: m.batch_items(operations)))
    for label, _ in pairs:
        assert {item.path for item in next(answers)} == {(label,), (label, "-")}
        assert next(answers) == [(label,), (label, "-")]
        assert next(answers) == sorted([(label,), ("z", label)])
    assert len(await stores.same(lambda m: m.search_items((), limit=100))) == len(set(paths))


async def test_the_nearest_field_of_an_item_counts(stores: Stores) -> None:
    for key, value in (
        ("one", {"a": "tea with milk", "b": "boats on rivers", "note": "rum"}),
        ("two", {"a": "boats", "b": None}),
        ("three", {"a": "rum"}),
    ):
        fields = [] if key == "three" else ["a", "b"]
        await stores.same(lambda m, k=key, v=value, f=fields: m.put_item(("notes", k), k, v, fields=f))
    found = await stores.same(lambda m: m.search_items(("notes",), "boats on rivers"))
    assert [item.key for item in found] == ["one", "two"]
    assert found[0].score == pytest.approx(1.0)
    assert found[1].score == pytest.approx(float(WordEmbedder().embed(["boats"])[0] @ WordEmbedder().embed(
        ["boats on rivers"])[0]), abs=1e-4)  # fmt: skip
    assert [i.key for i in await stores.same(lambda m: m.search_items((), "boats", limit=1, offset=1))] == ["one"]
    assert [i.key for i in await stores.same(lambda m: m.search_items((), "boats", where={"note": "rum"}))] == ["one"]
    assert await stores.same(lambda m: m.search_items(("note",), "boats")) == []


async def test_time_ends_items_and_reading_puts_it_off(stores: Stores) -> None:
    for key, ttl in (("a", 10.0), ("b", 10.0), ("c", None)):
        await stores.same(lambda m, k=key, t=ttl: m.put_item(("x", k), k, {"k": k}, ttl=t, fields=["k"]))
    stores.clock.advance(6)
    assert (await stores.same(lambda m: m.get_item(("x", "a"), "a"))).expires_at == stores.clock.now + 10
    assert (await stores.same(lambda m: m.get_item(("x", "b"), "b", refresh=False))).expires_at == stores.clock.now + 4
    stores.clock.advance(4)
    # At its end it is gone, though nobody has removed it yet; nothing brings it back, and no limit counts it.
    assert await stores.same(lambda m: m.get_item(("x", "b"), "b")) is None
    assert [i.key for i in await stores.same(lambda m: m.search_items(("x",), limit=2, refresh=False))] == ["c", "a"]
    assert {i.key for i in await stores.same(lambda m: m.search_items(("x",), "b", limit=2, refresh=False))} == {
        "a",
        "c",
    }
    assert await stores.same(lambda m: m.list_item_paths()) == [("x", "a"), ("x", "c")]
    assert await stores.same(lambda m: m.delete_item(("x", "b"), "b")) is False
    assert [i.key for i in await stores.same(lambda m: m.search_items(where={"k": "a"}))] == ["a"]
    stores.clock.advance(9)
    assert [i.key for i in await stores.same(lambda m: m.search_items(("x",)))] == ["c", "a"]
    stores.clock.advance(100)
    await stores.same(lambda m: m.put_item(("x", "a"), "a", {}))
    assert (await stores.same(lambda m: m.get_item(("x", "a"), "a"))).created_at == stores.clock.now


async def test_a_batch_reads_before_it_writes_and_the_last_write_counts(stores: Stores) -> None:
    await stores.same(lambda m: m.put_item(("a",), "k", {"n": 1}))
    operations = [
        PutItem(path=("a",), key="k", value={"n": 2}),
        GetItem(path=("a",), key="k"),
        PutItem(path=("b",), key="new", value={"n": 3}),
        DeleteItem(path=("b",), key="new"),
        PutItem(path=("a",), key="k", value={"n": 4}),
        SearchItems(where={"n": {"$gte": 1}}),
        ListItemPaths(),
        DeleteItem(path=("a",), key="other"),
        PutItem(path=("a",), key="other", value={"n": 5}),
    ]
    answers = await stores.same(lambda m: m.batch_items(operations))
    assert [type(one).__name__ for one in answers] == [
        "NoneType", "Item", "NoneType", "bool", "NoneType", "list", "list", "bool", "NoneType",
    ]  # fmt: skip
    assert answers[1].value == {"n": 1}
    assert [item.value for item in answers[5]] == [{"n": 1}]
    assert answers[6] == [("a",)]
    assert (answers[3], answers[7]) == (False, False)
    left = await stores.same(lambda m: m.search_items())
    assert [(item.key, item.value) for item in left] == [("other", {"n": 5}), ("k", {"n": 4})]
    assert await stores.same(lambda m: m.batch_items([])) == []


async def test_a_bad_operation_keeps_all_from_being_done(stores: Stores) -> None:
    for bad, field in (
        (PutItem(path=("a", ""), key="k", value={}), "operations[1].path[1]"),
        (PutItem(path=(), key="k", value={}), "operations[1].path"),
        (PutItem(path=("a",), key="k", value={"x": float("nan")}), "operations[1].value"),
        (GetItem(path=("a", "\0"), key="k"), "operations[1].path[1]"),
        (SearchItems(limit=-1), "operations[1].limit"),
    ):
        operations = [PutItem(path=("valid",), key="k", value={}), bad]
        with pytest.raises(ValidationError) as caught:
            await stores.same(lambda m, operations=operations: m.batch_items(operations))
        assert caught.value.field == field
    assert await stores.same(lambda m: m.list_item_paths()) == []


async def test_a_tenant_has_items_of_its_own_and_leaves_none(stores: Stores) -> None:
    other = stores.for_namespace("other")
    for one, text in ((stores, "mine"), (other, "theirs")):
        await one.same(lambda m, text=text: m.put_item(("a",), "k", {"text": text}, fields=["text"], ttl=100))
    assert (await other.same(lambda m: m.get_item(("a",), "k"))).value == {"text": "theirs"}
    assert [i.value["text"] for i in await stores.same(lambda m: m.search_items((), "theirs"))] == ["mine"]
    for manager in stores.managers.values():
        assert {manager.namespace, f"{manager.namespace}/other"} <= set(await manager.list_namespaces())
    assert (await other.same(lambda m: m.forget(everything=True))).items == 1
    assert await other.same(lambda m: m.list_item_paths()) == []
    assert await other.same(lambda m: m.delete_item(("a",), "k")) is False
    assert (await stores.same(lambda m: m.get_item(("a",), "k"))).value == {"text": "mine"}


async def test_another_embedder_has_vectors_of_its_own(stores: Stores) -> None:
    own = WordEmbedder("other words", 20)
    put = PutItem(path=("a",), key="foreign", value={"text": "tea"}, fields=["text"])
    await stores.same(lambda m: m.batch_items([put], embedder=own))
    await stores.same(lambda m: m.put_item(("a",), "ours", {"text": "tea"}, fields=["text"]))
    [found] = await stores.same(lambda m: m.batch_items([SearchItems(query="tea")], embedder=own))
    assert [(item.key, item.score) for item in found] == [("foreign", pytest.approx(1.0))]
    assert [item.key for item in await stores.same(lambda m: m.search_items((), "tea"))] == ["ours"]


LABELS = ("a", "b", "a%", "*", "a\n", "é")
WORDS = ("tea", "rum", "boats", "milk", "rain")


class Chance:
    """Operations by chance."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def operations(self) -> list[ItemOperation]:
        return [self._operation() for _ in range(self._random.randint(1, 9))]

    def seconds(self) -> float:
        return self._random.choice((0, 0, 1, 7))

    def _path(self, least: int = 1) -> tuple[str, ...]:
        return tuple(self._random.choices(LABELS[:4], k=self._random.randint(least, 3)))

    def _value(self) -> dict[str, Any]:
        chosen = self._random.choice
        value = {
            "text": " ".join(self._random.sample(WORDS, 2)),
            "n": chosen((1, 2, 1.0, True, "1", 10**30, None)),
            "more": chosen(("", None, *WORDS)),
        }
        return {name: one for name, one in value.items() if self._random.random() < 0.8}

    def _operation(self) -> ItemOperation:
        chosen = self._random.choice
        path, key = self._path(), chosen("xyz")
        match self._random.random():
            case share if share < 0.4:
                fields = chosen(([], ["text"], ["text", "more"], ["missing"]))
                return PutItem(path=path, key=key, value=self._value(), fields=fields, ttl=chosen((None, None, 5.0)))
            case share if share < 0.5:
                return DeleteItem(path=path, key=key)
            case share if share < 0.6:
                return GetItem(path=path, key=key, refresh=chosen((True, False)))
            case share if share < 0.75:
                return ListItemPaths(
                    prefixes=chosen(([], [self._path()], [("*", "b")])),
                    suffixes=chosen(([], [self._path()[-1:]], [("*",)])),
                    max_depth=chosen((None, 1, 2)),
                    limit=chosen((2, 100)),
                    offset=chosen((0, 1)),
                )
        operand = chosen((1, 2, "1", True, 1.5, 10**30))
        ordered = {chosen(("$gt", "$gte", "$lt", "$lte")): chosen((1, "1", 1.5, 10**30))}
        return SearchItems(
            prefix=self._path(0)[:2],
            query=chosen((None, None, "tea", "rum and boats")),
            where=chosen((None, None, {"n": operand}, {"n": {chosen(("$eq", "$ne")): operand}}, {"n": ordered})),
            limit=chosen((1, 3, 50)),
            offset=chosen((0, 1)),
            refresh=chosen((True, False)),
        )


async def test_random_batches_are_answered_as_by_a_dictionary(stores: Stores) -> None:
    seed = int(os.environ.get("ITEM_SEED", "7"))
    chance, model = Chance(seed), Model()
    for number in range(ROUNDS):
        operations = chance.operations()
        stores.clock.advance(chance.seconds())
        expected = model.batch(operations, stores.clock.now)
        answers = await stores.same(lambda m, operations=operations: m.batch_items(operations))
        for operation, answer, wanted in zip(operations, answers, expected, strict=True):
            assert shown(answer) == shown(wanted), (seed, number, operation)


def shown(answer: Any) -> Any:
    """An answer with scores as all stores give them; those that differ by less may change places."""
    if isinstance(answer, list):
        return sorted(map(shown, answer), key=repr) if _is_scored(answer) else [shown(one) for one in answer]
    if hasattr(answer, "score"):
        score = None if answer.score is None else round(answer.score, 3)
        return (answer.path, answer.key, repr(answer.value), answer.created_at, answer.updated_at, score)
    return answer


def _is_scored(answer: list[Any]) -> bool:
    return bool(answer) and getattr(answer[0], "score", None) is not None


async def test_a_view_of_a_scope_has_no_items(stores: Stores) -> None:
    async def refused(manager: MemoryManager) -> Any:
        view = manager.scoped(user_id="nora")
        for call in (
            view.put_item(("a",), "k", {}),
            view.get_item(("a",), "k"),
            view.delete_item(("a",), "k"),
            view.search_items(),
            view.list_item_paths(),
            view.batch_items([]),
        ):
            with pytest.raises(ValidationError, match="is about the whole namespace"):
                await call

    await stores.same(refused)
