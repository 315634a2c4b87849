"""What the cache holds, and how often it helped."""

from pydantic import BaseModel


class CachePartStatistics(BaseModel, frozen=True):
    """One kind of values, since the memory was opened."""

    hits: int
    """Look-ups that found a value."""
    misses: int
    """Look-ups that found none, or one that was outdated."""
    entries: int
    """Values that are kept, of all namespaces."""

    @property
    def hit_rate(self) -> float:
        """Share of look-ups that found a value, in [0, 1]; 0.0 where there was none."""
        return self.hits / max(self.hits + self.misses, 1)


class CacheStatistics(BaseModel, frozen=True):
    """The cache of this process, which all namespaces share; hits and misses of results and memories are of one."""

    queries: CachePartStatistics
    """Vectors of queries."""
    results: CachePartStatistics
    """Results of searches."""
    memories: CachePartStatistics
    """Memories by id."""
    entries: int
    max_entries: int
    bytes: int
    """About how much memory is taken."""
    max_bytes: int
    ttl_minutes: float | None
    """Minutes after which a value is not used any more; None for no end."""
