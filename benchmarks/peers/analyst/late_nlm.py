"""ENT-10: network licences at their greatest, and denials."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from typing import Any

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.text import Row, fold


def _lines(month: Month) -> list[Row]:
    """Lines of the drops used; of identical lines the greatest number in one file."""
    best: dict[Any, list[Row]] = {}
    for row in month.inputs.warehouse.raw("nlm_log"):
        if row["_drop"] <= month.inputs.last_drop and not row["is_reservation"]:
            names = tuple((row[c] or "").lower() for c in ("feature", "user_name", "host"))
            best.setdefault((row["event_at"], row["operation"], row["daemon"], *names), []).append(row)
    kept = []
    for rows in best.values():
        files = Counter(r["_file_no"] for r in rows)
        number, file = max((n, -f) for f, n in files.items())
        kept += [r for r in rows if r["_file_no"] == -file][:number]
    # Rows are kept in the order of their files; lines of one second in the order in which they stand.
    return sorted(kept, key=lambda r: (r["event_at"], r["_src"]))


def ent_10(month: Month) -> Result:
    """Peak above what was issued, or denials."""
    result = Result()
    dup: dict[str, str] = {}
    issued: dict[str, int] = {}
    for row in month.inputs.drop_rows("nlm_licence"):
        expired = row["expires_on"] is not None and row["expires_on"] < month.as_of
        if (
            row["kind"] in {"INCREMENT", "FEATURE"}
            and not row["is_superseded"]
            and not expired
            and not row["is_uncounted"]
        ):
            issued[row["feature"]] = issued.get(row["feature"], 0) + (row["licences"] or 0)
            dup[row["feature"]] = (row["dup_group"] or "").upper()
    out: dict[str, Counter[tuple[str, str]]] = {}
    peak: dict[str, int] = {}
    denied: Counter[str] = Counter()
    first = datetime.combine(month.first_day, time())

    def level(feature: str) -> int:
        group = dup.get(feature, "")
        if "U" not in group and "H" not in group:
            return out[feature].total()
        return len(
            {(u if "U" in group else "", h if "H" in group else "") for (u, h), n in out[feature].items() if n > 0}
        )

    lines = _lines(month)
    for row in [r for r in lines if r["event_at"] < first] + [r for r in lines if r["event_at"] >= first]:
        if row["event_at"].date() > month.as_of:
            break
        feature, holder = row["feature"] or "", ((row["user_name"] or "").lower(), (row["host"] or "").lower())
        if row["event_at"] >= first:
            for name in out:
                peak[name] = max(peak.get(name, 0), level(name))
        if row["operation"] == "OUT":
            out.setdefault(feature, Counter())[holder] += row["licences"] or 1
        elif row["operation"] == "IN" and feature in out:
            out[feature][holder] = max(0, out[feature][holder] - (row["licences"] or 1))
        elif row["operation"] == "DENIED" and row["event_at"] >= first:
            denied[feature] += 1
        elif row["operation"] in {"START", "EXIT"}:
            out.clear()
        if row["event_at"] >= first and feature in out:
            peak[feature] = max(peak.get(feature, 0), level(feature))
    for name in out:
        peak[name] = max(peak.get(name, 0), level(name))
    for feature in sorted(set(peak) | set(denied)):
        offering = month.ref.aliases.get(fold(feature), "")
        limit = month.ref.number("ENT-10", "denials", offering)
        over = feature in issued and peak.get(feature, 0) > issued[feature]
        if over or denied[feature] >= limit:
            observed, threshold = (peak[feature], issued[feature]) if over else (denied[feature], limit)
            result.findings.append(
                Finding(
                    "ENT-10",
                    offering=offering,
                    scope=fold(feature),
                    observed=observed,
                    threshold=threshold,
                    excess=observed - threshold,
                    severity="high",
                )
            )
    return result


RULES = {"ENT-10": ent_10}
