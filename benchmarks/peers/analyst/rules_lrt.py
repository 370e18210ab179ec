"""Telemetry: LRT-01 LRT-02 LRT-03 LRT-04 LRT-07 LRT-08."""

from __future__ import annotations

from datetime import date, timedelta

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.text import Row, fold, release

KIND_OF_CLAIM = {"perpetual": "standalone", "network": "network"}


def claim_of(row: Row) -> str:
    """Licence claim of an event."""
    return fold(row["licence_claim"])


def charged(month: Month) -> set[tuple[str, str, date]]:
    """(person, offering, day) with a token charge."""
    return {(r["person"], r["offering"], r["day"]) for r in month.seats.tokens if r["person"] and r["tokens"] > 0}


def charged_feature(month: Month) -> set[tuple[str, str, date]]:
    """(person, feature, day) with a token charge."""
    return {
        (r["person"], r["feature"], r["day"])
        for r in month.seats.tokens
        if r["person"] and r["feature"] and r["tokens"] > 0
    }


def _versions(month: Month, newer: bool) -> Result:
    """LRT-01 (newer) and LRT-02."""
    licensed: dict[str, int] = {}
    for row in month.inputs.perpetual:
        number = release(row["version"])
        if number is not None:
            licensed[row["offering"]] = max(licensed.get(row["offering"], number), number)
    found: dict[tuple[str, str, str], tuple[int, set[int]]] = {}
    for row in month.seats.lrt_window:
        used = release(row["version"])
        if used is None:
            continue
        support = month.ref.support(row["offering"], row["day"])
        limits = set()
        if newer:
            if support and support["newest_covered"] is not None and used > support["newest_covered"]:
                limits.add(support["newest_covered"])
            if claim_of(row) in KIND_OF_CLAIM and used > licensed.get(row["offering"], used):
                limits.add(licensed[row["offering"]])
        elif support and support["oldest_eligible"] is not None and used < support["oldest_eligible"]:
            limits.add(support["oldest_eligible"])
        if limits:
            key = (row["offering"], row["person"], row["version"].strip())
            found.setdefault(key, (used, set()))[1].update(limits)
    result = Result()
    for (offering, person, version), (used, limits) in sorted(found.items()):
        limit = max(limits) if newer else min(limits)
        result.findings.append(
            Finding(
                "LRT-01" if newer else "LRT-02",
                "",
                offering,
                person,
                version,
                observed=used,
                threshold=limit,
                excess=abs(used - limit),
                severity="critical" if newer else "low",
            )
        )
    return result


def lrt_01(month: Month) -> Result:
    """Newer than covered."""
    return _versions(month, True)


def lrt_02(month: Month) -> Result:
    """Older than eligible."""
    return _versions(month, False)


def lrt_03(month: Month) -> Result:
    """Features without their offering."""
    by_offering, by_feature = charged(month), charged_feature(month)
    found: dict[tuple[str, str, str], set[date]] = {}
    left_out = set()
    for row in month.seats.lrt_window:
        person, day = row["person"], row["day"]
        if month.seats.left_out(person, row["team"]):
            left_out.add(person)
            continue
        need = month.ref.requirement(row["feature"], day) if row["feature"] else None
        if need is None:
            continue
        offering = need["required_offering_key"]
        if month.seats.holding(person, offering):
            continue
        if (person, offering, day) in by_offering or (person, row["feature"], day) in by_feature:
            continue
        found.setdefault((offering, person, row["feature"]), set()).add(day)
    return Result(
        [
            Finding("LRT-03", "", o, p, f, observed=len(d), threshold=0, excess=len(d), severity="high")
            for (o, p, f), d in sorted(found.items())
        ],
        len(left_out),
    )


def lrt_04(month: Month) -> Result:
    """More devices than a person needs."""
    devices: dict[tuple[str, str], set[str]] = {}
    cutoff = month.seats.cutoff
    for row in month.seats.lrt:
        offering = month.seats.holding(row["person"], row["offering"]) or row["offering"]
        days = int(month.ref.number("LRT-04", "days", offering))
        if row["device"] and cutoff and cutoff - timedelta(days=days) < row["day"] <= cutoff:
            devices.setdefault((offering, row["person"]), set()).add(row["device"])
    result = Result()
    for (offering, person), seen in sorted(devices.items()):
        most = month.ref.number("LRT-04", "devices", offering)
        if len(seen) > most:
            result.findings.append(
                Finding(
                    "LRT-04",
                    "",
                    offering,
                    person,
                    observed=len(seen),
                    threshold=most,
                    excess=len(seen) - most,
                    severity="high",
                )
            )
    return result


def covered(month: Month, row: Row) -> bool:
    """A perpetual or network claim that a licence of that kind with a release as high covers."""
    kind, used = KIND_OF_CLAIM.get(claim_of(row)), release(row["version"])
    for licence in month.inputs.perpetual:
        if kind is None or licence["offering"] != row["offering"] or licence["licence_kind"] != kind:
            continue
        owned = release(licence["version"])
        if used is None or (owned is not None and owned >= used):
            return True
    return False


def lrt_07(month: Month) -> Result:
    """Use without any right."""
    paid = charged(month)
    found: dict[tuple[str, str], set[date]] = {}
    left_out = set()
    for row in month.seats.lrt:
        person, offering, day = row["person"], row["offering"], row["day"]
        if not month.first_day <= day <= month.as_of:
            continue
        if month.seats.left_out(person, row["team"]):
            left_out.add(person)
            continue
        if (person, offering, day) in paid or month.seats.held_on(person, offering, day) or covered(month, row):
            continue
        found.setdefault((offering, person), set()).add(day)
    result = Result(left_out=len(left_out))
    for (offering, person), days in sorted(found.items()):
        price, currency, basis = month.ref.price(offering, None)
        result.findings.append(
            Finding(
                "LRT-07",
                "",
                offering,
                person,
                observed=len(days),
                threshold=0,
                excess=len(days),
                exposure=price,
                currency=currency,
                basis=basis,
                severity="critical",
            )
        )
    return result


def lrt_08(month: Month) -> Result:
    """Telemetry against the SAM tool."""
    telemetry: dict[str, set[str]] = {}
    tool: dict[str, set[str]] = {}
    left_out = set()
    for row in month.seats.lrt_window:
        if month.seats.left_out(row["person"], row["team"]):
            left_out.add(row["person"])
        else:
            telemetry.setdefault(row["offering"], set()).add(row["person"])
    for row in month.inputs.sam:
        if month.seats.window_start < row["last_used"] <= month.as_of:
            tool.setdefault(row["offering"], set()).add(row["person"])
    result = Result(left_out=len(left_out))
    for offering in sorted(set(telemetry) | set(tool)):
        ours, theirs = telemetry.get(offering, set()), tool.get(offering, set())
        different, either = len(ours ^ theirs), len(ours | theirs)
        limit = month.ref.number("LRT-08", "share", offering)
        if different > limit * either:
            result.findings.append(
                Finding("LRT-08", "", offering, observed=different / either, threshold=limit, excess=different)
            )
    return result


RULES = {"LRT-01": lrt_01, "LRT-02": lrt_02, "LRT-03": lrt_03, "LRT-04": lrt_04, "LRT-07": lrt_07, "LRT-08": lrt_08}
