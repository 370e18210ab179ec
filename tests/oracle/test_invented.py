"""The oracle against an invented estate with spoilt drops: what is not concluded, and about whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Reviewed, once, selfaudit
from tests.oracle.compare import all_differences, review
from tests.oracle.estate import Estate
from tests.oracle.foundations import World
from tests.oracle.spoilt import spoilt

SEED = 31
SPOILT = ["part_subscriptions", "rejected_more", "unknown_more", "part_tokens"]


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """Four drops, each with another defect, reviewed."""

    def make(data: Path) -> str:
        spoilt(data / "landing", SEED, SPOILT)
        reviewed = selfaudit(data, "run")
        assert reviewed.exit_code == 3, reviewed.output
        return reviewed.output

    data, output = once(tmp_path_factory, "invented", make)
    return Reviewed(data, 3, output)


@pytest.mark.slow
def test_spoilt_drops_are_reviewed_as_the_text_says(invented: Reviewed) -> None:
    """Findings, assessability, positions, the auditor's count and the de-provisioning list of every month."""
    assert all_differences(invented.data, invented.published) == []


@pytest.mark.slow
def test_the_defects_are_seen_by_the_rules(invented: Reviewed) -> None:
    """Each drop leaves some rules in doubt, so that the comparison is about them."""
    estate = Estate(invented.data)
    for month in estate.drops:
        assert "partly" in review(World(estate, month))[0].values()
