"""Any other embedding model, on sentence-transformers."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.embedding.vocabulary import Vocabulary
from coda_graphmem.errors import EmbeddingError
from coda_graphmem.forks import renewed_in_child
from coda_graphmem.imports import HEAVY_IMPORT, environment
from coda_graphmem.private_files import is_writable_by_others

_log = logging.getLogger(__name__)

_TELEMETRY = "HF_HUB_DISABLE_TELEMETRY"
#: Seconds in which the hub says whether there is a model.
_ANSWERS_WITHIN = 20.0
#: What begins so is a path; names of models do not.
_PATHS = ("/", "./", "../", "~", ".\\", "..\\")


class SentenceTransformerEmbedder:
    """A model that sentence-transformers can load.

    What the model's own configuration wants before queries and documents ("query: ", "passage: ") is put there: its
    prompts of those names, in ``config_sentence_transformers.json``.

    A folder, or a name whose files are in the local cache already, is loaded without the network;
    only a name that is not there is downloaded. How many threads PyTorch uses is left as it is
    set, because the setting is one for the whole process.

    Args:
        name: Name on the Hugging Face hub, or path of a folder.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        renewed_in_child(self, "_lock", threading.Lock)
        self._transformer: Any = None
        self._dimension = 0
        self._vocabulary: Vocabulary | None = None

    @property
    def model(self) -> str:
        """The name or folder as it was given."""
        return self._name

    @property
    def dimension(self) -> int:
        """Length of a vector; loads the model.

        Raises:
            EmbeddingError: The model cannot be loaded.
        """
        self.load()
        return self._dimension

    def load(self) -> None:
        """Load the model, and download it first where it has to be.

        Raises:
            EmbeddingError: It does not exist, cannot be downloaded or cannot be loaded.
        """
        with self._lock:
            if self._transformer is not None:
                return
            folder = Path(self._name).expanduser()
            local = folder.is_dir()
            if not local and self._name.startswith(_PATHS):
                raise EmbeddingError(
                    f"there is no folder {self._name!r}.",
                    field="embedding_model",
                    remedy="Give the path of a folder that holds a sentence-transformers model.",
                )
            if local and not self._name.startswith(_PATHS) and is_writable_by_others(folder):
                raise EmbeddingError(
                    f"{self._name!r} is also a folder here, which others may write to.",
                    field="embedding_model",
                    remedy=f"Work in another folder; or, if that folder is meant, name it ./{self._name}.",
                )
            try:
                with HEAVY_IMPORT, _without_telemetry():
                    transformer = _opened(str(folder) if local else self._name, local=local)
                # Asked of the model itself: a library's own idea of it can be missing.
                self._dimension = int(transformer.encode("dimension").shape[-1])
            except Exception as error:
                raise EmbeddingError(
                    f"the model {self._name!r} cannot be loaded ({type(error).__name__}).",
                    field="embedding_model",
                    remedy=(
                        "Check that the folder holds a sentence-transformers model."
                        if local
                        else "Check the name and the network, or give the path of a folder that holds the model."
                    ),
                ) from error
            self._transformer = transformer
            self._vocabulary = _vocabulary(transformer)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts that are kept, shape (len(texts), dimension), each of length 1."""
        self.load()
        return self._encoded(self._transformer.encode_document, texts)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts that are asked, shape (len(texts), dimension), each of length 1."""
        self.load()
        return self._encoded(self._transformer.encode_query, texts)

    def known_share(self, text: str) -> float:
        """How far the model knows the language of a text, in [0, 1]; 1 where its tokenizer does not tell."""
        self.load()
        return 1.0 if self._vocabulary is None else self._vocabulary.known_share(text)

    def _encoded(self, encode: Callable[..., Any], texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        vectors = encode(list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def _vocabulary(transformer: Any) -> Vocabulary | None:
    """What the tokenizer of a model knows, where it has a fast one, which can be asked."""
    fast = getattr(getattr(transformer, "tokenizer", None), "backend_tokenizer", None)
    if fast is None:
        return None
    from tokenizers import Tokenizer

    # One of its own: the model's may not be asked while another thread sets how it cuts and pads.
    own = Tokenizer.from_str(fast.to_str())
    own.no_truncation()
    own.no_padding()
    return Vocabulary(own)


def _opened(name: str, *, local: bool) -> Any:
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name, local_files_only=True)
    except (OSError, ValueError):
        if local:
            raise
        _log.info("The embedding model %s is not on this machine; downloading it.", name)
    from huggingface_hub import HfApi

    # Without a network, or with a wrong name, this fails at once; loading would try again for minutes.
    HfApi().model_info(name, timeout=_ANSWERS_WITHIN)
    return SentenceTransformer(name)


@contextmanager
def _without_telemetry() -> Iterator[None]:
    """Load without telling the hub what is used for what; the environment is as before afterwards.

    The hub's library reads the variable once, when it is imported; where that was before, by the
    program around this one, the constant it keeps is switched as well.
    """
    with environment(_TELEMETRY, "1"):
        from huggingface_hub import constants

        kept = constants.HF_HUB_DISABLE_TELEMETRY
        constants.HF_HUB_DISABLE_TELEMETRY = True
        try:
            yield
        finally:
            constants.HF_HUB_DISABLE_TELEMETRY = kept
