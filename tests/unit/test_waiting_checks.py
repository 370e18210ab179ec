"""Checks that wait for files, grouped by the file."""

from __future__ import annotations

from pipelines.report.waiting_checks import waiting_checks


def row(rule: str, reason: str | None, assessability: str = "not_assessable") -> dict[str, str | None]:
    return {"rule_id": rule, "title": f"Title of {rule}", "assessability": assessability, "reason": reason}


def test_the_file_that_lets_most_checks_run_by_itself_comes_first_and_is_called_by_its_title():
    found = waiting_checks(
        [
            row("ADM-06", "missing: reference table approved_admins, users, users in the drop of the month before"),
            row("IDN-01", "missing: directory_users or hr_workers"),
            row("LRT-02", "missing: lrt in any drop, reference table version_support"),
            row("LRT-04", "missing: lrt in any drop"),
            row("LRT-05", "missing: lrt in any drop"),
            row("USE-03", "missing: any use (usage, seat_usage, token_usage or lrt), reference table token_prices"),
            row("FLX-01", "every pool is too young to be judged"),
            row("ADM-02", "without: users", "partly"),
        ]
    )
    assert [(w.what, w.count, w.only) for w in found] == [
        ("Licence reporting telemetry (project contract) (lrt)", 3, 2),
        ("Directory users (directory_users) or HR workers: joiners and leavers (hr_workers)", 1, 1),
        ("Approved administrators (your table approved_admins)", 1, 0),
        ("Prices per Flex token (your table token_prices)", 1, 0),
        ("Users export: members, roles and their offerings (users)", 1, 0),
        ("Users export: members, roles and their offerings (users) in the drop of the month before", 1, 0),
        ("Versions a right covers (your table version_support)", 1, 0),
        ("any use (usage, seat_usage, token_usage or lrt)", 1, 0),
    ]
    assert found[0].rules[0] == ("LRT-02", "Title of LRT-02")


def test_nothing_waits_where_every_rule_ran_or_there_is_no_drop():
    assert waiting_checks([]) == []
    assert waiting_checks([row("ENT-01", "there is no drop 2026-08"), row("ENT-02", None)]) == []
