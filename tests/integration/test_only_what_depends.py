"""A change makes what stands on it and nothing else, and what comes out is what making everything gives."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb

from pipelines.publish.publications import read_chain
from pipelines.run import ingestion, parts
from pipelines.settings import Settings
from tests.conftest import selfaudit

MONTH = "2026-10"


def files(data: Path) -> dict[str, tuple[bytes, int]]:
    """Every published partition and pack, with what tells whether it was written again."""
    published = data / "published"
    found = [*published.rglob("*.parquet"), *published.rglob("*.csv"), *published.rglob("*.zip")]
    return {str(p.relative_to(published)): (p.read_bytes(), p.stat().st_ino) for p in sorted(found)}


def add_row(data: Path, table: str, **values: str) -> None:
    path = data / "landing" / "reference" / f"{table}.csv"
    with path.open(newline="") as handle:
        names = next(csv.reader(handle))
    if not path.read_text().endswith("\n"):
        path.write_text(path.read_text() + "\n")
    with path.open("a", newline="") as handle:
        csv.DictWriter(handle, names, lineterminator="\n").writerow(values)


def published(data: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True)


def test_a_row_that_changes_no_figure_makes_nothing_and_a_decision_and_a_price_make_what_stands_on_them(copied: Path):
    before = files(copied)
    add_row(copied, "settings", key="holidays_country", value="DE")
    unread = selfaudit(copied, "run")
    assert unread.exit_code == 0, unread.output
    assert "nothing was made" in unread.output
    assert files(copied) == before
    assert selfaudit(copied, "verify").exit_code == 0, "the register names the file as it lies there now"
    assert "Nothing is new or changed" in selfaudit(copied, "run").output

    # Models read it, and none that is published gets another row.
    add_row(
        copied,
        "prices",
        offering_key="nobody_has_it",
        basis="contract",
        amount="7",
        currency="EUR",
        valid_from=f"{MONTH}-01",
    )
    unused = selfaudit(copied, "run")
    assert unused.exit_code == 0, unused.output
    assert "nothing was made" in unused.output
    assert files(copied) == before
    assert selfaudit(copied, "verify").exit_code == 0
    assert "Nothing is new or changed" in selfaudit(copied, "run").output

    with published(copied) as connection:
        ((finding,),) = connection.execute(
            "select finding_id from calendar.findings where review_month = ? and rule_id = 'USE-01' order by 1 limit 1",
            [MONTH],
        ).fetchall()
    whole = Path(shutil.copytree(copied, copied.with_name("whole"), symlinks=True))
    for data in (copied, whole):
        add_row(
            data,
            "dispositions",
            finding_id=finding,
            decided_at=f"{MONTH}-31 09:00:00",
            decision="false_positive",
            by="Ada Example",
            reason="shared",
        )
        add_row(
            data,
            "prices",
            offering_key="autocad",
            basis="contract",
            amount="999",
            currency="EUR",
            valid_from=f"{MONTH}-01",
        )
    with duckdb.connect(str(whole / "warehouse" / "selfaudit.duckdb")) as connection:
        connection.execute("delete from raw.made_from where review_month = ?", [MONTH])

    part, all_of_it = selfaudit(copied, "run", "--json"), selfaudit(whole, "run", "--json")
    assert part.exit_code == all_of_it.exit_code, part.output + all_of_it.output
    said, _ = json.JSONDecoder().raw_decode(part.output)
    assert said["months"] == [MONTH]
    assert said["because"] == {MONTH: ["reference.change", "reference.dispositions", "reference.prices"]}
    assert {"findings", "licence_position", "finding_causes"} <= set(said["outputs_made"])
    assert not {"token_burn", "file_register", "token_backtest"} & set(said["outputs_made"])

    mine, theirs = files(copied), files(whole)
    assert {n: c for n, (c, _) in mine.items()} == {n: c for n, (c, _) in theirs.items()}
    of_month = (f"claims/{MONTH}.zip", f"do/{MONTH}/", f"files/{MONTH}/", "packs/", "publications/")
    untouched = {n for n in mine if f"review_month={MONTH}" not in n and not n.startswith(of_month)}
    assert {n: mine[n] for n in untouched} == {n: before[n] for n in untouched}
    with published(copied) as one, published(whole) as other:
        assert read_chain(one) == read_chain(other)
        assert max(e.version for e in read_chain(one) if e.review_month == MONTH) == 2
        tables = one.execute("select schema_name || '.' || table_name from duckdb_tables() order by 1").fetchall()
        assert (
            tables
            == other.execute("select schema_name || '.' || table_name from duckdb_tables() order by 1").fetchall()
        )
        for (table,) in tables:
            if table != "meta.last_made":
                rows = f"select * from {table} order by all"
                assert one.execute(rows).fetchall() == other.execute(rows).fetchall(), table
        made = one.execute("select because from meta.last_made where review_month = ?", [MONTH]).fetchall()
    assert made == [("reference.change, reference.dispositions, reference.prices",)]
    assert f"{MONTH}  " in (status := selfaudit(copied, "status").output) and "reference.dispositions" in status
    assert selfaudit(copied, "verify").exit_code == 0


def test_a_part_that_was_not_published_is_made_in_whole_and_so_is_a_month_whose_file_is_gone(copied: Path):
    settings, months = Settings(data=copied), [f"2026-{m:02d}" for m in range(5, 11)]
    add_row(
        copied,
        "prices",
        offering_key="nobody_has_it",
        basis="list",
        amount="1",
        currency="EUR",
        valid_from=f"{MONTH}-01",
    )
    ingestion.ingest(settings, months)
    (copied / "published" / "files" / MONTH / "findings.csv").rename(copied / "away.csv")
    assert parts.plan(settings, months).models is None
    (copied / "away.csv").rename(copied / "published" / "files" / MONTH / "findings.csv")
    plan = parts.plan(settings, months)
    assert plan.months == (MONTH,) and plan.models is not None and "int_price" in plan.models
    parts_of_october = plan.models
    with duckdb.connect(str(settings.warehouse)) as connection:
        parts.narrow(connection, plan)
    parts.make(settings, plan)
    ingestion.ingest(settings, months)
    again = parts.plan(settings, months)
    assert (again.months, again.models) == ((MONTH,), None), "what stands in the tables of the month is not known"
    assert again.because == {MONTH: (parts.NEVER_MADE,)} and "findings" in parts_of_october
