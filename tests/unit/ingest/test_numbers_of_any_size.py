"""Numbers of files at the edges of what is held: below 10^15 they are read to the last decimal kept, from there on
their row is rejected with that reason.
"""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import INPUTS, REFERENCE, Type
from pipelines.contracts.contract import LIMIT
from pipelines.ingest.conform.judging import TOO_LARGE
from pipelines.ingest.forms.workbook import cell_text
from pipelines.ingest.load import load_landing
from pipelines.ingest.write.schema import ensure_schema

# Of each type of numbers a required column, and the other cells of its row.
COLUMNS = {
    Type.INTEGER: (
        "subscriptions",
        "seat_quantity",
        {"subscription_id": "S{}", "offering_name": "Revit", "start_date": "2026-01-01", "end_date": "2026-12-31"},
    ),
    Type.NUMBER: ("flex_balance", "tokens_available", {"team_alias": "T{}", "balance_date": "2026-10-01"}),
    Type.PRICE: ("prices", "amount", {"offering_key": "o{}", "basis": "list", "currency": "IDR"}),
    Type.RATE: ("exchange_rates", "per_unit", {"currency": "C{}"}),
}


def load(folder: Path, kind: Type, texts: list[str]) -> tuple[list[Decimal], list[tuple[str, str]]]:
    """The values of the rows that were loaded, in their order, and column and reason of those that were not."""
    name, column, others = COLUMNS[kind]
    place = folder / "landing" / ("2026-10" if name in INPUTS else "reference")
    place.mkdir(parents=True)
    (folder / "landing" / "2026-10").mkdir(exist_ok=True)
    lines = [",".join([*others, column])]
    lines += [",".join([*(v.format(i) for v in others.values()), f'"{text}"']) for i, text in enumerate(texts)]
    (place / "numbers.csv").write_text("\n".join(lines) + "\n")
    with duckdb.connect() as con:
        ensure_schema(con)
        load_landing(con, folder / "landing", [place.name], folder / "scratch")
        table = (INPUTS.get(name) or REFERENCE[name]).table
        values = [v for (v,) in con.execute(f"select {column} from {table} order by _row_number").fetchall()]
        return values, con.execute("select column_name, reason from raw.rejected_rows order by row_number").fetchall()


def test_every_type_of_numbers_has_an_example():
    assert {t for t in Type if t.is_number} == set(COLUMNS)
    for kind, (name, column, _) in COLUMNS.items():
        contract = INPUTS.get(name) or REFERENCE[name]
        assert {c.name: c.type for c in contract.columns}[column] is kind


@pytest.mark.parametrize("kind", list(COLUMNS))
def test_numbers_below_the_limit_are_read_to_the_last_decimal_and_the_limit_is_too_large(tmp_path, kind):
    places = 0 if kind is Type.INTEGER else int(kind.sql.split(",")[1].rstrip(")"))
    draw = random.Random(7)
    units = [draw.randrange(10 ** draw.randint(1, 15 + places)) for _ in range(200)] + [1, LIMIT * 10**places - 1]
    good = [f"{Decimal(f'{n}e-{places}'):f}" for n in units]
    values, rejected = load(tmp_path, kind, [*good, f"{LIMIT}", "1,000,000,000,000,000"])
    assert [Decimal(v) for v in values] == [Decimal(text) for text in good]
    assert [column for column, _ in rejected] == [COLUMNS[kind][1]] * 2
    assert all(TOO_LARGE in reason and f"{LIMIT:,}" in reason for _, reason in rejected)


def test_decimals_beyond_those_kept_are_rounded_half_away_from_zero(tmp_path):
    values, rejected = load(tmp_path, Type.PRICE, ["414.0000000001", "0.0000005", "-0.0000005", "0.0000004999"])
    assert (values, rejected) == ([Decimal("414"), Decimal("0.000001"), Decimal("-0.000001"), Decimal(0)], [])


def test_a_tiny_or_large_number_of_a_workbook_is_written_as_files_write_numbers():
    assert [cell_text(v) for v in (5.67e-05, 1e-07, 0.1, 12.0)] == ["0.0000567", "0.0000001", "0.1", "12"]
    assert Decimal(cell_text(1e15)) == LIMIT and "e" not in cell_text(1e22)
