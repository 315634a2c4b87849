"""What the file of near vectors finds of many, how few it compares for that, and what it overwrites."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from coda_graphmem.private_files import make_file
from coda_graphmem.store.embedded.proximity_file import Origin, ProximityFile, erase, lay, rounded, signs

COUNT, DIMENSION = 12_000, 384
ORIGIN = Origin("s" * 32, 1, "model", DIMENSION, 0)
#: Row ids with gaps, as after removals.
IDS = np.arange(COUNT, dtype=np.int64) * 3 + 5


def variants(count: int, seed: int) -> NDArray[np.float32]:
    """Unit vectors in clusters, each at a cosine of .8 to what it is a variant of."""
    chance = np.random.default_rng(seed)
    origins = np.random.default_rng(0).standard_normal((300, DIMENSION))
    origins /= np.linalg.norm(origins, axis=1, keepdims=True)
    rows = origins[chance.integers(0, 300, count)]
    rows = rows + 0.75 * chance.standard_normal(rows.shape) / np.sqrt(DIMENSION)
    unit: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


ROWS = variants(COUNT, 1)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("near") / "file"
    make_file(path)
    numbers, scales = rounded(ROWS)
    lay(path, IDS, lambda start, end: (numbers[start:end], scales[start:end]), ORIGIN, 7)
    return path


@pytest.mark.parametrize("step", [1, 2, 10, 100])
def test_nearly_all_of_the_nearest_are_found_whatever_a_filter_leaves(path: Path, step: int) -> None:
    file = ProximityFile(path)
    file.check()
    matching = None if step == 1 else IDS[::step]
    wanted = min(100, COUNT // step)
    hits = asked = 0
    for vector in variants(30, 2):
        exact = IDS[::step][np.argsort(-(ROWS[::step] @ vector))[:wanted]]
        found = file.near(vector, round(1.5 * wanted), matching)
        assert len(found) == min(round(1.5 * wanted), COUNT // step)
        # The nearest first, as far as rounding lets see.
        assert found[0] in exact[:3]
        hits += len({*found.tolist()} & {*exact.tolist()})
        asked += wanted
    assert hits >= 0.99 * asked


def test_only_few_are_compared_by_their_numbers(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ProximityFile(path)
    compared: list[int] = []
    before = ProximityFile._compared

    def count(self: ProximityFile, vector: NDArray[np.float32], where: NDArray[np.intp]) -> NDArray[np.float32]:
        compared.append(len(where))
        return before(self, vector, where)

    monkeypatch.setattr(ProximityFile, "_compared", count)
    for vector in ROWS[:20]:
        assert file.near(vector, 20, None)[0] in IDS[:20]
    assert 20 <= max(compared) < COUNT / 4


def test_vectors_are_rounded_in_their_own_scale() -> None:
    rows = np.array([[1.0, -0.5, 0.25], [0.001, 0.0, -0.002], [0.0, 0.0, 0.0]], dtype=np.float32)
    numbers, scales = rounded(rows)
    assert numbers.dtype == np.int8
    assert numbers[0].tolist() == [127, -64, 32]
    assert np.allclose(numbers * scales[:, None], rows, atol=0.005 * np.abs(rows).max(axis=1, keepdims=True))


def test_signs_are_bits_of_words(path: Path) -> None:
    found = signs(np.array([[0.5] + [-0.5] * 63 + [0.5] * 3], dtype=np.float32))
    assert found.tolist() == [[1], [7]]
    # Of the file and of what is asked they are the same, but for numbers that are nearly zero.
    wanted = signs(ROWS[3][None, :])[:, 0]
    differing, counts = ProximityFile(path)._differing(wanted, None)
    assert differing[3] <= 3
    assert np.median(differing) > 100
    assert counts.tolist() == np.bincount(differing, minlength=len(counts)).tolist()
    some = np.array([9, 3, 5])
    assert ProximityFile(path)._differing(wanted, some)[0].tolist() == differing[some].tolist()
    plain = np.bitwise_count(signs(ROWS) ^ wanted[:, None]).sum(axis=0)
    assert np.abs(plain - differing.astype(int)).max() <= 8


def test_nothing_of_an_erased_vector_is_left(path: Path, tmp_path: Path) -> None:
    own = tmp_path / "file"
    own.write_bytes(path.read_bytes())
    # Row ids that it does not know do not matter.
    erase(own, np.array([IDS[4], IDS[4] + 1, -1, 10**9], dtype=np.int64), 9)
    file, before = ProximityFile(own), ProximityFile(path)
    file.check()
    assert (before.erased, file.erased) == (7, 9)
    assert not file.numbers[4].any()
    assert file.scales[4] == 0.0
    assert not file._signs[:, 4].any()
    assert before._signs[:, 4].any()
    others = np.arange(COUNT) != 4
    assert (file.numbers[others] == before.numbers[others]).all()
    assert (file._signs[:, others] == before._signs[:, others]).all()
