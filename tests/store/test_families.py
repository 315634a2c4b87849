"""What becomes of merged memories when originals go."""

from __future__ import annotations

import random

from coda_graphmem.store.families import Kin, leaving_by_filter, leaving_with, plan_removal

# b is made of a and m2, a of m0 and m1; d of m3, m4 and m5.
KIN = [
    Kin("m0", "a", "c0"),
    Kin("m1", "a", "c1"),
    Kin("m2", "b", "c2"),
    Kin("a", "b", "c1"),
    Kin("b", None, "c2"),
    Kin("m3", "d", "c3"),
    Kin("m4", "d", None),
    Kin("m5", "d", "c3"),
    Kin("d", "elsewhere", "c3"),
]


def test_what_does_not_leave_stays() -> None:
    plan = plan_removal(KIN, set())
    assert (plan.gone, plan.successors, plan.remade) == ([], {}, {})
    assert plan_removal([], {"m0"}).gone == []
    assert plan_removal([Kin("m", None, None)], {"m"}).gone == ["m"]


def test_a_merged_memory_is_made_anew_from_several_and_gives_way_to_one() -> None:
    plan = plan_removal(KIN, {"m4"})
    assert (plan.gone, plan.successors, plan.remade) == (["m4"], {}, {"d": ["m3", "m5"]})
    assert plan.made_of == {"d": ["m3", "m4", "m5"]}
    plan = plan_removal(KIN, {"m3", "m5"})
    assert (plan.gone, plan.places, plan.remade) == (["m3", "m5", "d"], {"m4": "d"}, {})


def test_all_generations_follow() -> None:
    plan = plan_removal(KIN, {"m0"})
    assert (plan.gone, plan.successors, plan.remade) == (["m0", "a"], {"a": "m1"}, {"b": ["m2", "m1"]})
    plan = plan_removal(KIN, {"m0", "m2"})
    assert (plan.gone, plan.successors, plan.remade) == (["m0", "m2", "a", "b"], {"a": "m1", "b": "m1"}, {})
    assert plan.places == {"m1": "b"}
    # What takes the place of another can be a merged memory.
    plan = plan_removal(KIN, {"m2"})
    assert (plan.gone, plan.places, plan.remade) == (["m2", "b"], {"a": "b"}, {})
    assert plan_removal(KIN, {"m0", "m1", "m2"}).gone == ["m0", "m1", "m2", "a", "b"]


def test_a_deletion_takes_along_what_a_memory_was_made_of() -> None:
    assert leaving_with(KIN, ["a"]) == {"a", "m0", "m1"}
    assert leaving_with(KIN, ["b", "nothing"]) == {"b", "a", "m0", "m1", "m2", "nothing"}
    assert plan_removal(KIN, leaving_with(KIN, ["a"])).places == {"m2": "b"}


def test_a_filter_leaves_what_others_say() -> None:
    # Inherited from m2: the other conversations keep theirs.
    assert leaving_by_filter(KIN, ["m2", "b"], "c2") == {"m2", "b"}
    plan = plan_removal(KIN, {"m2", "b"})
    assert (plan.gone, plan.places) == (["m2", "b"], {"a": "b"})
    # Of a's own: m0 matches as little as m1.
    assert leaving_by_filter(KIN, ["a"], None) == {"a", "m0", "m1"}
    assert leaving_by_filter(KIN, ["a"], "c1") == {"a", "m1"}
    assert leaving_by_filter(KIN, ["d", "m4"], None) == {"d", "m4"}
    assert plan_removal(KIN, {"d", "m4"}).remade == {"d": ["m3", "m5"]}


def test_a_merged_memory_that_matches_by_what_is_long_gone_is_made_anew() -> None:
    kin = [Kin("m0", "a", "c0"), Kin("m1", "a", "c0"), Kin("a", None, "c9")]
    plan = plan_removal(kin, leaving_by_filter(kin, ["a"], "c9"))
    assert (plan.gone, plan.remade) == ([], {"a": ["m0", "m1"]})


def test_memories_that_were_merged_into_one_another_can_be_removed() -> None:
    kin = [Kin("x", "y", None), Kin("y", "x", None), Kin("z", None, None)]
    assert plan_removal(kin, leaving_with(kin, ["x"])).gone == ["x", "y"]


def test_what_is_gone_has_no_part_in_what_is_left() -> None:
    chosen = random.Random(7)
    for _ in range(300):
        names = [f"n{i}" for i in range(chosen.randrange(1, 30))]
        parents = {name: chosen.choice([None, *names[i + 1 :]]) for i, name in enumerate(names)}
        kin = [Kin(name, parents[name], None) for name in names]
        leaves = set(names) - set(parents.values())
        gone = {name for name in leaves if chosen.random() < 0.4}
        plan = plan_removal(kin, gone)

        def leaves_of(name: str, parents: dict[str, str | None] = parents, leaves: set[str] = leaves) -> set[str]:
            mine = {name} if name in leaves else set()
            return mine.union(*(leaves_of(one) for one in parents if parents[one] == name))

        for name in names:
            left = leaves_of(name) - gone
            assert (name in plan.gone) == (not left or name in plan.successors)
            touched = bool(leaves_of(name) & gone)
            if name not in plan.gone and touched:
                assert len(plan.remade[name]) > 1
                assert not set(plan.remade[name]) & set(plan.gone)
                assert set().union(*map(leaves_of, plan.remade[name])) - gone == left
        assert set(plan.remade) <= {name for name in names if leaves_of(name) & gone}
