"""Turns Chroma's errors into ours."""

import contextlib
from collections.abc import Iterator

from coda_graphmem.errors import GraphMemoryError, StoreUnavailableError, VectorStoreError

LOCAL = "vector_store.persist_directory"
SERVER = "vector_store.chroma_host"


@contextlib.contextmanager
def translated(field: str, place: str) -> Iterator[None]:
    """Raise our error for whatever Chroma raises inside the block; Chroma has no common base for its errors.

    Args:
        field: The setting that says where Chroma is.
        place: Path or address, for the message.
    """
    try:
        yield
    except GraphMemoryError:
        raise
    except Exception as error:
        if _is_connection(error):
            raise StoreUnavailableError(
                f"Chroma at {place} cannot be reached.",
                field=field,
                remedy="Start it (chroma run), or check vector_store.chroma_host and vector_store.chroma_port.",
            ) from error
        raise VectorStoreError(
            f"Chroma at {place} answered with an error ({type(error).__name__}: {error}).",
            field=field,
            remedy="Check Chroma's log and that its version fits the chromadb package.",
        ) from error


def is_missing(error: Exception) -> bool:
    """Whether Chroma says that there is no such collection."""
    from chromadb.errors import NotFoundError

    return isinstance(error, NotFoundError)


def _is_connection(error: BaseException) -> bool:
    import httpx

    # Chroma wraps what httpx raises while connecting into a ValueError.
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, httpx.TransportError | ConnectionError):
            return True
        seen = seen.__cause__ or seen.__context__
    return "Could not connect" in str(error)
