"""A small estate whose prices have changed since it was published, and what an undisturbed run makes of it: faults are tried on copies."""

from __future__ import annotations

import shutil

import pytest

from tests.conftest import selfaudit
from tests.fault.surroundings import STABLE, Estate, files


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    base = tmp_path_factory.mktemp("fault") / "base"
    made = selfaudit(base, "demo", "--persons", "100", "--months", "2", "--seed", "3")
    assert made.exit_code in (0, 3), made.output
    prices = base / "landing" / "reference" / "prices.csv"
    text = prices.read_text()
    assert "2600" in text
    prices.write_text(text.replace("2600", "2611"))
    undisturbed = shutil.copytree(base, base.with_name("undisturbed"))
    done = selfaudit(undisturbed, "run")
    assert done.exit_code in (0, 3), done.output
    former, wanted = files(base), files(undisturbed, STABLE)
    assert {k: v for k, v in former.items() if k in wanted} != wanted, "the change of the price shows nowhere"
    return Estate(base, former, wanted)
