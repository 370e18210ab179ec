"""Parameters are dated: a change is seen before it holds (what-if), holds from its day on, and is named as the cause of
what it alone brought.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb

from tests.conftest import Reviewed, selfaudit

MONTH, BEFORE = "2026-10", "2026-09"
ROW = "USE-01,days,60"


def query(data: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def found(data: Path, month: str) -> set[str]:
    return {i for (i,) in query(data, f"select finding_id from calendar.findings where review_month = '{month}'")}


def hashes(data: Path) -> dict[str, str]:
    return {
        str(p.relative_to(data)): hashlib.sha256(p.read_bytes()).hexdigest()
        for part in ("published", "warehouse", "landing")
        for p in sorted((data / part).rglob("*"))
        if p.is_file()
    }


def test_what_if_says_what_a_stricter_parameter_brings_and_once_it_holds_it_is_named_as_the_cause(copied: Path):
    table = copied.parent / "stricter.csv"
    table.write_text(f"rule_id,parameter,value\n{ROW}\n")
    untouched, now, earlier = hashes(copied), found(copied, MONTH), found(copied, BEFORE)

    said = selfaudit(copied, "what-if", "--parameters", str(table), MONTH, "--json")
    assert said.exit_code == 0, said.output
    asked, _ = json.JSONDecoder().raw_decode(said.output)
    come, go = {f["finding_id"] for f in asked["appear"]}, {f["finding_id"] for f in asked["vanish"]}
    (rule,) = [r for r in asked["rules"] if r["rule_id"] == "USE-01"]
    assert come and rule["appear"] == len([f for f in asked["appear"] if f["rule_id"] == "USE-01"]) > 0
    assert hashes(copied) == untouched

    own = copied / "landing" / "reference" / "rule_parameters.csv"
    assert not own.exists()
    own.write_text(f"rule_id,parameter,value,valid_from,valid_to,source\n{ROW},{MONTH}-01,,a stricter house rule\n")
    run = selfaudit(copied, "run")
    assert run.exit_code in (0, 3), run.output
    assert found(copied, MONTH) - now == come and now - found(copied, MONTH) == go
    assert found(copied, BEFORE) == earlier
    causes = query(
        copied,
        f"select finding_id, change, detail from calendar.finding_causes where review_month = '{MONTH}' and cause = "
        "'rule'",
    )
    assert {i for i, change, _ in causes if change == "appeared"} == come
    assert {i for i, change, _ in causes if change == "vanished"} == go
    assert {detail for _, _, detail in causes} == {"rule_parameters USE-01 days: value 90 → 60"}
    assert query(
        copied, f"select count(*) from calendar.finding_causes where review_month < '{MONTH}' and cause = 'rule'"
    ) == [(0,)]
    versions = dict(
        query(
            copied, "select review_month, max(version) from calendar.publications where output = 'findings' group by 1"
        )
    )
    assert versions[MONTH] == 2 and versions[BEFORE] == 2  # September's second version is that of its late rows


def test_what_if_refuses_what_it_cannot_ask_in_words(demo: Reviewed, tmp_path: Path):
    assert "There is no file" in selfaudit(demo.data, "what-if", "--parameters", str(tmp_path / "no.csv"), MONTH).output
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    done = selfaudit(demo.data, "what-if", "--parameters", str(other), MONTH)
    assert done.exit_code == 1 and "is not a reference table" in done.output and "Traceback" not in done.output
    table = tmp_path / "table.csv"
    table.write_text("rule_id,parameter,value\nUSE-01,days,60\n")
    done = selfaudit(demo.data, "what-if", "--parameters", str(table), "2020-01")
    assert done.exit_code == 1 and "2020-01 was never made" in done.output
    assert not (demo.data / "state" / "what-if").exists()
