"""How long random inputs are looked for: a moment in the suite, as long as one likes by ``make fuzz``.

``FUZZ_PROFILE=long`` chooses the long search; ``--hypothesis-seed`` makes a search again. The short one is the same
each time, so that the suite is green or red for a reason.
"""

import os

from hypothesis import HealthCheck, settings

#: Whether this is a long search.
LONG = os.environ.get("FUZZ_PROFILE") == "long"

#: Put over a test with ``@given``, below which it stands: ``@fuzzed``, then ``@given(…)``.
fuzzed = settings(
    max_examples=400 if LONG else 12,
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=list(HealthCheck),
)
