"""What an adapter needs installed beside this package."""

from collections.abc import Iterator
from contextlib import contextmanager

from coda_graphmem.errors import MissingPackageError


@contextmanager
def needed(package: str, *, extra: str) -> Iterator[None]:
    """Import a package that comes with an extra of this one; the body of the block does it.

    Args:
        package: Its name as it is installed.
        extra: The extra that brings it.

    Raises:
        MissingPackageError: It is not there, or of a version that lacks what was asked for.
    """
    try:
        yield
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError)
        raise MissingPackageError(
            f"is not installed ({error})." if missing else f"is of a version that does not fit ({error}).",
            field=package,
            remedy=f'Install the extra: pip install "coda-graphmem[{extra}]".',
        ) from error
