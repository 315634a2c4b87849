"""The default embedding model, all-MiniLM-L6-v2 on ONNX Runtime."""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.config import DEFAULT_MODEL
from coda_graphmem.embedding.files import TOKENIZER, WEIGHTS, ModelFile
from coda_graphmem.embedding.onnx_graph import look_up_before_dequantising
from coda_graphmem.embedding.vocabulary import Vocabulary
from coda_graphmem.errors import EmbeddingError
from coda_graphmem.forks import renewed_in_child
from coda_graphmem.heap import give_back
from coda_graphmem.imports import HEAVY_IMPORT, environment

DIMENSION = 384
#: What sentence-transformers cuts texts at for this model; its tokenizer file says 128.
MAX_TOKENS = 256
#: Padded tokens of one run of the model: enough to keep a core busy, small enough for its cache.
_TOKENS_PER_RUN = 512
#: Characters that hold as many tokens, unless most words are no words.
_CHARACTERS = 20_000
_WORD_TABLE = "inner.embeddings.word_embeddings.weight"


class OnnxMiniLM:
    """all-MiniLM-L6-v2 with int8 weights, mean-pooled and normalised as sentence-transformers does.

    Weights are dequantised when the model is loaded, so a vector does not depend on the texts it is
    computed with. Each run of the model keeps to one core: a short text is bound by reading the
    weights, which a second core does not speed up, and many texts use all cores by running side by
    side, which is faster than sharing out every single multiplication.

    Args:
        weights: The ONNX file.
        tokenizer: The file of its tokenizer.
        threads: Runs side by side; None for as many as there are cores.
    """

    model = DEFAULT_MODEL
    dimension = DIMENSION

    def __init__(
        self, *, weights: ModelFile = WEIGHTS, tokenizer: ModelFile = TOKENIZER, threads: int | None = None
    ) -> None:
        self._files = (weights, tokenizer)
        self._threads = threads or _cores()
        self._lock = threading.Lock()
        renewed_in_child(self, "_lock", threading.Lock)
        self._session: Any = None
        self._tokenizer: Any = None
        self._vocabulary: Vocabulary | None = None

    def load(self) -> None:
        """Read, check and load model and tokenizer.

        Raises:
            EmbeddingError: A file is missing or not the expected one.
        """
        with self._lock:
            if self._session is None:
                weights, tokenizer = self._files
                with ThreadPoolExecutor(1, thread_name_prefix="embedding") as pool:
                    waiting = pool.submit(lambda: _make_tokenizer(tokenizer.read()))
                    session = _make_session(look_up_before_dequantising(weights.read(), _WORD_TABLE))
                    self._tokenizer = waiting.result()
                self._vocabulary = Vocabulary(self._tokenizer)
                self._session = session
                del session
                give_back()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts, shape (len(texts), 384), each of length 1; texts are cut at 256 tokens."""
        self.load()
        vectors = np.empty((len(texts), DIMENSION), dtype=np.float32)
        # One by one: the tokenizer's own threads gain nothing here and make it complain after a fork.
        tokens = [self._tokenizer.encode(_beginning(text)).ids for text in texts]
        runs = group_by_length([len(ids) for ids in tokens], _TOKENS_PER_RUN)

        def run(rows: list[int]) -> None:
            vectors[rows] = self._run([tokens[row] for row in rows])

        if len(runs) == 1:
            run(runs[0])
        elif runs:
            with ThreadPoolExecutor(min(self._threads, len(runs)), thread_name_prefix="embedding") as pool:
                list(pool.map(run, runs))
        return vectors

    def known_share(self, text: str) -> float:
        """How far the model knows the language of a text, in [0, 1]; see `Vocabulary.known_share`."""
        self.load()
        assert self._vocabulary is not None
        return self._vocabulary.known_share(text)

    def _run(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Pooled unit vectors of tokenised texts of similar length."""
        lengths = np.array([len(ids) for ids in tokens])
        shape = (len(tokens), int(lengths.max()))
        mask = (np.arange(shape[1]) < lengths[:, None]).astype(np.int64)
        ids = np.zeros(shape, dtype=np.int64)
        ids[mask.astype(bool)] = np.concatenate([np.asarray(row, dtype=np.int64) for row in tokens])
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros(shape, dtype=np.int64)}
        (hidden,) = self._session.run(["last_hidden_state"], feeds)
        pooled = np.einsum("btd,bt->bd", hidden, mask.astype(np.float32)) / lengths[:, None]
        unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit


def group_by_length(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Rows in runs of similar length, whose padded size stays within the budget; longest runs first."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    runs: list[list[int]] = []
    for row in order:
        if runs and lengths[runs[-1][0]] * (len(runs[-1]) + 1) <= budget:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _beginning(text: str) -> str:
    """A text without what is beyond its first `MAX_TOKENS` anyway: the tokenizer splits all of it before it cuts."""
    return text if len(text) <= _CHARACTERS else " ".join(text[: 10 * _CHARACTERS].split())[:_CHARACTERS]


def _make_tokenizer(content: bytes) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(content.decode("utf-8"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def _cores() -> int:
    """Cores this process may use, which in a container can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def import_onnxruntime() -> Any:
    """ONNX Runtime, without the reports that its builds send to their maker where nobody forbids it.

    It reads the variable once, when it is imported, and begins a file of reports in the user's cache. Where the program
    around this one imported it before, the call at least ends them.
    """
    with HEAVY_IMPORT, environment("ORT_DISABLE_TELEMETRY", "1"):
        import onnxruntime

        onnxruntime.disable_telemetry_events()
    return onnxruntime


def _make_session(weights: bytes) -> Any:
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Further fusions find nothing in this graph and make loading slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    try:
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EmbeddingError(
            "ONNX Runtime cannot load the default model.",
            field="embedding_model",
            remedy="Reinstall onnxruntime: pip install --force-reinstall onnxruntime",
        ) from error
