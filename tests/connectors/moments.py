"""Moments that tests name."""

from datetime import UTC, datetime

LONG_AGO = datetime(2025, 3, 1, tzinfo=UTC)
