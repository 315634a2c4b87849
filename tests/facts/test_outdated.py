"""Which memories are over: by hand, and by newer texts."""

from __future__ import annotations

import pytest

from coda_graphmem.facts.outdated import Judged, Newer, by_hand, by_newer
from coda_graphmem.models import Standing

JAN, FEB, MAR, APR = (float(month) for month in range(1, 5))


@pytest.mark.parametrize(
    ("standing", "last_said_at", "is_over"),
    [
        ("superseded", None, True),
        ("superseded", FEB, True),
        ("superseded", APR, False),
        ("retracted", FEB, True),
        ("retracted", APR, False),
        ("reinstated", None, False),
        (None, None, False),
    ],
)
def test_by_hand_unless_it_was_said_again_since(
    standing: Standing | None, last_said_at: float | None, is_over: bool
) -> None:
    judged = Judged(standing, None if standing is None else MAR, "m2", last_said_at)
    found = by_hand("m1", judged)
    assert (found is not None) is is_over
    assert found is None or (found.since, found.superseded_by, found.reason) == (MAR, "m2", standing)


@pytest.mark.parametrize(
    ("judged", "superseded_by"),
    [
        (Judged(None, None, None, None), "m3"),
        (Judged(None, None, None, JAN), "m3"),
        (Judged(None, None, None, FEB), "m3"),
        (Judged(None, None, None, MAR), None),
        (Judged("reinstated", MAR, None, JAN), None),
        (Judged("reinstated", FEB, None, None), "m3"),
    ],
)
def test_by_the_last_of_newer_texts_unless_it_was_said_again_since(judged: Judged, superseded_by: str | None) -> None:
    found = by_newer("m1", judged, [Newer("m2", FEB), Newer("m3", MAR)])
    assert (None if found is None else found.superseded_by) == superseded_by
    assert found is None or (found.since, found.known_from, found.share) == (MAR, MAR, 1.0)
