"""Whether what a query finds is nearer to it than the best of so many memories comes by chance.

The more memories there are, the more alike to any question is the most alike of them, though none answers it. So what
must speak for the best result grows with them: with seven a cosine of a quarter is much, with seven hundred it is what
a question about something else finds too, and then words must speak for it that are rare where it was found.
"""

import math

import numpy as np

from coda_graphmem.retrieval.candidates import Floats
from coda_graphmem.retrieval.constants import RankingConstants


def evidence(similarity: Floats, telling: Floats, unknown: float, constants: RankingConstants) -> float:
    """The most that speaks for any of the results, in [0, 1]; 0 without one.

    ``max over results of (1 - (1 - max(0, cosine)) * (1 - w)) * (1 - chance_unknown * u)``: meaning and words remove
    doubt one after the other.

    Args:
        similarity: Cosine of each to the query, NaN without a vector; shape (n,).
        telling: Share of the query's words each holds, by how telling they are, in [0, 1]: w.
        unknown: Share of the names in the query that none of them holds, in [0, 1]: u.
    """
    meant = np.clip(np.nan_to_num(similarity, nan=0.0), 0.0, 1.0)
    best = float((1.0 - (1.0 - meant) * (1.0 - telling)).max(initial=0.0))
    return best * (1.0 - constants.chance_unknown * unknown)


def chance_level(among: int, constants: RankingConstants, *, about_them: bool = False) -> float:
    """The `evidence` up to which the best of so many memories comes by chance, in [0, 1).

    ``min(chance_most, chance_one + chance_growth * ln(among))``.

    Args:
        among: Memories that were searched, at least 1.
        about_them: Whether the query names one who speaks there, or a time from which there are memories: then less is
            asked for, `RankingConstants.chance_about`.
    """
    level = constants.chance_one + constants.chance_growth * math.log(max(1, among))
    return min(constants.chance_most, level) * (constants.chance_about if about_them else 1.0)
