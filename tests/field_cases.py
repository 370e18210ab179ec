"""Runs the field cases of tests/cases and holds each against tests/cases/expected.yml.

`python -m tests.field_cases [CASE ...]` runs those whose names begin so, or all; a run costs some 15 seconds. A case is
a landing zone as somebody really had it (`input/`) and where it is from (`expect.txt`). Holds no expectation of its
own.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.conftest import Reviewed, selfaudit

CASES = Path(__file__).parent / "cases"


def expectations() -> dict[str, dict[str, Any]]:
    """Case → what is expected of it."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load((CASES / "expected.yml").read_text(encoding="utf-8"))
    return loaded


def run_case(name: str, data: Path) -> Reviewed:
    """Review the landing zone of a case in the data folder, which does not exist yet."""
    shutil.copytree(CASES / name / "input", data / "landing")
    return selfaudit(data, "run")


def differences(name: str, reviewed: Reviewed) -> list[str]:
    """One sentence per expectation of the case that does not hold; none where all hold."""
    every = expectations()
    expected = every[name]
    if reviewed.exit_code not in expected.get("exit", [0, 3]):
        return [f"exit code {reviewed.exit_code}: {reviewed.output[-1500:]}"]
    wrong = [f"does not say {p!r}" for p in expected.get("says", []) if not re.search(p, reviewed.output)]
    wrong += [f"says {p!r}" for p in expected.get("silent_on", []) if re.search(p, reviewed.output)]
    with duckdb.connect(str(reviewed.published), read_only=True) as published:
        if not expected.get("any_findings"):
            wanted = set(expected.get("findings", every["00-base"]["findings"]))
            found = {
                f"{rule} {subject}"
                for rule, subject in published.execute(
                    "select rule_id, coalesce(split_part(person_key, '@', 1), offering_key, scope, '') from "
                    "calendar.findings "
                    "where review_month = (select max(review_month) from calendar.findings)"
                ).fetchall()
            }
            wrong += [f"not found: {f}" for f in sorted(wanted - found)] + [
                f"found: {f}" for f in sorted(found - wanted)
            ]
        for path, rows in expected.get("loaded", {}).items():
            entry = published.execute(
                "select verdict, rows_loaded, message from calendar.file_register where path = ? and drop <> "
                "'reference' order by drop desc limit 1",
                [path],
            ).fetchall()
            if not entry or entry[0][:2] != ("loaded", rows):
                wrong.append(f"{path}: {entry}, expected {rows} rows")
        for asked in expected.get("rows", []):
            query, answer = asked["query"], asked["answer"]
            try:
                got = [list(row) for row in published.execute(query).fetchall()]
            except duckdb.Error as error:
                got = [[str(error)]]
            if got != answer:
                wrong.append(f"{query}: {got}, expected {answer}")
    return wrong


def main(prefixes: list[str]) -> int:
    """Run the cases and print what differs; the number of cases that do."""
    failed = 0
    for name in expectations():
        if prefixes and not name.startswith(tuple(prefixes)):
            continue
        with tempfile.TemporaryDirectory() as folder:
            wrong = differences(name, run_case(name, Path(folder) / "data"))
        failed += bool(wrong)
        print(f"{name}: " + ("as expected" if not wrong else "\n    ".join(["", *wrong])), flush=True)
    print(f"{failed} cases differ")
    return failed


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
