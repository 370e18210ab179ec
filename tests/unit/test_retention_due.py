"""What is past its time on a day: by the settings of the latest month, but for what contracts and claims hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.publications import GENESIS, Entry, append, retention_reason
from pipelines.run.retention import due, read_settings
from pipelines.settings import Settings

MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04"]
TODAY = date(2027, 6, 15)
# In May of that year January is past its time and no other month.
IN_MAY, DAY_BEFORE = date(2027, 5, 20), date(2027, 5, 19)


class Kept:
    """A data folder of four published months, with settings of retention, terms and claims."""

    def __init__(self, data: Path) -> None:
        self.settings = Settings(data=data, memory_limit="1GB", memory_source="")
        for path in (self.settings.warehouse, self.settings.published_database):
            path.parent.mkdir(parents=True)
        with duckdb.connect(str(self.settings.warehouse)) as con:
            for schema in ("calendar", "marts", "reference"):
                con.execute(f"create schema {schema}")
            con.execute("create schema if not exists raw")
            con.execute("create table reference.settings (review_month varchar, key varchar, value varchar)")
            con.execute("create table marts.dim_contract (review_month varchar, contract_number varchar, "
                        "start_date date, end_date date)")  # fmt: skip
            con.execute("create table raw.flex_packs (pack_id varchar, contract_number varchar, start_date date, "
                        "end_date date)")  # fmt: skip
            con.execute("create table calendar.claim_answers (review_month varchar, claim_id varchar, "
                        "period_from date, period_to date)")  # fmt: skip
        self.publish()

    def publish(self, taken: dict[str, str] | None = None) -> None:
        """The chain of the months; taken: month → class of what was taken away of it."""
        chain: list[Entry] = []
        for place, month in enumerate(MONTHS, 1):
            rest = ("", "", "", "", "", "", "selfaudit 0", GENESIS)
            chain.append(Entry(place, month, "findings", 1, 0, 0, 0, 0, "first", *rest))
        for month, kind in (taken or {}).items():
            chain.append(replace(chain[0], place=len(chain) + 1, review_month=month, reason=retention_reason(kind, 15)))
        self.settings.published_database.unlink(missing_ok=True)
        with duckdb.connect(str(self.settings.published_database)) as con:
            con.execute("create schema calendar")
            append(con, [], chain)

    def row(self, table: str, *values: object) -> None:
        with duckdb.connect(str(self.settings.warehouse)) as con:
            con.execute(f"insert into {table} values ({', '.join('?' * len(values))})", list(values))

    def due(self, today: date = TODAY) -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
        return {d.kind: (d.taken, dict(d.held)) for d in due(self.settings, today)}


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    made = Kept(tmp_path / "data")
    made.row("reference.settings", "2026-04", "retention_months_persons", "15")
    return made


@pytest.mark.parametrize(
    ("today", "taken"),
    [
        (date(2027, 4, 30), ()),
        # January is kept from its last day on, for fifteen months after it.
        (date(2027, 5, 1), ("2026-01",)),
        (date(2027, 5, 31), ("2026-01",)),
        (date(2027, 6, 1), ("2026-01", "2026-02")),
    ],
)
def test_a_month_is_past_its_time_when_so_many_months_after_it_are_over(
    kept: Kept, today: date, taken: tuple[str, ...]
):
    assert kept.due(today) == ({"persons": (taken, {})} if taken else {})


def test_the_setting_of_the_latest_month_counts_and_an_empty_one_takes_nothing(kept: Kept):
    kept.row("reference.settings", "2026-03", "retention_months_work", "1")
    kept.row("reference.settings", "2026-04", "retention_months_work", "")
    kept.row("reference.settings", "2026-03", "retention_months_packs", "9")
    kept.row("reference.settings", "2026-04", "retention_months_packs", "12")
    with duckdb.connect(str(kept.settings.warehouse)) as con:
        assert read_settings(con) == {"persons": 15, "packs": 12}
    with duckdb.connect() as con:
        assert read_settings(con) == {}


@pytest.mark.parametrize(
    ("table", "values", "held"),
    [
        ("marts.dim_contract", ("2026-04", "110", date(2026, 1, 31), None), "contract 110"),
        ("marts.dim_contract", ("2026-04", "110", date(2026, 2, 1), None), ""),
        ("marts.dim_contract", ("2026-04", "110", date(2025, 1, 1), IN_MAY), "contract 110"),
        ("marts.dim_contract", ("2026-04", "110", date(2025, 1, 1), DAY_BEFORE), ""),
        ("marts.dim_contract", ("2026-03", "110", date(2025, 1, 1), None), ""),
        ("raw.flex_packs", ("P-1", "110", date(2026, 1, 1), IN_MAY), "tokens P-1"),
        ("raw.flex_packs", ("P-1", "110", date(2026, 1, 1), DAY_BEFORE), ""),
        ("calendar.claim_answers", ("2026-04", "C1", date(2026, 1, 31), date(2026, 1, 31)), "claim C1"),
        ("calendar.claim_answers", ("2026-04", "C1", None, date(2026, 1, 1)), "claim C1"),
        ("calendar.claim_answers", ("2026-04", "C1", None, date(2025, 12, 31)), ""),
        ("calendar.claim_answers", ("2026-04", "C1", date(2026, 1, 31), None), "claim C1"),
    ],
)
def test_what_a_contract_in_force_tokens_or_a_claim_cover_is_held_back(
    kept: Kept, table: str, values: tuple, held: str
):
    # So that every table has its latest month.
    kept.row("marts.dim_contract", "2026-04", "none", None, None)
    kept.row("calendar.claim_answers", "2026-04", "of another year", date(2020, 1, 1), date(2020, 1, 1))
    kept.row(table, *values)
    wanted = ((), {"2026-01": held}) if held else (("2026-01",), {})
    assert kept.due(IN_MAY) == {"persons": wanted}
    kept.row("reference.settings", "2026-04", "retention_months_work", "15")
    assert kept.due(IN_MAY)["work"] == (("2026-01",), {}), "work files are no evidence"


def test_of_several_that_hold_a_month_one_is_named_and_the_others_counted(kept: Kept):
    for number in ("110", "111", "112"):
        kept.row("marts.dim_contract", "2026-04", number, date(2025, 1, 1), None)
    assert kept.due(IN_MAY)["persons"][1] == {"2026-01": "contract 110 and 2 more"}


def test_what_was_taken_away_is_not_taken_again_unless_it_was_delivered_once_more(kept: Kept):
    kept.row("reference.settings", "2026-04", "retention_months_deliveries", "15")
    kept.publish({"2026-01": "deliveries", "2026-02": "persons"})
    assert kept.due() == {"deliveries": (("2026-02",), {}), "persons": (("2026-01",), {})}
    (kept.settings.landing / "2026-01").mkdir(parents=True)
    (kept.settings.landing / "2026-01" / "users.csv").write_text("x")
    assert kept.due()["deliveries"] == (("2026-01", "2026-02"), {})
