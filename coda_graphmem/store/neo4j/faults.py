"""Turns the errors of the driver and the server into ours."""

from coda_graphmem.config import Neo4jConfig
from coda_graphmem.errors import GraphMemoryError, MemoryStorageError, StoreUnavailableError, VectorStoreError

_MEMORY_CODES = frozenset(
    {
        "Neo.TransientError.General.OutOfMemoryError",
        "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
        "Neo.TransientError.General.TransactionOutOfMemoryError",
        "Neo.TransientError.Transaction.MaximumTransactionLimitReached",
    }
)
_TIMEOUT_CODES = frozenset(
    {
        "Neo.ClientError.Transaction.TransactionTimedOut",
        "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
        "Neo.ClientError.Transaction.LockClientStopped",
        "Neo.TransientError.Transaction.LockClientStopped",
    }
)
#: What passes although neither the server nor the driver says so. Beside these everything does that the driver calls
#: retryable: all that is transient (DeadlockDetected among it), a server that is away, and a leader that has changed.
_PASSING_CODES = frozenset(
    {
        # A transaction that waited for a lock was ended by the server. The driver takes both for the client's fault.
        "Neo.ClientError.Transaction.LockClientStopped",
        "Neo.ClientError.Transaction.Terminated",
        "Neo.TransientError.Transaction.LockClientStopped",
        "Neo.TransientError.Transaction.Terminated",
        # The server went down, or ended the transaction with its connection, between two statements.
        "Neo.ClientError.Transaction.TransactionNotFound",
        "Neo.ClientError.Transaction.TransactionAccessedConcurrently",
        "Neo.DatabaseError.Transaction.TransactionTerminationFailed",
        # Another transaction deleted what this one had just matched.
        "Neo.ClientError.Statement.EntityNotFound",
    }
)
_READ_ONLY_CODES = frozenset(
    {
        "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
        "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase",
        "Neo.ClientError.Statement.AccessMode",
        "Neo.ClientError.Cluster.NotALeader",
    }
)


def is_passing(error: BaseException) -> bool:
    """Whether the same transaction may succeed later; where its commit may have, a receipt tells."""
    from neo4j.exceptions import ConnectionAcquisitionTimeoutError, DriverError, IncompleteCommit, Neo4jError

    # Many who wait for a server that comes back share the driver's connections, and some may wait for one too long.
    if isinstance(error, IncompleteCommit | ConnectionAcquisitionTimeoutError):
        return True
    if isinstance(error, DriverError | Neo4jError) and error.is_retryable():
        return True
    return getattr(error, "code", None) in _PASSING_CODES


def is_missing_index(error: BaseException | None) -> bool:
    """Whether a search asked an index that somebody has removed, which the older procedures tell in words alone."""
    code, text = getattr(error, "code", None), str(getattr(error, "message", ""))
    unknown = "There is no such" in text and "schema index" in text
    return code == "Neo.ClientError.Schema.IndexNotFound" or (
        code == "Neo.ClientError.Procedure.ProcedureCallFailed" and unknown
    )


def is_wrong_argument(error: BaseException | None) -> bool:
    """Whether a function refused its arguments, as those that compare vectors do with ones they cannot compare."""
    return getattr(error, "code", None) == "Neo.ClientError.Statement.ArgumentError"


def is_there_already(error: BaseException | None) -> bool:
    """Whether something could not be made because somebody else has just made it."""
    return getattr(error, "code", None) in (
        "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists",
        "Neo.ClientError.Schema.ConstraintAlreadyExists",
        "Neo.ClientError.Schema.IndexAlreadyExists",
    )


def translate(error: Exception, config: Neo4jConfig, *, writing: bool) -> GraphMemoryError:
    """Our error for one of the driver's.

    The server's own words may repeat what a statement held, so only its code is passed on.

    Args:
        error: What the driver raised.
        config: Names the server in the message.
        writing: Whether a write failed; all of it has been rolled back.
    """
    code: str = getattr(error, "code", None) or type(error).__name__
    return (
        _settings(error, code, config)
        or _refusal(error, code, config, MemoryStorageError if writing else VectorStoreError)
        or _absence(error, code, config)
        or (MemoryStorageError if writing else VectorStoreError)(
            f"{config.uri} refused the {'write' if writing else 'query'} ({code}).", field="neo4j"
        )
    )


def _settings(error: Exception, code: str, config: Neo4jConfig) -> GraphMemoryError | None:
    """Errors that another setting ends."""
    from neo4j import exceptions as driver

    if isinstance(error, driver.AuthError) or code.startswith("Neo.ClientError.Security.Auth"):
        return VectorStoreError(
            f"{config.uri} refused the credentials of user {config.username!r}.",
            field="neo4j.password",
            remedy="Set NEO4J_USERNAME and NEO4J_PASSWORD (or neo4j.token) to what the server expects.",
        )
    if code == "Neo.ClientError.Database.DatabaseNotFound":
        return VectorStoreError(
            f"{config.uri} has no database {config.database!r}.",
            field="neo4j.database",
            remedy="Leave it out for the home database, or name one that SHOW DATABASES lists.",
        )
    if isinstance(error, driver.ConfigurationError | driver.UnsupportedServerProduct):
        return VectorStoreError(
            f"{config.uri} cannot be used with these settings ({code}).",
            field="neo4j.uri",
            remedy="Use bolt:// or neo4j:// as the server offers, with +s where it has a certificate.",
        )
    return None


def _refusal(error: Exception, code: str, config: Neo4jConfig, kind: type[GraphMemoryError]) -> GraphMemoryError | None:
    """Errors of a server that is there but will not do it."""
    from neo4j import exceptions as driver

    if code in _READ_ONLY_CODES or isinstance(error, driver.Forbidden):
        return kind(
            f"{config.uri} does not allow user {config.username!r} to do this ({code}).",
            field="neo4j.username",
            remedy="Grant the user the right to write, or connect to a server that is not read-only.",
        )
    if code in _MEMORY_CODES:
        return kind(
            f"{config.uri} has too little memory for this ({code}).",
            field="vector_store.max_batch_size",
            remedy="Raise server.memory.heap.max_size of the server, or lower the batch size.",
        )
    if isinstance(error, driver.ConstraintError):
        return kind(
            f"{config.uri} refused a value that exists already ({code}); nothing of the call was kept.",
            field="neo4j.database",
            remedy="If it lasts, another program writes into this database: give the memory its own.",
        )
    return None


def _absence(error: Exception, code: str, config: Neo4jConfig) -> GraphMemoryError | None:
    """Errors that pass by themselves, perhaps."""
    from neo4j import exceptions as driver

    if code in _TIMEOUT_CODES:
        return StoreUnavailableError(
            f"{config.uri} did not finish within {config.query_timeout:g} seconds and stopped.",
            field="neo4j.query_timeout",
            remedy="Try again when the server is less busy, or raise it.",
        )
    passing = (driver.ServiceUnavailable, driver.SessionExpired, driver.TransientError, OSError, TimeoutError)
    if isinstance(error, passing) or "Timeout" in code or "Unavailable" in code:
        return StoreUnavailableError(
            f"{config.uri} cannot be reached or does not answer ({code}).",
            field="neo4j.uri",
            remedy="Check that the server runs and the address is right, then try again.",
        )
    return None
