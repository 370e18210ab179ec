"""Reference tables per review month: which copy wins, what becomes of defaults, how intervals close, what is
refused.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.contracts import REFERENCE, raw_ddl
from pipelines.reference.resolve import ReferenceTableError, ensure_reference_schema, resolve_reference
from pipelines.run.basis import SETTINGS as SETTINGS_OF_MODELS

REGISTER = "_file_no INTEGER, drop VARCHAR, path VARCHAR, input VARCHAR, verdict VARCHAR, extra_columns VARCHAR"
OPEN = date(9999, 12, 31)


class Raw:
    """A warehouse with raw reference tables; `file` puts a file of a table into a drop."""

    def __init__(self, seeds: Path) -> None:
        self.con = duckdb.connect()
        self.con.execute("CREATE SCHEMA raw")
        for contract in REFERENCE.values():
            self.con.execute(raw_ddl(contract))
        self.con.execute(f"CREATE TABLE raw.file_register ({REGISTER})")
        self.seeds = seeds
        self.files = 0

    def file(
        self, table: str, *rows: dict[str, Any], drop: str = "reference", verdict: str = "loaded", extra: str = ""
    ) -> None:
        self.files += 1
        path = f"{table}{self.files}.csv"
        self.con.execute(
            "INSERT INTO raw.file_register VALUES (?, ?, ?, ?, ?, ?)", [self.files, drop, path, table, verdict, extra]
        )
        for number, row in enumerate(rows, start=1):
            values = {**row, "_drop": drop, "_file_no": self.files, "_row_number": number}
            values["_src"] = self.files * 10**10 + number
            names = ", ".join(f'"{n}"' for n in values)
            marks = ", ".join("?" * len(values))
            self.con.execute(f"INSERT INTO raw.ref_{table} ({names}) VALUES ({marks})", list(values.values()))

    def default(self, table: str, text: str) -> None:
        names = REFERENCE[table].column_names
        (self.seeds / "defaults").mkdir(parents=True, exist_ok=True)
        with (self.seeds / "defaults" / f"{table}.csv").open("w", encoding="utf-8", newline="") as handle:
            # How sure a row is, the tests do not say.
            rows = [row + [""] * (len(names) - len(row)) for row in csv.reader(text.splitlines())]
            csv.writer(handle, lineterminator="\n").writerows([names, *rows])

    def resolve(self, *months: str) -> list[str]:
        return resolve_reference(self.con, months or ("2026-10",), self.seeds)

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        listed = ", ".join(f'"{c}"' for c in columns)
        return self.con.execute(f"SELECT {listed} FROM reference.{table} ORDER BY ALL").fetchall()


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[Raw]:
    made = Raw(tmp_path)
    yield made
    made.con.close()


def price(amount: int, start: date | None = None, end: date | None = None, **more: Any) -> dict[str, Any]:
    row = {"offering_key": "revit", "basis": "list", "amount": amount, "currency": "EUR"}
    return {**row, "valid_from": start, "valid_to": end, **more}


def test_every_table_exists_empty_before_anything_is_resolved() -> None:
    with duckdb.connect() as con:
        ensure_reference_schema(con)
        ensure_reference_schema(con)
        found = {r[0] for r in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert found == {
            *REFERENCE, "rule_catalogue", "rule_needs", "rule_absences", "feature_codes", "signed_review"
        }  # fmt: skip


def test_tables_of_another_version_get_the_columns_of_this_one(raw: Raw) -> None:
    ensure_reference_schema(raw.con)
    raw.con.execute("alter table reference.product_aliases drop column certainty")
    raw.file("product_aliases", {"alias": "AutoCAD", "offering_key": "acad"})
    raw.con.execute("insert into reference.settings (review_month, key) values ('2026-09', 'organisation')")
    ensure_reference_schema(raw.con)
    assert raw.con.execute("select key from reference.settings").fetchall() == [("organisation",)]
    raw.resolve()
    found = raw.con.execute("select alias, certainty from reference.product_aliases").fetchall()
    assert found == [("autocad", None)]


def test_an_empty_end_is_the_day_before_the_next_beginning_of_the_key(raw: Raw) -> None:
    raw.file("prices", price(110, date(2026, 6, 1)), price(100), price(90, offering_key="maya"))
    raw.resolve()
    assert raw.rows("prices", "offering_key", "amount", "valid_from", "valid_to") == [
        ("maya", 90, date(1900, 1, 1), OPEN),
        ("revit", 100, date(1900, 1, 1), date(2026, 5, 31)),
        ("revit", 110, date(2026, 6, 1), OPEN),
    ]


def test_keys_differ_by_an_empty_part(raw: Raw) -> None:
    raw.file("prices", price(100), price(80, contract_number="1100"))
    raw.resolve()
    assert [r[0] for r in raw.rows("prices", "valid_to")] == [OPEN, OPEN]


def test_an_end_before_the_next_beginning_leaves_a_gap(raw: Raw) -> None:
    raw.file("prices", price(100, None, date(2026, 1, 31)), price(110, date(2026, 3, 1)))
    raw.resolve()
    assert raw.rows("prices", "valid_to") == [(date(2026, 1, 31),), (OPEN,)]


@pytest.mark.parametrize(
    "second",
    [
        price(110, date(2026, 3, 31)),
        price(110, date(2026, 3, 31), date(2026, 4, 30)),
        price(110, date(2026, 1, 1)),
    ],
)
def test_overlapping_intervals_are_an_error_that_names_both_rows(raw: Raw, second: dict[str, Any]) -> None:
    raw.file("prices", price(100, date(2026, 1, 1), date(2026, 3, 31)), second)
    with pytest.raises(ReferenceTableError, match=r"reference/prices1.csv row 1 and reference/prices1.csv row 2"):
        raw.resolve()


def test_the_day_after_the_end_is_no_overlap(raw: Raw) -> None:
    raw.file("prices", price(100, date(2026, 1, 1), date(2026, 3, 31)), price(110, date(2026, 4, 1)))
    assert raw.resolve() == []


def test_nothing_is_written_when_a_table_is_refused(raw: Raw) -> None:
    raw.file("prices", price(100))
    raw.resolve()
    raw.file("offerings", {"offering_key": "a", "name": "A", "kind": "product"})
    raw.file("prices", price(120))
    with pytest.raises(ReferenceTableError):
        raw.resolve()
    assert raw.rows("prices", "amount") == [(100,)]
    assert raw.rows("offerings", "name") == []


def test_the_same_row_twice_is_one_row_and_a_warning(raw: Raw) -> None:
    raw.file("prices", price(100, source="offer"), price(100, source="invoice"))
    (warning,) = raw.resolve()
    assert "prices1.csv row 2" in warning
    assert raw.rows("prices", "source") == [("offer",)]


def test_an_undated_key_with_two_meanings_names_both_rows(raw: Raw) -> None:
    raw.file("sso_domains", {"domain": "X.example", "kind": "corporate"}, {"domain": "x.example", "kind": "partner"})
    with pytest.raises(ReferenceTableError, match=r"row 1 and .* row 2"):
        raw.resolve()


def test_a_row_that_ends_before_it_begins_is_left_out_with_a_warning(raw: Raw) -> None:
    raw.file("prices", price(100, date(2026, 5, 1), date(2026, 4, 30)), price(90, date(2026, 5, 1)))
    (warning,) = raw.resolve()
    assert "end before they begin" in warning
    assert raw.rows("prices", "amount") == [(90,)]


def test_a_drops_own_copy_wins_as_a_whole_for_its_month_only(raw: Raw) -> None:
    raw.file("prices", price(100), price(50, offering_key="maya"))
    raw.file("prices", price(200), drop="2026-09")
    raw.resolve("2026-09", "2026-10")
    assert raw.rows("prices", "review_month", "offering_key", "amount") == [
        ("2026-09", "revit", 200),
        ("2026-10", "maya", 50),
        ("2026-10", "revit", 100),
    ]


def test_a_rejected_copy_of_a_drop_does_not_win(raw: Raw) -> None:
    raw.file("prices", price(100))
    raw.file("prices", drop="2026-10", verdict="rejected")
    raw.resolve()
    assert raw.rows("prices", "amount") == [(100,)]


def test_an_empty_copy_of_a_drop_wins(raw: Raw) -> None:
    raw.file("prices", price(100))
    raw.file("prices", drop="2026-10")
    raw.resolve()
    assert raw.rows("prices", "amount") == []


def test_several_files_of_one_copy_are_united(raw: Raw) -> None:
    raw.file("prices", price(100))
    raw.file("prices", price(110, date(2026, 6, 1)))
    raw.resolve()
    assert len(raw.rows("prices", "amount")) == 2


def test_months_of_earlier_runs_do_not_linger(raw: Raw) -> None:
    raw.file("prices", price(100))
    raw.resolve("2026-08", "2026-09")
    raw.resolve("2026-10")
    assert raw.rows("prices", "review_month") == [("2026-10",)]


def test_a_default_gives_way_to_any_row_of_its_key_whenever_that_begins(raw: Raw) -> None:
    raw.default("flex_rates", "revit,10,,,s,2026-01-01\nautocad,7,,,s,2026-01-01\n")
    raw.file("flex_rates", {"offering_key": "revit", "tokens_per_day": 12, "valid_from": date(2026, 6, 1)})
    raw.resolve()
    assert raw.rows("flex_rates", "offering_key", "tokens_per_day", "valid_from", "is_default") == [
        ("autocad", 7, date(1900, 1, 1), True),
        ("revit", 12, date(2026, 6, 1), False),
    ]


def test_a_default_alias_gives_way_to_another_spelling_of_the_same_alias(raw: Raw) -> None:
    raw.default("product_aliases", "autocad_lt,autocad_lt,,,s,2026-01-01\n")
    raw.file("product_aliases", {"alias": " AutoCAD®-LT ", "offering_key": "acad_light"})
    raw.resolve()
    assert raw.rows("product_aliases", "alias", "offering_key") == [("autocad_lt", "acad_light")]


@pytest.mark.parametrize("value", ["false", "False", "no", "0"])
def test_defaults_can_be_switched_off(raw: Raw, value: str) -> None:
    raw.default("flex_rates", "revit,10,,,s,2026-01-01\n")
    raw.file("settings", {"key": "use_defaults", "value": value})
    raw.resolve()
    assert raw.rows("flex_rates", "offering_key") == []


def test_switching_off_holds_for_the_months_whose_copy_says_so(raw: Raw) -> None:
    raw.default("flex_rates", "revit,10,,,s,2026-01-01\n")
    raw.file("settings", {"key": "use_defaults", "value": "false"}, drop="2026-09")
    raw.resolve("2026-09", "2026-10")
    assert raw.rows("flex_rates", "review_month") == [("2026-10",)]


def test_parameters_of_rules_are_there_even_without_defaults(raw: Raw) -> None:
    raw.default("rule_parameters", "USE-01,days,90,,,s,2026-01-01\n")
    raw.file("settings", {"key": "Use defaults", "value": "false"})
    raw.resolve()
    assert raw.rows("rule_parameters", "value") == [("90",)]


def test_a_dated_parameter_of_the_company_leaves_the_default_for_the_other_days(raw: Raw) -> None:
    raw.default("rule_parameters", "USE-01,days,90,,,s,2026-01-01\n")
    june, july = date(2026, 6, 1), date(2026, 7, 31)
    raw.file(
        "rule_parameters",
        {"rule_id": "USE-01", "parameter": "days", "value": "60", "valid_from": june, "valid_to": july},
    )
    raw.resolve()
    assert raw.rows("rule_parameters", "valid_from", "valid_to", "value") == [
        (date(1900, 1, 1), date(2026, 5, 31), "90"),
        (june, july, "60"),
        (date(2026, 8, 1), OPEN, "90"),
    ]


def test_a_parameter_of_one_offering_does_not_replace_the_general_one(raw: Raw) -> None:
    raw.default("rule_parameters", "USE-01,days,90,,,s,2026-01-01\n")
    raw.file("rule_parameters", {"rule_id": "USE-01", "parameter": "days:revit", "value": "30"})
    raw.resolve()
    assert raw.rows("rule_parameters", "parameter", "value") == [("days", "90"), ("days:revit", "30")]


@pytest.mark.parametrize(
    ("pairs", "word"),
    [
        ([("a@x.example", "b@x.example"), ("b@x.example", "c@x.example")], "a chain"),
        ([("a@x.example", "b@x.example"), ("b@x.example", "a@x.example")], "a loop"),
        ([("a@x.example", "a@x.example")], "a loop"),
    ],
)
def test_person_aliases_lead_to_the_person_in_one_step(raw: Raw, pairs: list[tuple[str, str]], word: str) -> None:
    raw.file("person_aliases", *({"alias_email": a, "email": b} for a, b in pairs))
    with pytest.raises(ReferenceTableError, match=f"{word}.*person_aliases1.csv row 1"):
        raw.resolve()


def test_several_aliases_of_one_person_are_fine(raw: Raw) -> None:
    raw.file(
        "person_aliases",
        {"alias_email": "a@x.example", "email": "c@x.example"},
        {"alias_email": "b@x.example", "email": "c@x.example"},
    )
    assert raw.resolve() == []


def test_the_rule_catalogue_is_loaded_where_it_exists(raw: Raw) -> None:
    (raw.seeds / "rule_needs.csv").write_text("rule_id,need,at,optional,one_of\nENT-01,A,A,,\n", encoding="utf-8")
    raw.resolve()
    assert raw.rows("rule_needs", "rule_id", "need", "optional") == [("ENT-01", "A", None)]
    assert raw.rows("rule_catalogue", "rule_id") == []


def test_evidence_of_a_row_is_its_file_and_row(raw: Raw) -> None:
    raw.file("prices", price(100))
    raw.default("flex_rates", "revit,10,,,s,2026-01-01\n")
    raw.resolve()
    assert raw.rows("prices", "_src") == [(10**10 + 1,)]
    assert raw.rows("flex_rates", "_src") == [(None,)]


def test_the_shipped_defaults_resolve_and_name_their_sources(raw: Raw) -> None:
    assert resolve_reference(raw.con, ["2026-10"]) == []
    for table in ("rule_parameters", "product_aliases", "offerings", "collection_members", "flex_rates"):
        found = raw.rows(table, "source", "read_on", "is_default")
        assert found
        assert all(source and read_on and is_default for source, read_on, is_default in found)


def test_every_shipped_offering_has_an_alias_of_its_own_name_and_members_are_offerings(raw: Raw) -> None:
    resolve_reference(raw.con, ["2026-10"])
    keys = {r[0] for r in raw.rows("offerings", "offering_key")}
    assert {r[0] for r in raw.rows("product_aliases", "offering_key")} == keys
    members = raw.rows("collection_members", "collection_key", "member_key")
    assert {k for pair in members for k in pair} <= keys


def test_no_price_is_shipped(raw: Raw) -> None:
    resolve_reference(raw.con, ["2026-10"])
    assert raw.rows("prices", "amount") == []
    assert raw.rows("token_prices", "amount") == []


# ---- names that nothing reads


@pytest.mark.parametrize(
    ("key", "named"), [("currancy", "'currency'"), ("use_default", "'use_defaults'"), ("Privacy-Mod", "'privacy_mode'"),
    ("retention_months_person", "'retention_months_persons'"), ("retention_months", "'retention_months_")],
)  # fmt: skip
def test_a_setting_that_nothing_reads_is_an_error_that_names_file_row_and_the_nearest(raw, key, named):
    raw.file("settings", {"key": "organisation", "value": "A"}, {"key": key, "value": "x"})
    with pytest.raises(ReferenceTableError, match=r"reference/settings1\.csv row 2.*" + named):
        raw.resolve()


def test_every_setting_that_something_reads_is_known_and_one_without_effect_is_told(raw):
    keys = [*SETTINGS_OF_MODELS, "use_defaults", "Holidays country"]
    raw.file("settings", *({"key": k, "value": "no"} for k in keys))
    (warning,) = raw.resolve()
    assert "holidays_country has no effect" in warning


def test_a_privacy_mode_that_is_neither_on_nor_off_is_refused(raw):
    raw.file("settings", {"key": "privacy mode", "value": "pseudonyms"})
    with pytest.raises(ReferenceTableError, match="expected on or off"):
        raw.resolve()
    assert raw.rows("settings", "key") == []


@pytest.mark.parametrize("value", ["Off", "on", "yes", "TRUE"])
def test_a_privacy_mode_that_is_on_or_off_is_accepted(raw, value):
    raw.file("settings", {"key": "privacy_mode", "value": value})
    assert raw.resolve() == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("deliveries", "14"), ("persons", "1.5"), ("packs", "0"), ("work", "two"), ("work", "-1"), ("deliveries", "1201")],
)
def test_months_of_retention_that_are_no_number_or_too_few_are_refused(raw, key, value):
    raw.file("settings", {"key": f"retention_months_{key}", "value": value})
    with pytest.raises(ReferenceTableError, match=rf"retention_months_{key} is '{value}'; expected .*settings1\.csv"):
        raw.resolve()


@pytest.mark.parametrize(("key", "value"), [("deliveries", "15"), ("persons", ""), ("packs", "1"), ("work", " 24 ")])
def test_months_of_retention_are_accepted(raw, key, value):
    raw.file("settings", {"key": f"retention months {key}", "value": value})
    assert raw.resolve() == []


@pytest.mark.parametrize(
    ("rule", "parameter", "named"),
    [("USE-1", "days", "'USE-01'"), ("USE-01", "day", "'days'"), ("USE-01", "dayz:revit", "'days'")],
)
def test_a_parameter_that_no_rule_reads_is_an_error_that_names_file_row_and_the_nearest(raw, rule, parameter, named):
    raw.default("rule_parameters", "USE-01,days,90,,,s,2026-01-01\n")
    raw.file("rule_parameters", {"rule_id": rule, "parameter": parameter, "value": "30"})
    with pytest.raises(ReferenceTableError, match=r"reference/rule_parameters1\.csv row 1.*" + named):
        raw.resolve()


def test_a_column_that_is_written_wrong_is_an_error_that_names_the_nearest(raw):
    price = {"offering_key": "revit", "basis": "list", "amount": 1, "currency": "EUR"}
    raw.file("prices", price, extra="valid form")
    with pytest.raises(ReferenceTableError, match=r"'valid form' of reference/prices1\.csv.*'valid_from'"):
        raw.resolve()


def test_columns_of_the_companys_own_are_welcome_and_told(raw):
    price = {"offering_key": "revit", "basis": "list", "amount": 1, "currency": "EUR"}
    raw.file("prices", price, extra="approved by the board, currency code, ticket")
    assert raw.resolve() == [
        "prices: of reference/prices1.csv these columns are not read: approved by the board, currency code, ticket"
    ]
    assert len(raw.rows("prices", "offering_key")) == 1
