"""Nothing is concluded from a row that is missing in a part. One dbt run judges the last month of the demo many times:
as it is, and with rows of one input missing.

Each variant is a drop of its own with the same files, asked as of the same day: rows of one state input are taken out
and the input says that it is a part, or the rows of some persons are taken out and were rejected. Compared are the keys
of findings with those of the whole drop.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.run.months import set_months
from pipelines.settings import Settings
from tests.conftest import Reviewed
from tests.dbt.project import WAREHOUSE, dbt

STATE = (
    "subscriptions",
    "users",
    "usage_report",
    "groups",
    "sso_config",
    "flex_packs",
    "directory_users",
    "hr_workers",
    "contractors",
    "perpetual_licences",
    "device_inventory",
    "invoices",
)
# Percent of the rows that stay.
KEPT = (60, 20)
# Not a quarter's last month: what is made in those alone is not looked at.
LABELS = [f"{year}-{month}" for year in range(2101, 2110) for month in ("01", "02", "04", "05", "07", "08", "10", "11")]
WHOLE, REJECTED = "2100-01", "2100-02"
# Optional cells, a third of which cannot be read. What they say is not known then; that they say nothing is not.
UNREAD = {
    "2110-01": ("usage_report", "last_accessed"),
    "2110-02": ("usage_report", "assigned_date"),
    "2110-04": ("directory_users", "last_sign_in_at"),
    "2110-05": ("hr_workers", "hire_date"),
    "2110-07": ("subscriptions", "autorenew_date"),
    "2110-08": ("contractors", "end_date"),
}
# LRT-14 names an activated feature where LRT-03 does not: it is a fact, and no accusation. USE-10 matches seats with
# receivers: with other seats other pairs, all of them there. ENT-14 asks a question and names nobody.
OTHER_PAIRS = {"USE-10", "ENT-14", "LRT-14"}
# What a seat costs is that of its contract, which a part of the subscriptions may not name: the list price stands then
# (docs/limits.md).
BY_PRICE = {"USE-03", "USE-04", "USE-05", "USE-06"}


@dataclass(frozen=True)
class Judged:
    """The variants by label (input, percent kept), the persons of whom a directory row was rejected, and the file with
    the results.
    """

    parts: dict[str, tuple[str, int]]
    rejected: list[str]
    results: Path

    def rows(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.results), read_only=True) as con:
            return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def judged(demo: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The demo's last month and its variants, judged in one run of dbt."""
    folder = tmp_path_factory.mktemp("parts")
    results = folder / WAREHOUSE
    shutil.copy(demo.data / "warehouse" / "selfaudit.duckdb", results)
    parts = dict(zip(LABELS, [(name, kept) for name in STATE for kept in KEPT], strict=False))
    with duckdb.connect(str(results)) as con:
        month = "2026-10"
        set_months(Settings(demo.data), con, [month])
        ((as_of,),) = con.execute("select as_of from raw.run_month where review_month = ?", [month]).fetchall()
        con.execute("create or replace temp table run_month as select * from raw.run_month where false")
        persons = [
            p
            for (p,) in con.execute(
                "select distinct s.person_key from intermediate.int_seat as s join intermediate.int_person as p using "
                "(review_month, person_key) "
                f"where review_month = '{month}' and p.match_grade = 'mail' and p.domain_kind = 'corporate' and "
                "p.hr_src is null or "
                f"(review_month = '{month}' and p.match_grade = 'mail' and p.domain_kind = 'corporate' and "
                "s.person_key > 'm') order by 1 limit 10"
            ).fetchall()
        ]
        for label in (WHOLE, REJECTED, *UNREAD, *parts):
            _copy(con, month, label, *parts.get(label, (None, 100)))
            con.execute("insert into run_month values (?, ?, ?, ?)", [label, as_of, label, month])
        for label, (name, column) in UNREAD.items():
            some = f"raw.{name} where _drop = ? and hash(_src, ?) % 100 < 34 and {column} is not null"
            con.execute(
                "insert into raw.unread_cell (drop, input, column_name, cells) values (?, ?, ?, 1)",
                [label, name, column],
            )
            con.execute(
                f"insert into raw.unread_row select _drop, ?, ?, _src from {some}", [name, column, label, label]
            )
            con.execute(f"update {some.replace(' where ', f' set {column} = null where ', 1)}", [label, label])
        con.execute("delete from raw.directory_users where _drop = ? and list_contains(?, mail)", [REJECTED, persons])
        con.execute("delete from raw.hr_workers where _drop = ? and list_contains(?, email)", [REJECTED, persons])
        for person in persons:
            con.execute(
                "insert into raw.rejected_subject values (?, 'directory_users', 'd.csv', 1, 'address', ?)",
                [REJECTED, person],
            )
        con.execute("delete from raw.run_month")
        con.execute("insert into raw.run_month select * from run_month")
    code, said = dbt(folder, "run", "--select", "+rule_runs")
    assert code == 0, said[-4000:]
    return Judged(parts, persons, results)


def _copy(con: duckdb.DuckDBPyConnection, month: str, label: str, name: str | None, kept: int) -> None:
    """A drop `label` with the files of the month; of input `name` about `kept` percent of the rows, and it says so."""
    con.execute(
        "insert into raw.file_register select * replace (? as drop, case when input = ? then 'no' else complete end "
        "as complete) from raw.file_register where drop = ?",
        [label, name, month],
    )
    for table in STATE:
        some = f"and hash(_src, '{label}') % 100 < {kept}" if table == name else ""
        con.execute(
            f"insert into raw.{table} select * replace (? as _drop) from raw.{table} where _drop = ? {some}",
            [label, month],
        )
    for (table,) in con.execute(
        "select table_name from duckdb_columns() where schema_name = 'reference' and column_name = 'review_month' "
        "order by 1"
    ).fetchall():
        con.execute(
            f"insert into reference.{table} select * replace (? as review_month) from reference.{table} where "
            "review_month = ?",
            [label, month],
        )


KEY = (
    "rule_id, coalesce(team_alias, '') as team, coalesce(offering_key, '') as offering, coalesce(person_key, '') as "
    "person"
)
# The day of a cliff moves with the subscriptions that are left; whether the same seat is a ghost as left or as
# disabled, with the sources that are left.
SCOPE = (
    "case when rule_id = 'ENT-05' or (rule_id = 'IDN-01' and scope <> 'absent') then '' else coalesce(scope, '') "
    "end as scope"
)


def _new(judged: Judged, labels: Iterable[str]) -> list[tuple]:
    """Label and key of the findings that the whole drop does not have."""
    return judged.rows(
        f"with f as (select review_month, {KEY}, {SCOPE} from intermediate.int_finding) "
        f"select f.* from f where review_month in ({', '.join(repr(p) for p in labels)}) "
        "and (rule_id, team, offering, person, scope) not in (select (rule_id, team, offering, person, scope) from f "
        f"where review_month = '{WHOLE}') order by all"
    )


def test_a_part_of_any_state_input_names_nobody_whom_the_whole_does_not_name(judged: Judged) -> None:
    new = _new(judged, judged.parts)
    told = [
        (*judged.parts[label], *key)
        for label, *key in new
        if key[0] not in OTHER_PAIRS and not (judged.parts[label][0] == "subscriptions" and key[0] in BY_PRICE)
    ]
    assert told == []


def test_cells_that_cannot_be_read_name_nobody_whom_the_whole_does_not_name(judged: Judged) -> None:
    assert [(*UNREAD[label], *key) for label, *key in _new(judged, UNREAD) if key[0] not in OTHER_PAIRS] == []


def test_the_whole_drop_names_somebody_by_what_is_missing_so_that_the_test_above_can_fail(judged: Judged) -> None:
    rules = {
        r
        for (r,) in judged.rows(f"select distinct rule_id from intermediate.int_finding where review_month = '{WHOLE}'")
    }
    assert {"ENT-01", "ENT-02", "ENT-05", "IDN-01", "CON-02", "CON-04", "LRT-07", "USE-04", "ADM-05"} <= rules


def test_a_rule_that_stands_on_a_part_is_not_called_assessed(judged: Judged) -> None:
    wrong = judged.rows(
        "select r.review_month, r.rule_id from calendar.rule_runs as r join intermediate.int_rule_input as i using "
        "(rule_id) "
        "join intermediate.int_input_complete as c on c.review_month = r.review_month and c.input = i.input and "
        "c.months_back = i.months_back "
        "where not c.is_complete and r.assessability = 'assessed'"
    )
    assert wrong == []


def test_nobody_is_absent_because_a_row_was_rejected(judged: Judged) -> None:
    assert len(judged.rejected) == 10
    people = ", ".join(repr(p) for p in judged.rejected)
    assert (
        judged.rows(
            f"select rule_id, person_key from intermediate.int_finding where review_month = '{REJECTED}' and scope = "
            f"'absent' and person_key in ({people})"
        )
        == []
    )
    # Without the record that rows were rejected these persons would be absent.
    assert (
        judged.rows(
            f"select count(*) from intermediate.int_person where review_month = '{REJECTED}' and person_key in "
            f"({people}) and match_grade = 'none' and hr_src is null"
        )[0][0]
        >= 5
    )
