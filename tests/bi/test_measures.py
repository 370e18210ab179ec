"""Measures mean the same everywhere: each runs on the published file, adds up where it says so, and BI definitions,
pages and documents use no other.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.measures import Measure, measures
from pipelines.publish.superset.bundle import bundle_files, read_dashboard, write_bundle
from pipelines.publish.workbooks.write import WITHOUT_WORKBOOK
from tests.conftest import ROOT, Reviewed

MONTH = "2026-10"
MODELS = ROOT / "dbt_project" / "models"
EXPOSURES = {e["name"]: e for e in yaml.safe_load((MODELS / "_exposures.yml").read_text())["exposures"]}
every_measure = pytest.mark.parametrize("measure", measures(), ids=lambda m: m.name)


@pytest.fixture(scope="module")
def published(demo: Reviewed) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        yield connection


def slices(published: duckdb.DuckDBPyConnection, measure: Measure) -> list[str]:
    """Conditions under which the measure may be asked: one value of each column that it must hold one value of."""
    if not measure.within_one:
        return ["true"]
    keys = ", ".join(measure.within_one)
    rows = published.execute(
        f"select distinct {keys} from {measure.relation} where review_month >= '2026-09' order by all"
    ).fetchall()
    return [
        " and ".join(
            f"{c} is null" if v is None else f"{c} = '{v}'" for c, v in zip(measure.within_one, row, strict=True)
        )
        for row in rows
    ]


@every_measure
def test_it_runs_on_the_published_file_and_is_the_plain_aggregate_where_it_may_be_asked(published, measure: Measure):
    plain = measure.aggregate + (f" filter (where {measure.only})" if measure.only else "")
    conditions = slices(published, measure)
    assert conditions
    for condition in conditions:
        asked = f"select {measure.expression}, {plain} from {measure.relation} where {condition}"
        (row,) = published.execute(asked).fetchall()
        assert row[0] == row[1], condition


@every_measure
def test_it_is_empty_where_months_or_currencies_are_mixed(published, measure: Measure):
    for column in measure.within_one:
        values = published.execute(f"select count(distinct {column}) from {measure.relation}").fetchall()[0][0]
        mixed = published.execute(f"select {measure.expression} from {measure.relation}").fetchall()
        if values > 1:
            assert mixed == [(None,)], column


@every_measure
def test_its_parts_add_up_along_the_columns_that_it_names(published, measure: Measure):
    for condition in slices(published, measure):
        whole = published.execute(f"select {measure.expression} from {measure.relation} where {condition}").fetchall()[
            0
        ][0]
        for column in measure.additive_over:
            parts = published.execute(
                f"select {measure.expression} from {measure.relation} where {condition} group by {column}"
            ).fetchall()
            known = [p for (p,) in parts if p is not None]
            assert sum(known) == (whole or 0), (column, condition)


@every_measure
def test_the_columns_it_names_are_in_its_table(published, measure: Measure):
    columns = {c for (c,) in published.execute("select name from pragma_table_info(?)", [measure.relation]).fetchall()}
    assert {*measure.within_one, *measure.additive_over} <= columns
    assert not set(measure.within_one) & set(measure.additive_over)
    if measure.unit == "money":
        assert any("currency" in c for c in measure.within_one), "amounts of two currencies have no sum"


def test_the_published_file_carries_every_measure(published):
    rows = published.execute("select measure, relation, expression, unit, within_one from meta.measures").fetchall()
    assert rows == [(m.name, m.relation, m.expression, m.unit, ";".join(m.within_one)) for m in measures()]


def test_the_dashboard_is_made_of_measures_only_each_of_the_table_it_belongs_to(tmp_path: Path):
    definition = read_dashboard()
    by_name = {m.name: m for m in measures()}
    for name, chart in definition["charts"].items():
        table = definition["datasets"][chart["dataset"]]["table"]
        for measure in chart.get("measures", []):
            assert by_name[measure].relation == table, name
    files = {path: yaml.safe_load(text) for path, text in bundle_files(tmp_path / "x.duckdb").items()}
    for path, content in files.items():
        if path.startswith("datasets/"):
            assert {m["metric_name"]: m["expression"] for m in content["metrics"]} == {
                m.name: m.expression
                for m in measures()
                if m.relation == f"{content['schema']}.{_table(definition, path)}"
            }
        if path.startswith("charts/"):
            used = [content["params"].get("metric"), *content["params"].get("metrics", [])]
            assert {u for u in used if u} <= set(by_name), path
            assert content["params"]["adhoc_filters"] == []


def _table(definition: dict, path: str) -> str:
    return definition["datasets"][Path(path).stem]["table"].split(".")[1]


def test_the_import_file_has_the_same_bytes_every_time(tmp_path: Path):
    for name in ("a.zip", "b.zip"):
        write_bundle(Path("/data/published/selfaudit.duckdb"), tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


# Figures of the month's page that are no measure: counts of what the page lists, one cell, persons of one question
# (ENT-14), and what has no price.
NO_MEASURE = re.compile(
    r"count\(\*\)|cast\(sum\(observed\) as bigint\)|max\(\w+\)|count\(last_use_after_leaving\)|count\(\*\) filter "
    r"\(where gap_auditor > 0 and .*"
)


def test_the_sums_on_the_page_of_a_month_are_measures(demo: Reviewed):
    text = (demo.data / "published" / "pages" / f"{MONTH}.html").read_text()
    quoted = set(re.findall(r'data-table="([^"]+)" data-measure="([^"]+)"', text))
    assert len(quoted) > 10
    known = {(m.relation, m.aggregate) for m in measures()}
    other = {(t, html.unescape(m)) for t, m in quoted if not NO_MEASURE.fullmatch(html.unescape(m))} - known
    # A sum of several rules' exposure is on no page; the page sums it per rule or per kind of seat.
    assert other == set()


def test_the_documentation_lists_every_measure():
    text = (ROOT / "docs" / "bi.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \| `([\w.]+)` \| ([^|]+) \| ([^|]*) \|", text, flags=re.M)
    assert listed == [(m.name, m.relation, m.unit, ", ".join(m.within_one) or "-") for m in measures()]


def test_exposures_name_what_each_reader_reads():
    def models_of(name: str) -> set[str]:
        return {re.fullmatch(r"ref\('(\w+)'\)", d)[1] for d in EXPOSURES[name]["depends_on"]}  # type: ignore[index]

    def named_in(*files: str, room: str = "report") -> set[str]:
        texts = [(ROOT / "pipelines" / room / f).read_text() for f in files]
        return {t for text in texts for t in re.findall(r"(?:calendar|marts)\.([a-z_]+)", text)}

    calendar = {p.stem for p in (MODELS / "calendar").rglob("*.sql")}
    marts = {p.stem for p in (MODELS / "marts").glob("*.sql")}
    definition = read_dashboard()
    tables = [d["table"] for d in [*definition["datasets"].values(), *definition["joins"].values()]]
    assert models_of("superset_dashboard") == {t.split(".")[1] for t in tables}
    assert models_of("published_file") == calendar | marts
    assert models_of("evidence_packs") == calendar
    assert models_of("workbooks") == {o for o in OUTPUT_ORDER if o not in WITHOUT_WORKBOOK}
    assert models_of("month_pages") == named_in(
        "month.py", "glance.py", "review_months.py", "rows.py", "pages.py", "actions.py"
    )
    assert models_of("work_files") == named_in("work_files.py", room="publish")
    assert models_of("documents") >= named_in("sent_documents.py")
    assert set().union(*(models_of(name) for name in EXPOSURES)) == calendar | marts
