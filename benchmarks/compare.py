"""`python -m benchmarks.compare PUBLISHED PEER`: two publications, rule by rule and key by key, over all months; then
whole tables cell by cell.

Holds what is compared: of findings the columns of COLUMNS, numbers rounded to six decimals; of other tables, those that
the peer says it makes whole. A rule that the peer does not know is not compared, and is listed.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import duckdb

COLUMNS = {
    "observed": "round(observed::double, 6)",
    "threshold": "round(threshold::double, 6)",
    "excess": "round(excess::double, 6)",
    "exposure_amount": "round(exposure_amount::double, 2)",
    "severity": "severity",
}


@dataclass(frozen=True)
class Compared:
    """What a comparison found. findings: those of the rules compared, in `months`; lines: one per rule and kind of
    difference; left_out: rules and their findings that the peer does not make.
    """

    months: int
    findings: int
    differences: int
    lines: list[str]
    left_out: dict[str, int]

    def text(self) -> str:
        """In a few lines."""
        out = ", ".join(f"{rule} {n:,}" for rule, n in self.left_out.items()) or "none"
        if len(self.left_out) > 6:
            out = f"{sum(self.left_out.values()):,} findings of {len(self.left_out)} other rules"
        first = (
            f"{self.differences:,} differences in {self.findings:,} findings of {self.months} months; not made by "
            f"the peer: {out}"
        )
        return "\n".join([first, *(f"    {line}" for line in self.lines)])


def compare(published: Path, peer: Path, rules: list[str], left_out: tuple[str, ...] = ()) -> Compared:
    """Compare findings of `rules` in two DuckDB files. published: of selfaudit; peer: has a table `findings`; left_out:
    columns of COLUMNS that the peer does not have.
    """
    names = [n for n in COLUMNS if n not in left_out]
    columns = ", ".join(f"{COLUMNS[n]} as {n}" for n in names)
    known = ", ".join(f"'{r}'" for r in rules)
    with duckdb.connect() as con:
        con.execute(f"attach '{published}' as ours (read_only); attach '{peer}' as peer (read_only)")
        for table, source in (("ours_found", "ours.calendar.findings"), ("peer_found", "peer.findings")):
            con.execute(
                f"create table {table} as select review_month, rule_id, finding_id, {columns} from {source} where "
                f"rule_id in ({known})"
            )
        differs = " or ".join(f"o.{n} is distinct from p.{n}" for n in names)
        which = " || ".join(f"case when o.{n} is distinct from p.{n} then ' {n}' else '' end" for n in names)
        rows = con.execute(
            f"""
            select coalesce(o.rule_id, p.rule_id), case when p.finding_id is null then ' only selfaudit'
                when o.finding_id is null then ' only the peer' else {which} end as kind,
                count(*), min(coalesce(o.review_month, p.review_month) || ' ' || coalesce(o.finding_id, p.finding_id))
            from ours_found as o full join peer_found as p on p.review_month = o.review_month
                and p.finding_id = o.finding_id
            where o.finding_id is null or p.finding_id is null or {differs}
            group by all order by all"""
        ).fetchall()
        findings, months = con.execute("select count(*), count(distinct review_month) from ours_found").fetchall()[0]
        others = con.execute(
            f"select rule_id, count(*) from ours.calendar.findings where rule_id not in ({known}) group by all order "
            "by all"
        ).fetchall()
    lines = [f"{rule}{kind}: {n:,}, first {first}" for rule, kind, n, first in rows]
    return Compared(months, findings, sum(r[2] for r in rows), lines, dict(others))


def compare_tables(published: Path, peer: Path, tables: dict[str, str]) -> Compared:
    """Compare tables cell by cell in the columns that both have. tables: name -> columns that are not compared,
    separated by blanks.
    """
    rows, differences, lines = 0, 0, []
    with duckdb.connect() as con:
        con.execute(f"attach '{published}' as ours (read_only); attach '{peer}' as peer (read_only)")
        for table, left_out in tables.items():
            sides = [f"ours.calendar.{table}", f"peer.{table}"]
            names = [[r[0] for r in con.execute(f"describe from {side}").fetchall()] for side in sides]
            columns = ", ".join(f'"{n}"::varchar' for n in names[0] if n in names[1] and n not in left_out.split())
            first, second = (f"select {columns} from {side}" for side in sides)
            only = [
                con.execute(f"select count(*) from ({a} except all {b})").fetchall()[0][0]
                for a, b in ((first, second), (second, first))
            ]
            rows += con.execute(f"select count(*) from {sides[0]}").fetchall()[0][0]
            differences += max(only)
            if any(only):
                lines.append(f"{table}: {only[0]:,} rows only of selfaudit, {only[1]:,} only of the peer")
    return Compared(0, rows, differences, lines, {})


def compare_all(published: Path, peer: Path, name: str) -> tuple[int, str]:
    """Compare with the peer of that name everything that it says it makes: number of differences, and what to print."""
    module = import_module(f"benchmarks.peers.{name}.run")
    findings = compare(published, peer, module.RULES)
    tables = compare_tables(published, peer, module.EQUAL)
    text = f"{len(module.RULES)} rules: {findings.text()}"
    if module.EQUAL:
        text += "\n" + "\n".join(
            [
                f"    {tables.differences:,} differences in {tables.findings:,} rows of {', '.join(module.EQUAL)}",
                *(f"    {line}" for line in tables.lines),
            ]
        )
    return findings.differences + tables.differences, text


def main() -> int:
    """Print the comparison; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("published", type=Path, help="published/selfaudit.duckdb of a data folder")
    parser.add_argument("peer", type=Path, help="DuckDB file of a peer")
    parser.add_argument("--name", default="handwritten", help="which peer it is")
    arguments = parser.parse_args()
    differences, text = compare_all(arguments.published, arguments.peer, arguments.name)
    print(text)
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
