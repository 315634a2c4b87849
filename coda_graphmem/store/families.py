"""Decides what becomes of merged memories when memories go that they were made of; pure functions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kin:
    """A memory that is to go, or one of its family: what it was merged into and made of, over all generations."""

    memory_id: str
    merged_into: str | None
    conversation_id: str | None


@dataclass(slots=True)
class Removal:
    """What becomes of memories and their families."""

    gone: list[str] = field(default_factory=list)
    """Those that go for good, by arrival; merged memories of which fewer than two originals remain are among them."""
    successors: dict[str, str] = field(default_factory=dict)
    """Of merged memories that go the one original that remains and takes their place, innermost first."""
    remade: dict[str, list[str]] = field(default_factory=dict)
    """Merged memories that are made anew, innermost first, with the originals that remain."""
    made_of: dict[str, list[str]] = field(default_factory=dict)
    """All originals that those had."""

    @property
    def read(self) -> list[str]:
        """All that has to be known to make memories anew and to put others in place."""
        found = [*self.remade, *self.successors, *self.successors.values()]
        for group in (*self.remade.values(), *self.made_of.values()):
            found += group
        return list(dict.fromkeys(found))

    @property
    def places(self) -> dict[str, str]:
        """Of originals that take a place the memory whose place that is: the outermost, where several end."""
        return {heir: ended for ended, heir in self.successors.items()}


def leaving_with(kin: Iterable[Kin], memory_ids: Collection[str]) -> set[str]:
    """Memories and all that they were made of, as that holds the same."""
    return set(memory_ids).union(*_made_of(_children(kin), memory_ids).values())


def leaving_by_filter(
    kin: Sequence[Kin], matching: Collection[str], conversation_id: str | None, retold: Collection[str] = ()
) -> set[str]:
    """What goes where a filter matches some memories.

    A merged memory that matches takes along what it was made of, but for what somebody else says: an original of
    another conversation than the one that was asked for, or one that the filter does not match while it matches
    another of the group, from which the merged memory has what is asked for.

    Args:
        kin: Those that match, with their families.
        matching: Their ids.
        conversation_id: What the filter asks for; None where it asks for no conversation.
        retold: Those of which only a part matched, which is gone.
    """
    found = {*matching, *retold}
    home = {one.memory_id: one.conversation_id for one in kin}
    children = _children(kin)
    leaving = set(matching)
    for originals in _made_of(children, matching).values():
        first = {one for one in originals if one not in children}
        if first.isdisjoint(found):
            leaving |= {one for one in first if conversation_id is None or home[one] == conversation_id}
    return leaving


def plan_removal(kin: Sequence[Kin], leaving: Collection[str], retold: Collection[str] = ()) -> Removal:
    """Decide what goes, what takes its place and what is made anew.

    A merged memory says what its originals say. So it goes with the last of them, one that remains alone takes its
    place, and of several it is made anew, whether or not it is among what leaves.

    Args:
        kin: Those that leave with their families, by arrival.
        leaving: Ids; what is not among ``kin`` is passed over.
        retold: Ids of what stays and does not say all any more that it said.
    """
    children = _children(kin)
    parents = {one.memory_id: one.merged_into for one in kin if one.merged_into in children}
    plan = Removal()
    fate: dict[str, str | None] = {one.memory_id: one.memory_id for one in kin}
    changed: set[str] = set(retold)
    waiting = {merged: len([one for one in originals if one in children]) for merged, originals in children.items()}
    ready = [merged for merged, number in waiting.items() if number == 0]
    fate.update(dict.fromkeys((one for one in fate if one in leaving and one not in children), None))
    for merged in ready:
        originals = children[merged]
        remaining = [heir for one in originals if (heir := fate[one]) is not None]
        if merged in leaving or remaining != originals or not changed.isdisjoint(originals):
            changed.add(merged)
            if len(remaining) > 1:
                plan.remade[merged] = remaining
                plan.made_of[merged] = originals
            else:
                fate[merged] = remaining[0] if remaining else None
                if remaining:
                    plan.successors[merged] = remaining[0]
        parent = parents.get(merged)
        if parent is not None:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    # Two that were merged into one another, which only a damaged copy holds, are never ready.
    fate.update(dict.fromkeys((one for one in leaving if waiting.get(one)), None))
    plan.gone = [one.memory_id for one in kin if fate[one.memory_id] != one.memory_id]
    return plan


def _children(kin: Iterable[Kin]) -> dict[str, list[str]]:
    """The originals of each merged memory that is there."""
    ids = {one.memory_id: one.merged_into for one in kin}
    children: dict[str, list[str]] = {}
    for memory_id, merged_into in ids.items():
        if merged_into in ids and merged_into is not None:
            children.setdefault(merged_into, []).append(memory_id)
    return children


def _made_of(children: Mapping[str, Sequence[str]], memory_ids: Collection[str]) -> dict[str, set[str]]:
    """All that merged memories were made of, over all generations."""
    found: dict[str, set[str]] = {}
    for memory_id in memory_ids:
        if memory_id not in children:
            continue
        mine: set[str] = set()
        ahead = list(children[memory_id])
        while ahead:
            one = ahead.pop()
            if one not in mine:
                mine.add(one)
                ahead += children.get(one, ())
        found[memory_id] = mine
    return found
