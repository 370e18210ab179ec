"""A small estate whose prices have changed since it was published, and what an undisturbed run makes of it: faults are
tried on copies.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Reviewed, once, selfaudit
from tests.fault.surroundings import STABLE, Estate, files


@pytest.fixture(scope="session")
def estate(small: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Estate:
    def make(folder: Path) -> str:
        base = Path(shutil.copytree(small.data, folder / "base", symlinks=True))
        prices = base / "landing" / "reference" / "prices.csv"
        text = prices.read_text()
        assert "2600" in text
        prices.write_text(text.replace("2600", "2611"))
        undisturbed = shutil.copytree(base, folder / "undisturbed")
        done = selfaudit(undisturbed, "run")
        assert done.exit_code in (0, 3), done.output
        return done.output

    folder, _ = once(tmp_path_factory, "fault", make)
    former, wanted = files(folder / "base"), files(folder / "undisturbed", STABLE)
    assert {k: v for k, v in former.items() if k in wanted} != wanted, "the change of the price shows nowhere"
    return Estate(folder / "base", former, wanted)
