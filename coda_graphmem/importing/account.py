"""What became of everything an import read: taken, or passed over and why."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

#: What inputs are made of: lines of texts and of JSON lines, messages and conversations of chats, records of other
#: memories, files of folders, pages of documents.
Unit = Literal["lines", "messages", "conversations", "records", "files", "pages"]

#: Places that are named for one reason; more are only counted.
_NAMED = 5

#: Remarks that are kept; more say nothing new.
_NOTES = 50

#: Why a line is passed over that holds nothing.
BLANK = "blank"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What an import passed over for one reason."""

    unit: Unit
    reason: str
    """Words such as ``before the first turn``, ``system message`` or ``on a branch that was left``."""
    count: int
    places: tuple[str, ...]
    """Where the first of them stand, such as ``talk.md, line 3``; at most five."""


@dataclass(slots=True)
class Account:
    """Counts of what was read; what was taken and what was passed over add up to all there is."""

    notes: list[str] = field(default_factory=list)
    """What a reader should know: speakers that were never met, dates that could be read in two ways."""
    _taken: Counter[Unit] = field(default_factory=Counter)
    _passed: dict[tuple[Unit, str], tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    def take(self, unit: Unit, count: int = 1) -> None:
        """Count what is part of a memory."""
        self._taken[unit] += count

    def pass_over(self, unit: Unit, reason: str, place: str, count: int = 1) -> None:
        """Count what is part of none; ``place`` is where the first of it stands."""
        if count:
            before, places = self._passed.get((unit, reason), (0, ()))
            self._passed[unit, reason] = before + count, places if len(places) == _NAMED else (*places, place)

    def add(self, other: "Account") -> None:
        """Count what another one counted."""
        for unit, count in other._taken.items():
            self.take(unit, count)
        for item in other.passed_over:
            for place in item.places[:-1]:
                self.pass_over(item.unit, item.reason, place)
            self.pass_over(item.unit, item.reason, item.places[-1], item.count - len(item.places) + 1)
        for text in other.notes:
            self.note(text)

    def note(self, text: str) -> None:
        """Keep a remark, once."""
        if text not in self.notes and len(self.notes) < _NOTES:
            self.notes.append(text)

    @property
    def passed_over(self) -> tuple[PassedOver, ...]:
        """What was passed over, in the order it was met, by reason."""
        return tuple(PassedOver(*key, *value) for key, value in self._passed.items())

    @property
    def units(self) -> tuple[Unit, ...]:
        """Of what there was any."""
        return tuple(dict.fromkeys([*self._taken, *(unit for unit, _ in self._passed)]))

    def taken(self, unit: Unit) -> int:
        """How many are part of memories."""
        return self._taken[unit]

    def read(self, unit: Unit) -> int:
        """How many there were: those taken and those passed over."""
        return self._taken[unit] + sum(item.count for item in self.passed_over if item.unit == unit)

    def clear(self) -> None:
        """Begin again."""
        self.notes.clear()
        self._taken.clear()
        self._passed.clear()
