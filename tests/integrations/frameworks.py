"""Leaves out tests of an adapter whose framework is missing, and says so."""

from __future__ import annotations

import pytest


def framework(module: str, package: str) -> None:
    """Skip the test file that calls this where a framework is not installed."""
    pytest.importorskip(
        module, reason=f"!! {package} IS NOT INSTALLED: ITS ADAPTER IS NOT TESTED HERE; make test-outside tests it"
    )
