"""`python -m benchmarks.compare PUBLISHED PEER`: the findings of two publications, rule by rule and key by key, over all months.

Holds what is compared. Numbers are rounded to six decimals, money to cents. A rule that the peer does not know is not compared, and is listed.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
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
    """What a comparison found. findings: those of the rules compared, in `months`; lines: one per rule and kind of difference; left_out: rules and their findings that the peer does not make."""

    months: int
    findings: int
    differences: int
    lines: list[str]
    left_out: dict[str, int]

    def text(self) -> str:
        """In a few lines."""
        out = ", ".join(f"{rule} {n:,}" for rule, n in self.left_out.items()) or "none"
        first = f"{self.differences:,} differences in {self.findings:,} findings of {self.months} months; not made by the peer: {out}"
        return "\n".join([first, *(f"    {line}" for line in self.lines)])


def compare(published: Path, peer: Path, rules: list[str], left_out: tuple[str, ...] = ()) -> Compared:
    """Compare findings of `rules` in two DuckDB files. published: of selfaudit; peer: has a table `findings`; left_out: columns of COLUMNS that the peer does not have."""
    names = [n for n in COLUMNS if n not in left_out]
    columns = ", ".join(f"{COLUMNS[n]} as {n}" for n in names)
    known = ", ".join(f"'{r}'" for r in rules)
    with duckdb.connect() as con:
        con.execute(f"attach '{published}' as ours (read_only); attach '{peer}' as peer (read_only)")
        for table, source in (("ours_found", "ours.calendar.findings"), ("peer_found", "peer.findings")):
            con.execute(
                f"create table {table} as select review_month, rule_id, finding_id, {columns} from {source} where rule_id in ({known})"
            )
        differs = " or ".join(f"o.{n} is distinct from p.{n}" for n in names)
        which = " || ".join(f"case when o.{n} is distinct from p.{n} then ' {n}' else '' end" for n in names)
        rows = con.execute(
            f"""
            select coalesce(o.rule_id, p.rule_id), case when p.finding_id is null then ' only selfaudit' when o.finding_id is null then ' only the peer' else {which} end as kind,
                count(*), min(coalesce(o.review_month, p.review_month) || ' ' || coalesce(o.finding_id, p.finding_id))
            from ours_found as o full join peer_found as p on p.review_month = o.review_month and p.finding_id = o.finding_id
            where o.finding_id is null or p.finding_id is null or {differs}
            group by all order by all"""
        ).fetchall()
        findings, months = con.execute("select count(*), count(distinct review_month) from ours_found").fetchall()[0]
        others = con.execute(
            f"select rule_id, count(*) from ours.calendar.findings where rule_id not in ({known}) group by all order by all"
        ).fetchall()
    lines = [f"{rule}{kind}: {n:,}, first {first}" for rule, kind, n, first in rows]
    return Compared(months, findings, sum(r[2] for r in rows), lines, dict(others))


def main() -> int:
    """Print the comparison; 1 if anything differs."""
    from benchmarks.peers.handwritten.run import RULES

    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("published", type=Path, help="published/selfaudit.duckdb of a data folder")
    parser.add_argument("peer", type=Path, help="DuckDB file of a peer")
    arguments = parser.parse_args()
    found = compare(arguments.published, arguments.peer, RULES)
    print(found.text())
    return 1 if found.differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
