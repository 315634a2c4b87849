"""Lengths of time in seconds."""

from __future__ import annotations

SECONDS_PER_HOUR = 3_600.0
SECONDS_PER_DAY = 86_400.0
