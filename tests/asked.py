"""What a test asks for, as far as that is known before it runs."""

from __future__ import annotations

from typing import Any

import pytest


def asked_by(item: pytest.Item) -> set[str]:
    """The fixtures of a test, and what its parameters name: a fixture may ask for another by such a value."""
    return {*getattr(item, "fixturenames", ()), *map(str, parameters_of(item).values())}


def parameters_of(item: pytest.Item) -> dict[str, Any]:
    """The parameters of a test by name."""
    callspec = getattr(item, "callspec", None)
    return callspec.params if callspec else {}
