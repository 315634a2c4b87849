"""Any other embedding model, on sentence-transformers."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.embedding.vocabulary import Vocabulary
from coda_graphmem.errors import EmbeddingError
from coda_graphmem.forks import renewed_in_child
from coda_graphmem.pretrained import Pretrained


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
            named = Pretrained(self._name, "embedding_model", "a sentence-transformers model", EmbeddingError)
            transformer, self._dimension = named.load(_sentence_transformer, _dimension)
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


def _sentence_transformer(name: str, *, local_files_only: bool) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(name, local_files_only=local_files_only)


def _dimension(transformer: Any) -> int:
    """Length of a vector, asked of the model itself: a library's own idea of it can be missing."""
    return int(transformer.encode("dimension").shape[-1])


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
