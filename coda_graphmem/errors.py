"""The errors of this package.

    GraphMemoryError
    ├── ValidationError            (also a ValueError)
    ├── NotInitializedError
    ├── MemoryStorageError
    ├── MemoryRetrievalError
    ├── MemoryConsolidationError
    ├── EmbeddingError
    │   └── EmbeddingMismatchError
    ├── ExtractionError
    ├── MissingPackageError        (also an ImportError)
    └── VectorStoreError
        └── StoreUnavailableError

Every error can name the setting or argument it is about (``field``) and what to do (``remedy``).
Their messages never hold the content of a memory or a password.
"""


class GraphMemoryError(Exception):
    """Base of all errors of the memory system.

    Args:
        message: What is wrong, in one sentence.
        field: The argument, setting or column the error is about.
        remedy: What the caller can do about it.
    """

    def __init__(self, message: str, *, field: str | None = None, remedy: str | None = None) -> None:
        self.message = message
        self.field = field
        self.remedy = remedy
        super().__init__(message)

    def __str__(self) -> str:
        text = f"{self.field}: {self.message}" if self.field else self.message
        return f"{text} {self.remedy}" if self.remedy else text


class ValidationError(GraphMemoryError, ValueError):
    """An argument or a setting is not acceptable; nothing was changed."""


class NotInitializedError(GraphMemoryError):
    """A call came before ``initialize()`` or after ``cleanup()``."""


class MemoryStorageError(GraphMemoryError):
    """Memories could not be written; nothing of the call was kept."""


class MemoryRetrievalError(GraphMemoryError):
    """Memories could not be searched or read."""


class MemoryConsolidationError(GraphMemoryError):
    """Memories could not be merged, or a merge could not be undone."""


class EmbeddingError(GraphMemoryError):
    """A text could not be turned into a vector, or its model could not be loaded."""


class EmbeddingMismatchError(EmbeddingError):
    """The store holds vectors of another model or dimension than the one configured."""


class ExtractionError(GraphMemoryError):
    """The entities of a text could not be found, or the model for it could not be loaded."""


class MissingPackageError(GraphMemoryError, ImportError):
    """A part of the package needs another package, which is not installed or of a version that does not fit."""


class VectorStoreError(GraphMemoryError):
    """The store cannot be opened, is damaged, or answered with an error."""


class StoreUnavailableError(VectorStoreError):
    """The store did not answer in time or cannot be reached; the same call may succeed later."""


#: The name under which the base is known elsewhere. It shadows a builtin, so it is not exported by ``*``.
MemoryError = GraphMemoryError  # noqa: A001
