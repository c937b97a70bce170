"""What the tests of the core share: a point in time."""

from datetime import UTC, datetime

import pytest


@pytest.fixture(scope="session")
def now():
    return datetime(2026, 3, 1, tzinfo=UTC)
