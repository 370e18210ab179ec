"""`python -m tests.scoreboard [DATA] [PAGE]`: scores a reviewed demo (by default one made for it) and writes
`docs/scoreboard.md` anew.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb

from pipelines.demo.scoreboard import RuleScore, markdown, score
from tests.conftest import ROOT, selfaudit

PAGE = ROOT / "docs" / "scoreboard.md"
DEMO = ("demo", "--persons", "400", "--months", "6", "--seed", "7")


def scored(data: Path) -> list[RuleScore]:
    """The scores of a data folder that `selfaudit demo` made."""
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as connection:
        return score(connection, data / "demo" / "truth.csv")


def main(data: Path | None, page: Path) -> int:
    """Write the page; print what was missed, what spoke, what nobody planted. 1 if there is any."""
    with tempfile.TemporaryDirectory() as folder:
        if data is None:
            data = Path(folder) / "data"
            made = selfaudit(data, *DEMO)
            if made.exit_code:
                print(made.output)
                return 1
        scores = scored(data)
    page.write_text(markdown(scores), encoding="utf-8")
    wrong = [
        f"{s.rule_id} {what}: {note}"
        for s in scores
        for what, notes in (("missed", s.missed), ("near-miss spoke", s.spoke), ("not planted", s.unplanned))
        for note in notes
    ]
    print("\n".join(wrong) or f"{len(scores)} rules, precision and recall 1.0")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = [Path(a) for a in sys.argv[1:]]
    sys.exit(main(arguments[0] if arguments else None, arguments[1] if len(arguments) > 1 else PAGE))
