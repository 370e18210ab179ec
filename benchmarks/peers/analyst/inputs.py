"""Which rows a month sees: state rows of its drop, event rows of the drops used, precedence, person keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

from benchmarks.peers.analyst.reference import Reference
from benchmarks.peers.analyst.text import Row, fold, month_before, team_of
from benchmarks.peers.analyst.warehouse import Warehouse

EVENTS = ("usage", "seat_usage", "token_usage", "lrt")
HASHED = {
    "usage_report": ("email", "hashed_autodesk_id"),
    "usage": ("email", "hashed_autodesk_id"),
    "lrt": ("user_email", "user_hash"),
}


def _winners(rows: list[Row], key: Callable[[Row], Any]) -> list[Row]:
    """Per key the rows of the file of highest precedence."""
    best: dict[Any, int] = {}
    keys = [key(r) for r in rows]
    for row, k in zip(rows, keys, strict=True):
        best[k] = max(best.get(k, row["_file_rank"]), row["_file_rank"])
    return [r for r, k in zip(rows, keys, strict=True) if r["_file_rank"] == best[k]]


class Inputs:
    """Input rows of one month. `last_drop` is the last drop whose event rows count (the month itself in version 1)."""

    def __init__(self, warehouse: Warehouse, ref: Reference, last_drop: str | None = None) -> None:
        self.warehouse, self.ref = warehouse, ref
        self.month, self.as_of = ref.month, ref.as_of
        self.last_drop = last_drop or ref.month
        self.has_drop = self.month in warehouse.drops

    def present(self, name: str, back: int = 0) -> bool:
        """Whether the drop of M (or of `back` months before) holds the input."""
        return (month_before(self.month, back), name) in self.warehouse.loaded

    def any_rows(self, name: str) -> bool:
        """Whether a drop used holds rows of an event input."""
        return any(r["_drop"] <= self.last_drop for r in self.warehouse.raw(name))

    def drop_rows(self, name: str, back: int = 0) -> list[Row]:
        """All loaded rows of an input in one drop, before precedence."""
        drop = month_before(self.month, back)
        return [r for r in self.warehouse.raw(name) if r["_drop"] == drop]

    # ---- persons ------------------------------------------------------------------------------------------------

    def alias(self, email: str | None) -> str | None:
        """E-mail mapped once through person_aliases."""
        return None if email is None else self.ref.person_alias.get(email, email)

    @cached_property
    def hash_owner(self) -> dict[str, str]:
        """Hashes that stand beside e-mails of exactly one person in the drops used."""
        seen: dict[str, set[str]] = {}
        for name, (email, hashed) in HASHED.items():
            limit = self.month if name == "usage_report" else self.last_drop
            for row in self.warehouse.raw(name):
                if row["_drop"] <= limit and row[email] and row[hashed]:
                    seen.setdefault(row[hashed], set()).add(self.alias(row[email]) or "")
        return {h: next(iter(p)) for h, p in seen.items() if len(p) == 1}

    def person(self, email: str | None, hashed: str | None = None) -> str | None:
        """person_key; None where a row names nobody."""
        if email:
            return self.alias(email)
        if hashed:
            return self.hash_owner.get(hashed, f"hash:{hashed}")
        return None

    # ---- state --------------------------------------------------------------------------------------------------

    def _state(self, name: str, key: Callable[[Row], Any]) -> list[Row]:
        return _winners(self.drop_rows(name), key)

    @cached_property
    def usage_report(self) -> list[Row]:
        """Rows of the usage report with team, offering key and person."""
        rows = [
            {
                **r,
                "team": team_of(r["team_alias"]),
                "offering": self.ref.offering(r["offering_name"]),
                "person": self.person(r["email"], r["hashed_autodesk_id"]),
            }
            for r in self.drop_rows("usage_report")
        ]
        return _winners(rows, lambda r: (r["team"], r["offering"], r["person"], r["version"], r["access_option"]))

    @cached_property
    def users(self) -> list[Row]:
        """Rows of users, united."""
        return [self._user(r) for r in self.drop_rows("users")]

    def _user(self, r: Row) -> Row:
        role = fold(r["role"])
        words = role.split("_")
        admin = role == "contract_manager" or (
            any(w.startswith("admin") for w in words) and not {"non", "not"} & set(words)
        )
        return {
            **r,
            "team": team_of(r["team_alias"]),
            "person": self.person(r["email"]),
            "folded_role": role,
            "admin": admin,
            "offering": self.ref.offering(r["offering_name"]) if r["offering_name"] else None,
            "status": fold(r["account_status"]),
        }

    def users_before(self, back: int = 1) -> list[Row]:
        """Rows of users in an earlier drop."""
        return [self._user(r) for r in self.drop_rows("users", back)]

    @cached_property
    def subscriptions(self) -> list[Row]:
        """Rows of subscriptions with team and offering key."""
        rows = [
            {**r, "team": team_of(r["team_alias"]), "offering": self.ref.offering(r["offering_name"])}
            for r in self.drop_rows("subscriptions")
        ]
        return _winners(rows, lambda r: (r["contract_number"], r["subscription_id"], r["offering"], r["team"]))

    @cached_property
    def groups(self) -> set[tuple[str, str, str]]:
        """(team, group, person)."""
        return {(team_of(r["team_alias"]), r["group"], self.person(r["email"]) or "") for r in self.drop_rows("groups")}

    @cached_property
    def sso(self) -> list[Row]:
        """Rows of sso_config, one per team and domain."""
        rows = self._state("sso_config", lambda r: (team_of(r["team_alias"]), r["domain"].lower()))
        return [{**r, "team": team_of(r["team_alias"])} for r in rows]

    @cached_property
    def packs(self) -> list[Row]:
        """Flex packs."""
        return [{**r, "team": team_of(r["team_alias"])} for r in self._state("flex_packs", lambda r: r["pack_id"])]

    @cached_property
    def balances(self) -> list[Row]:
        """Stated balances."""
        rows = self._state("flex_balance", lambda r: (team_of(r["team_alias"]), r["balance_date"]))
        return [{**r, "team": team_of(r["team_alias"])} for r in rows]

    @cached_property
    def directory(self) -> list[Row]:
        """Directory accounts."""
        return self._state("directory_users", lambda r: r["user_id"])

    @cached_property
    def hr(self) -> list[Row]:
        """HR records with a mapped status."""
        rows = self._state("hr_workers", lambda r: r["employee_id"])
        out = []
        for r in rows:
            status = (r["status"] or "").strip().lower()
            folded = fold(status)
            if "terminat" in folded or folded in {"inactive", "left", "former"}:
                mapped = "terminated"
            elif folded in {"on_leave", "leave"}:
                mapped = "on_leave"
            else:
                mapped = "active"
            in_force = mapped != "terminated" and (r["leave_date"] is None or r["leave_date"] > self.as_of)
            out.append({**r, "mapped": mapped, "in_force": in_force})
        return out

    @cached_property
    def perpetual(self) -> list[Row]:
        """Perpetual licences."""
        return [{**r, "offering": self.ref.offering(r["offering_name"])} for r in self.drop_rows("perpetual_licences")]

    # ---- events -------------------------------------------------------------------------------------------------

    def _event(self, name: str, r: Row) -> Row:
        lrt = name == "lrt"
        email, hashed = (r["user_email"], r["user_hash"]) if lrt else (r["email"], r.get("hashed_autodesk_id"))
        return {
            **r,
            "input": name,
            "row_team": r["team_alias"],
            "team": team_of(r["team_alias"]),
            "offering": self.ref.offering(r["product"] if lrt else r["offering_name"]),
            "product": self.ref.offering(r["product_name"]) if r.get("product_name") else None,
            "person": self.person(email, hashed),
            "day": r["event_at"].date() if lrt else r["day_used"],
            "feature": fold(r.get("feature")) or None,
            "device": (r["device_id"] or r["host_name"]) if lrt else None,
            "tokens": r["tokens_used"] if name == "token_usage" else None,
        }

    @staticmethod
    def _event_key(name: str, r: Row) -> Any:
        if name == "usage":
            return (r["team"], r["offering"], r["product"], r["version"], r["access_option"], r["person"], r["day"])
        if name == "seat_usage":
            return (r["team"], r["offering"], r["version"], r["feature"], r["person"], r["day"])
        if name == "token_usage":
            return (r["team"], r["offering"], r["feature"], r["person"], r["day"])
        if r["event_id"]:
            return r["event_id"]
        return (r["event_at"], r["person"], r["device"], r["offering"], r["feature"])

    def events_of(self, name: str, last_drop: str | None = None) -> list[Row]:
        """Event rows of an input after precedence over the drops used."""
        limit = last_drop or self.last_drop
        rows = [self._event(name, r) for r in self.warehouse.raw(name) if r["_drop"] <= limit]
        return _winners(rows, lambda r: self._event_key(name, r))

    @cached_property
    def events(self) -> list[Row]:
        """Rows of the four use inputs after precedence."""
        return [r for name in EVENTS for r in self.events_of(name)]

    @cached_property
    def sam(self) -> list[Row]:
        """Rows of the SAM tool after precedence."""
        rows = [
            {**r, "person": self.person(r["email"]), "offering": self.ref.offering(r["offering_name"])}
            for r in self.warehouse.raw("sam_usage")
            if r["_drop"] <= self.last_drop
        ]
        return _winners(rows, lambda r: (r["person"], r["offering"], r["last_used"]))

    @cached_property
    def max_day_seen(self) -> date | None:
        """Latest use day or last_accessed in drops up to M."""
        days = [r["event_at"].date() for r in self.warehouse.raw("lrt") if r["_drop"] <= self.month]
        days += [r["day_used"] for n in EVENTS[:3] for r in self.warehouse.raw(n) if r["_drop"] <= self.month]
        days += [
            r["last_accessed"]
            for r in self.warehouse.raw("usage_report")
            if r["_drop"] <= self.month and r["last_accessed"]
        ]
        return max(days, default=None)
