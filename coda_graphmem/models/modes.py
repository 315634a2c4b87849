"""The choices of retrieval."""

from typing import Literal

#: How memories are found and ranked: by all three ways, without the graph, by vectors alone, by text alone.
RetrievalMode = Literal["graph", "hybrid", "vector", "text"]

#: How the rankings of several queries become one.
AggregationMethod = Literal["weighted_average", "max", "reciprocal_rank"]
