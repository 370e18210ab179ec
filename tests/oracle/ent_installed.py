"""ENT-09, ENT-10, ENT-13: what is installed or checked out and not assigned: perpetual licences, the network licence
server, trials and education.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta

from tests.oracle.estate import Row
from tests.oracle.foundations import World
from tests.oracle.lrt import perpetual
from tests.oracle.terms import Finding, Outcome, fold, release_of


def ent_09(w: World) -> Outcome:
    """ENT-09: an offering with perpetual licences only, whose covered releases are on more devices than there are
    seats.
    """
    outcome = Outcome()
    if not (w.whole("subscriptions") and w.whole("perpetual_licences")):
        return outcome
    covered = {r["offering"] for r in w.subscriptions if w.in_force(r, w.as_of)}
    covered |= {m for c in covered for m in w.members(c, w.as_of)}
    for offering in sorted({w.offering(r["offering_name"]) for r in w.estate.state("perpetual_licences", w.month)}):
        if offering in covered:
            continue
        rows = perpetual(w, offering)
        releases = [r for r in (release_of(p["version"]) for p in rows) if r is not None]
        devices = set()
        for r in w.estate.state("device_inventory", w.month):
            installed = release_of(r["version"])
            if w.offering(r["product_display_name"]) == offering and (
                installed is None or not releases or installed <= max(releases)
            ):
                devices.add(r["device_id"])
        seats = sum(r["seats"] for r in rows)
        if len(devices) > seats:
            more = len(devices) - seats
            outcome.findings.append(
                Finding("ENT-09", "critical", None, offering, None, None, len(devices), seats, more)
            )
    return outcome


def server_lines(w: World) -> list[Row]:
    """Lines of the licence server: of identical ones in overlapping logs the greatest number in one file."""
    per_file: dict[tuple[object, ...], Counter[int]] = defaultdict(Counter)
    lines_of: dict[tuple[object, ...], dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for r in w.estate.events("nlm_log", w.horizon):
        key = (r["event_at"], r["operation"], r["feature"], r["user_name"], r["host"])
        per_file[key][r["_file_no"]] += 1
        lines_of[key][r["_file_no"]].append(r)
    found = []
    for line, files in per_file.items():
        most = max(files, key=lambda n: (files[n], [-ord(c) for c in str(n)]))
        found += lines_of[line][most]
    return sorted(found, key=lambda r: (r["event_at"], r["_file_no"], r["line_number"]))


def issued(w: World) -> dict[str, tuple[int | None, str]]:
    """Per folded feature the licences issued (none: uncounted) and the letters of DUP_GROUP, of drop(M)."""
    found: dict[str, tuple[int | None, str]] = {}
    for r in w.estate.state("nlm_licence", w.month):
        if r["kind"].lower() == "package" or r["is_superseded"] or r["is_priority_list"]:
            continue
        if (r["expires_on"] and r["expires_on"] < w.month_start) or (r["start_on"] and r["start_on"] > w.as_of):
            continue
        before, letters = found.get(fold(r["feature"]), (0, ""))
        count = None if r["is_uncounted"] or before is None else before + (r["licences"] or 0)
        found[fold(r["feature"])] = (count, letters or (r["dup_group"] or "").upper())
    return found


def ent_10(w: World) -> Outcome:
    """ENT-10: more concurrent check-outs in M than issued, or at least 5 denials."""
    outcome = Outcome()
    licences = issued(w)
    start = datetime.combine(w.month_start, datetime.min.time())
    end = datetime.combine(w.as_of + timedelta(1), datetime.min.time())
    open_: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    peaks: dict[str, int] = defaultdict(int)
    denials: dict[str, int] = defaultdict(int)

    def in_use(feature: str) -> int:
        letters = licences.get(feature, (None, ""))[1]
        user, host = "U" in letters, "H" in letters
        if not (user or host):
            return sum(open_[feature].values())
        return len(
            {(u.lower() if user else "", h.lower() if host else "") for (u, h), n in open_[feature].items() if n > 0}
        )

    began = False
    for r in server_lines(w):
        if r["event_at"] >= end:
            break
        if r["event_at"] >= start and not began:
            began = True
            for feature in open_:
                peaks[feature] = max(peaks[feature], in_use(feature))
        operation = r["operation"].lower()
        if operation in ("start", "exit"):
            open_.clear()
            continue
        feature = fold(r["feature"] or "")
        who, n = (r["user_name"] or "", r["host"] or ""), r["licences"] or 1
        if operation == "out" and not r["is_reservation"]:
            open_[feature][who] += n
        elif operation == "in" and not r["is_reservation"]:
            open_[feature][who] = max(0, open_[feature][who] - n)
        elif operation == "denied" and r["event_at"] >= start:
            denials[feature] += 1
        if r["event_at"] >= start:
            peaks[feature] = max(peaks[feature], in_use(feature))
    for feature in sorted({*peaks, *denials}):
        count = licences.get(feature, (None, ""))[0]
        alias = w.offering(feature)
        offering = None if alias.startswith("unmapped:") else alias
        least = int(w.number("ENT-10", "denials", offering))
        over = count is not None and peaks[feature] > count
        if not over and denials[feature] < least:
            continue
        observed, limit = (peaks[feature], count or 0) if over else (denials[feature], least)
        outcome.findings.append(
            Finding("ENT-10", "high", None, offering, None, feature, observed, limit, observed - limit)
        )
    return outcome


def ent_13(w: World) -> Outcome:
    """ENT-13: trial or education licences claimed or installed in the last 365 days, on our devices or by our
    people.
    """
    since = w.as_of - timedelta(365)
    inventory = w.estate.state("device_inventory", w.month)
    devices = {r["device_id"].lower() for r in inventory}
    days: dict[tuple[str, str, str], set[date]] = defaultdict(set)
    installed: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for r in w.lrt:
        person = r["person"]
        ours = (
            (r["device"] or "").lower() in devices
            or w.hr_record(person) is not None
            or w.account(person) is not None
            or person in w.seats_of
            or w.domain_kind(person) is not None
        )
        if r["licence_claim"] in ("trial", "education") and ours:
            days[(r["offering"], person, r["licence_claim"])].add(r["day"])
    for r in inventory:
        seen = r["last_seen_at"]
        if r["licence_class"] in ("trial", "education") and (seen is None or seen.date() > since):
            person = w.person(r["user_email"]) or f"device:{r['device_id']}"
            # One installation is a device and a release of the product.
            one = f"{r['device_id'].lower()}|{release_of(r['version'])}"
            installed[(w.offering(r["product_display_name"]), person, r["licence_class"])].add(one)
    found = []
    for key in sorted({*days, *installed}):
        n = len(days[key]) + len(installed[key])
        found.append(Finding("ENT-13", "critical", None, *key, n, 0, n))
    return Outcome(found)


RULES: dict[str, Callable[[World], Outcome]] = {"ENT-09": ent_09, "ENT-10": ent_10, "ENT-13": ent_13}
