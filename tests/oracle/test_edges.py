"""The oracle against an invented estate with its edges: what chance never draws, reviewed and compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Reviewed, once, selfaudit
from tests.oracle.compare import all_differences
from tests.oracle.edges import EDGES, edged

SEED = 54


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """Four drops with every edge but the second files, reviewed."""

    def make(data: Path) -> str:
        edged(data / "landing", SEED, [*(name for name in EDGES if name != "corrected"), "decisions"])
        reviewed = selfaudit(data, "run")
        # Every output was made, whatever could be assessed.
        assert reviewed.exit_code in (0, 3), reviewed.output
        return reviewed.output

    data, output = once(tmp_path_factory, "edges", make)
    return Reviewed(data, 0, output)


@pytest.mark.thorough
def test_edges_are_reviewed_as_the_text_says(estate: Reviewed) -> None:
    """Findings, assessability, statuses and the tables beside them, of every month."""
    assert all_differences(estate.data, estate.published) == []
