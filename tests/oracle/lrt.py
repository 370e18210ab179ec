"""LRT: licence reporting telemetry, window (as_of - 365, as_of]."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from tests.oracle.estate import Row, valid
from tests.oracle.foundations import World
from tests.oracle.terms import Finding, Outcome, nearest_rank, release_of

KIND_OF_CLAIM = {"perpetual": "standalone", "network": "network"}


def _limits(w: World, offering: str, day: date, column: str) -> list[int]:
    rows = [r for r in w.ref("version_support") if r["offering_key"] == offering and valid(r, day)]
    return [r[column] for r in rows if r[column] is not None]


def perpetual(w: World, offering: str) -> list[Row]:
    """Rows of perpetual_licences of an offering in drop(M)."""
    rows = w.estate.state("perpetual_licences", w.month)
    return [r for r in rows if w.offering(r["offering_name"]) == offering]


def lrt_01(w: World) -> Outcome:
    """LRT-01: a release newer than the right covers on that day, or than the perpetual licences that the row claims."""
    exceeded: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    releases: dict[tuple[str, str, str], int] = {}
    licensed: dict[str, list[int]] = {}
    for r in w.lrt:
        release = release_of(r["version"])
        if release is None:
            continue
        claims = r["licence_claim"] in KIND_OF_CLAIM
        if claims and not w.whole("perpetual_licences"):
            continue
        limits = _limits(w, r["offering"], r["day"], "newest_covered")
        if claims:
            if r["offering"] not in licensed:
                known = [release_of(p["version"]) for p in perpetual(w, r["offering"])]
                licensed[r["offering"]] = [k for k in known if k is not None]
            limits += [max(licensed[r["offering"]])] if licensed[r["offering"]] else []
        key = (r["offering"], r["person"], r["version"])
        for limit in limits:
            if release > limit:
                exceeded[key].append(limit)
                releases[key] = release
    found = []
    for (o, p, v), limits in exceeded.items():
        release, limit = releases[(o, p, v)], max(limits)
        found.append(Finding("LRT-01", "critical", None, o, p, v, release, limit, release - limit))
    return Outcome(found)


def lrt_02(w: World) -> Outcome:
    """LRT-02: a release older than the oldest eligible one on that day."""
    missed: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for r in w.lrt:
        release = release_of(r["version"])
        for limit in _limits(w, r["offering"], r["day"], "oldest_eligible"):
            if release is not None and release < limit:
                missed[(r["offering"], r["person"], r["version"])].append(limit)
    found = []
    for (o, p, v), limits in missed.items():
        release, limit = release_of(v) or 0, min(limits)
        found.append(Finding("LRT-02", "low", None, o, p, v, release, limit, limit - release))
    return Outcome(found)


def _charges(w: World) -> tuple[set[tuple[str, str, date]], set[tuple[str, str, date]]]:
    """Token charges by (person, offering, day) and by (person, feature, day)."""
    charged = [r for r in w.tokens if r["person"] and r["tokens_used"] > 0]
    return (
        {(r["person"], r["offering"], r["day_used"]) for r in charged},
        {(r["person"], r["feature_key"], r["day_used"]) for r in charged if r["feature_key"]},
    )


def _required(w: World, row: Row) -> list[Row]:
    """Rows of feature_requirements for the feature of a telemetry row, on its day."""
    if not row["feature_key"]:
        return []
    return [r for r in w.ref("feature_requirements") if r["feature"] == row["feature_key"] and valid(r, row["day"])]


def lrt_03(w: World) -> Outcome:
    """LRT-03: a feature whose required offering the person does not hold, on a day without a token charge for
    either.
    """
    outcome = Outcome()
    if not all(w.whole(n) for n in ("usage_report", "users", "token_usage")):
        return outcome
    of_offering, of_feature = _charges(w)
    days: dict[tuple[str, str, str], set[date]] = defaultdict(set)
    for r in w.lrt:
        for rule in _required(w, r) if not w.hidden(r) else ():
            offering, person, day = rule["required_offering_key"], r["person"], r["day"]
            charged = (person, offering, day) in of_offering or (person, r["feature_key"], day) in of_feature
            if not charged and not w.holds(person, offering):
                days[(offering, person, r["feature_key"])].add(day)
    silent = set()
    for (offering, person, feature), found in days.items():
        if w.not_known(person, offering) or w.rejected(person, "users", "usage_report", "token_usage"):
            silent.add((offering, person))
            continue
        n = len(found)
        outcome.findings.append(Finding("LRT-03", "high", None, offering, person, feature, n, 0, n))
    outcome.left_out = len(silent) + len(w.hidden_persons(date.min))
    return outcome


def lrt_04(w: World) -> Outcome:
    """LRT-04: more than 3 devices of a person for an offering, or the collection it is held through, in 90 days."""
    devices: dict[tuple[str, str], set[str]] = defaultdict(set)
    for r in w.lrt:
        if not r["device"] or not w.cutoff - w.days_of("LRT-04", "days", r["offering"]) < r["day"] <= w.cutoff:
            continue
        offering, held = r["offering"], w.holds_directly(r["person"])
        if offering not in held:
            offering = min((c for c in held if offering in w.members(c, w.as_of)), default=offering)
        devices[(offering, r["person"])].add(r["device"])
    found = []
    for (offering, person), seen in devices.items():
        limit = int(w.number("LRT-04", "devices", offering))
        if len(seen) > limit:
            found.append(Finding("LRT-04", "high", None, offering, person, None, len(seen), limit, len(seen) - limit))
    return Outcome(found)


def lrt_05(w: World) -> Outcome:
    """LRT-05: pairs of sessions of a person on different devices that overlap by more than 5 minutes."""
    sessions: dict[str, list[Row]] = defaultdict(list)
    limit = timedelta(minutes=float(w.number("LRT-05", "minutes")))
    for r in w.lrt:
        if r["device"] and r["duration_minutes"] is not None:
            sessions[r["person"]].append(r)
    found = []
    for person, rows in sessions.items():
        pairs = 0
        for a, b in combinations(rows, 2):
            ends = [r["event_at"] + timedelta(minutes=float(r["duration_minutes"])) for r in (a, b)]
            pairs += a["device"] != b["device"] and min(ends) - max(a["event_at"], b["event_at"]) > limit
        if pairs:
            found.append(Finding("LRT-05", "critical", None, None, person, None, pairs, 0, pairs))
    return Outcome(found)


def lrt_07(w: World) -> Outcome:
    """LRT-07: in M, use on a day without seat, token charge or perpetual licence."""
    outcome = Outcome()
    if not all(w.whole(n) for n in ("usage_report", "users", "token_usage")):
        return outcome
    of_offering, _ = _charges(w)
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    silent = set()
    for r in w.lrt:
        offering, person, day = r["offering"], r["person"], r["day"]
        if day < w.month_start or w.hidden(r) or (person, offering, day) in of_offering:
            continue
        held = w.held_on(person, day)
        if w.covers(held, offering, day):
            continue
        kind = KIND_OF_CLAIM.get(r["licence_claim"])
        if kind and not w.whole("perpetual_licences"):
            continue
        used = release_of(r["version"])
        # A licence of unknown kind may cover either claim.
        licences = [p for p in perpetual(w, offering) if p["licence_kind"] in (kind, "unknown")] if kind else []
        if any(used is None or (release_of(p["version"]) or 0) >= used for p in licences):
            continue
        if w.right_open(held, offering, day):
            silent.add((person, offering))
            continue
        if w.rejected(person, "users", "usage_report", "token_usage"):
            silent.add((person, offering))
            continue
        days[(offering, person)].add(day)
    for (offering, person), found in days.items():
        price, n = w.price(None, offering), len(found)
        amount = price.amount
        outcome.findings.append(Finding("LRT-07", "critical", None, offering, person, None, n, 0, n, amount, price))
    outcome.left_out = len(silent) + len(w.hidden_persons(w.month_start))
    return outcome


def lrt_08(w: World) -> Outcome:
    """LRT-08: persons in only one of LRT and sam_usage against persons in either, per offering."""
    outcome = Outcome()
    seen: dict[str, set[str]] = defaultdict(set)
    believed: dict[str, set[str]] = defaultdict(set)
    for r in w.lrt:
        if not w.hidden(r):
            seen[r["offering"]].add(r["person"])
    for r in w.estate.events("sam_usage", w.horizon):
        if w.as_of - timedelta(365) < r["last_used"] <= w.as_of:
            believed[w.offering(r["offering_name"])].add(w.person(r["email"]) or "")
    for offering in {*seen, *believed}:
        either, one = seen[offering] | believed[offering], seen[offering] ^ believed[offering]
        share, limit = Decimal(len(one)) / len(either), w.number("LRT-08", "share", offering)
        if share > limit:
            outcome.findings.append(Finding("LRT-08", "medium", None, offering, None, None, share, limit, len(one)))
    outcome.left_out = len(w.hidden_persons(date.min))
    return outcome


def lrt_09(w: World) -> Outcome:
    """LRT-09: per source with a row later than 48 h, the p95 of the lag in hours."""
    lags: dict[str, list[float]] = defaultdict(list)
    limit = w.number("LRT-09", "hours")
    for r in w.lrt:
        if r["received_at"] is not None:
            lags[r["source"] or "(none)"].append((r["received_at"] - r["event_at"]).total_seconds() / 3600)
    found = []
    for source, hours in lags.items():
        late = sum(h > limit for h in hours)
        if late:
            p95 = nearest_rank(hours, 0.95)
            found.append(Finding("LRT-09", "info", scope=source, observed=p95, threshold=limit, excess=late))
    return Outcome(found)


def lrt_10(w: World) -> Outcome:
    """LRT-10: more than 30 days of a person in a country outside the territory of the contract of their seat."""
    territories = {
        r["contract_number"]: {c.strip().upper() for c in r["territory"].split(";") if c.strip()}
        for r in w.ref("contracts")
        if r["territory"]
    }
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for r in w.lrt:
        country = (r["country"] or "").strip().upper()
        seats = w.seats_of.get(r["person"], []) if country else []
        # Of several seats for the offering (itself or a collection with it) none may be used there.
        covering = [s for s in seats if r["offering"] in {s.offering, *w.members(s.offering, w.as_of)}]
        named = [territories.get(w.contract(s.team, s.offering) or "") for s in covering]
        if covering and all(t and country not in t for t in named):
            days[(r["person"], country)].add(r["day"])
    limit = int(w.number("LRT-10", "days"))
    found = [
        Finding("LRT-10", "high", None, None, p, c, len(d), limit, len(d) - limit, confidence="low")
        for (p, c), d in days.items()
        if len(d) > limit
    ]
    return Outcome(found)


def lrt_14(w: World) -> Outcome:
    """LRT-14: a feature of kind ai, activated by a person, where LRT-03 does not say so."""
    said = {f.key[1:] for f in lrt_03(w).findings}
    days: dict[tuple[str, str, str], set[date]] = defaultdict(set)
    for r in w.lrt:
        for rule in _required(w, r):
            if rule["kind"] == "ai":
                days[(rule["required_offering_key"], r["person"], r["feature_key"])].add(r["day"])
    found = [Finding("LRT-14", "info", None, *key, len(d), 0, len(d)) for key, d in days.items()]
    return Outcome([f for f in found if f.key[1:] not in said])


RULES: dict[str, Callable[[World], Outcome]] = {
    "LRT-01": lrt_01,
    "LRT-02": lrt_02,
    "LRT-03": lrt_03,
    "LRT-04": lrt_04,
    "LRT-05": lrt_05,
    "LRT-07": lrt_07,
    "LRT-08": lrt_08,
    "LRT-09": lrt_09,
    "LRT-10": lrt_10,
    "LRT-14": lrt_14,
}
