"""The landing zone of tests of ingestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.ingest.landing import Landing


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """An empty one."""
    return Landing(tmp_path)
