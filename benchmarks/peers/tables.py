"""What the peers with frames share: columns of event files, reference tables as plain Python, parameters, and the table
of their findings.

Holds no rule. Findings come as CSV files of the columns of COLUMNS and leave as `published.duckdb`, so that they can be
compared.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

DEFAULTS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "defaults"
LATER_DROPS = 2
COLUMNS = (
    "rule_id",
    "team",
    "offering_key",
    "person",
    "scope",
    "observed",
    "threshold",
    "excess",
    "exposure",
    "severity",
)

# Columns of the event files under the names that the peers give them.
USAGE = {
    "email": "email",
    "hash": "hashed_autodesk_id",
    "name": "offering_name",
    "product": "product_name",
    "day": "day_used",
}
TELEMETRY = {
    "id": "event_id",
    "at": "event_at",
    "who": "user_email",
    "name": "product",
    "device": "device_id",
    "version": "version",
    "claim": "licence_claim",
}
TOKENS = {
    "day": "Day used",
    "who": "Email",
    "name": "Product",
    "team": "Team",
    "feature": "Feature",
    "tokens": "Tokens used",
}
INACTIVE = ["expired", "cancelled", "canceled", "terminated", "inactive", "suspended"]


def fold(text: str) -> str:
    """A name as aliases are looked up: lower case, everything else than letters and digits as one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8"))) if path.is_file() else []


class Reference:
    """Reference tables as of one day; the company's own before the defaults."""

    def __init__(self, landing: Path, as_of: date) -> None:
        self.folder, self.day = landing / "reference", as_of.isoformat()
        self.members = {(r["collection_key"], r["member_key"]) for r in self._dated("collection_members")}
        self.parameters = {(r["rule_id"], r["parameter"]): r["value"] for r in _rows(DEFAULTS / "rule_parameters.csv")}
        own = {fold(r["alias"]): r["offering_key"] for r in self._valid(_rows(self.folder / "product_aliases.csv"))}
        self.aliases = {
            r["alias"]: r["offering_key"] for r in self._valid(_rows(DEFAULTS / "product_aliases.csv"))
        } | own
        self.person_aliases = {r["alias_email"]: r["email"] for r in _rows(self.folder / "person_aliases.csv")}
        self.domains = {r["domain"].lower(): r["kind"] for r in _rows(self.folder / "sso_domains.csv")}
        # The price without a contract number; of the contract before that of the list.
        self.prices: dict[str, float] = {}
        for basis in ("list", "contract"):
            for r in self._valid(_rows(self.folder / "prices.csv")):
                if r["basis"] == basis and not r.get("contract_number"):
                    self.prices[r["offering_key"]] = float(r["amount"])

    def _valid(self, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return sorted((r for r in rows if (r["valid_from"] or "") <= self.day), key=lambda r: r["valid_from"] or "")

    def _dated(self, table: str) -> list[dict[str, str]]:
        return self._valid(_rows(self.folder / f"{table}.csv") + _rows(DEFAULTS / f"{table}.csv"))

    def number(self, rule: str, name: str) -> float:
        """A parameter of a rule."""
        return float(self.parameters[rule, name])

    def offering(self, name: str | None) -> str | None:
        """The offering that a name means."""
        return None if not name else self.aliases.get(fold(name), f"unmapped:{fold(name)}")


def begin(landing: Path, out: Path) -> list[str]:
    """The drops of a landing zone; the folder for findings is made, and empty of those of a run before."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("findings-*.csv"):
        old.unlink()
    return sorted(p.name for p in landing.iterdir() if p.name != "reference")


def by_command(name: str, main: Callable[[Path, Path], None]) -> None:
    """Run a peer on the two folders of the command line."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.peers.{name}.run")
    parser.add_argument("landing", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    main(arguments.landing, arguments.out)


def publish(folder: Path) -> None:
    """Make `published.duckdb` of the files findings-YYYY-MM.csv in a folder, with finding ids."""
    target = folder / "published.duckdb"
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target)) as con:
        con.execute(
            f"""create table findings as
            select regexp_extract(filename, 'findings-(.......)', 1) as review_month, rule_id,
                sha256(concat_ws('|', rule_id, coalesce(team, ''), coalesce(offering_key, ''), coalesce(person, ''),
                coalesce(scope, '')))[:16] as finding_id,
                team as team_alias, offering_key, person as person_key, scope, observed::double as observed,
                threshold::double as threshold,
                excess::double as excess, exposure::decimal(18, 2) as exposure_amount, severity
            from read_csv('{folder}/findings-*.csv', header = true, all_varchar = true, filename = true) order by all"""
        )
