"""Work files, `published/do/<month>/`, made from the open actions of a month. Nothing is sent or changed.

| file | for |
| --- | --- |
| `portal/unassign.csv` | removing seats in the portal, which has no upload for it: a list to work through |
| `portal/assign-<offering>.csv` | the portal's "Import to assign": three columns, at most 5,000 persons per file |
| `groups/changes.csv`, `groups/remove-members.ps1` | members to remove from groups in Entra ID; `-Apply` changes them |
| `groups/remove-members.ldif`, `.sh` | the same for an LDAP directory (RFC 2849); `--apply` changes them |
| `tickets/jira.csv`, `tickets/servicenow.csv` | imports with one row per action |
| `mail/<responsible>.txt` | one text per responsible person |

Reads the published DuckDB file and writes text. Decides nothing: what an action is, models decide. The portal's columns
and limits are those of its help page "Import users".
"""

from __future__ import annotations

import base64
import csv
import io
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.publish.datasets import FORMULA
from pipelines.publish.names import file_name

FOLDER = "do"
# States of an action that still require something to be done.
OPEN = ["proposed", "decided", "in_work"]
MOST_PER_IMPORT = 5000
PRIORITIES = {"critical": ("Highest", 1), "high": ("High", 2), "medium": ("Medium", 3), "low": ("Low", 4)}
KINDS = {"owe": "To pay or cure", "risk": "Will be owed, or would be claimed", "save": "To save", "govern": "To settle"}
SCRIPT = r"""# Removes the members listed in changes.csv from their groups in Microsoft Entra ID.
# Without -Apply it changes nothing and prints what it would do. Needs the modules Microsoft.Graph.Groups and
# Microsoft.Graph.Users, and: Connect-MgGraph -Scopes GroupMember.ReadWrite.All, User.Read.All
# A group that is synced from Active Directory is changed there; the script says so and leaves it alone.
param([switch]$Apply)
$ErrorActionPreference = 'Stop'
function Clear-Guard([string]$Text) { $Text -replace "^'(?=[=+@\-\t\r])", '' }
foreach ($row in Import-Csv -LiteralPath (Join-Path $PSScriptRoot 'changes.csv') -Encoding UTF8) {
    $name = Clear-Guard $row.group
    $mail = Clear-Guard $row.email
    $quotedName = $name.Replace("'", "''")
    $quotedMail = $mail.Replace("'", "''")
    $groups = @(Get-MgGroup -Filter "displayName eq '$quotedName'" -Property Id, OnPremisesSyncEnabled)
    $users = @(Get-MgUser -Filter "mail eq '$quotedMail' or userPrincipalName eq '$quotedMail'" -Property Id)
    if ($groups.Count -ne 1 -or $users.Count -ne 1) {
        Write-Warning "$mail, ${name}: $($groups.Count) groups and $($users.Count) accounts of these names; left alone"
        continue
    }
    if ($groups[0].OnPremisesSyncEnabled) {
        Write-Warning "$mail, ${name}: the group is synced from Active Directory; left alone"
        continue
    }
    if ($row.also_lost) { Write-Warning "$mail, ${name}: the group also gives $($row.also_lost)" }
    if ($Apply) {
        Remove-MgGroupMemberByRef -GroupId $groups[0].Id -DirectoryObjectId $users[0].Id
        Write-Output "$mail was taken out of $name"
    } else {
        Write-Output "$mail would be taken out of $name"
    }
}
"""

LDAP_SCRIPT = """#!/bin/sh
# Removes the members listed in remove-members.ldif from their groups with ldapmodify (OpenLDAP's client).
# Without --apply it changes nothing and prints what it would do. All other arguments, such as server and account, are
# passed to ldapmodify. Example: sh remove-members.sh --apply -H ldaps://dc.firm.example -D ada@firm -W
# A membership that no longer exists is reported, and the others are still removed (-c).
set -eu
file="$(dirname -- "$0")/remove-members.ldif"
if [ "${1:-}" = "--apply" ]; then
    shift
    exec ldapmodify -c -f "$file" "$@"
fi
exec ldapmodify -n -v -c -f "$file" "$@"
"""
# RFC 2849: a value that is not a SAFE-STRING is base64-encoded; lines over 76 characters are folded.
SAFE_STRING = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
LDIF_WIDTH = 76
LDIF_ATTRIBUTES = {"member": "member", "uniquemember": "uniqueMember", "memberuid": "memberUid"}

ACTIONS = """
select a.action_id, a.kind, a.what, a.subject_type, a.team_alias, a.offering_key, a.person_key, a.amount,
    a.currency, a.amount_is, a.due_on, a.due_because, a.responsible, a.severity, a.rule_ids, a.finding_ids,
    coalesce(o.offering_name, a.offering_key) as offering_name, p.email, p.display_name, d.action as seat_action,
    d.route
from calendar.actions as a
left join marts.dim_offering as o using (review_month, offering_key)
left join marts.dim_person as p using (review_month, person_key)
left join calendar.deprovisioning_list as d on a.subject_type = 'seat' and d.review_month = a.review_month
    and d.team_alias = a.team_alias and d.offering_key = a.offering_key and d.person_key = a.person_key
where a.review_month = $month and list_contains($open, a.state) order by a.place, a.action_id"""

REMOVALS = """
select a.action_id, r.team_alias, r.offering_key, coalesce(o.offering_name, r.offering_key) as offering_name, p.email,
    r.group_name, r.also_lost, r.group_dn, r.member_attribute, r.member_value
from calendar.actions as a
inner join calendar.group_removals as r on a.subject_type = 'seat' and r.review_month = a.review_month
    and r.team_alias = a.team_alias and r.offering_key = a.offering_key and r.person_key = a.person_key
left join marts.dim_offering as o on o.review_month = r.review_month and o.offering_key = r.offering_key
left join marts.dim_person as p on p.review_month = r.review_month and p.person_key = r.person_key
where a.review_month = $month and list_contains($open, a.state)
order by a.place, a.action_id, r.group_name, r.group_dn, r.member_value"""

NAMES = """
select offering_key, coalesce(offering_name, offering_key) as offering_name
from marts.dim_offering where review_month = $month"""


def work_files(published: duckdb.DuckDBPyConnection, month: str) -> dict[str, str]:
    """Path below the month's folder → text, for every file that has a row; {} if nothing is open."""
    actions = _rows(published, ACTIONS, month)
    names = {row["offering_key"]: row["offering_name"] for row in _rows(published, NAMES, month)}
    removals = [
        r | {"also_lost": ", ".join(names.get(key, key) for key in (r["also_lost"] or "").split(";") if key)}
        for r in _rows(published, REMOVALS, month)
    ]
    return {
        **_portal(actions),
        **_groups(removals),
        **_ldif(removals),
        **_tickets(actions, month),
        **_mails(actions, month),
    }


def write_work_files(published: duckdb.DuckDBPyConnection, month: str, folder: Path, scratch: Path) -> list[Path]:
    """Write the files of a month, replacing earlier ones. Returns their paths.

    folder: `published/do/<month>`, written under a temporary name and renamed as a whole; an unchanged folder is not
    rewritten.
    """
    files = work_files(published, month)
    if _texts(folder) == files:
        return []
    made = scratch / f"do-{month}"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for name, text in files.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if files:
        made.rename(folder)
    return [folder / name for name in files]


def _rows(published: duckdb.DuckDBPyConnection, statement: str, month: str) -> list[dict[str, Any]]:
    cursor = published.execute(statement, {"month": month, "open": OPEN} if "$open" in statement else {"month": month})
    names = [d[0] for d in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _texts(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_bytes().decode("utf-8") for p in folder.rglob("*") if p.is_file()}


def _portal(actions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    rows = [
        [a["team_alias"], a["offering_name"], *_names_and_address(a), a["what"], a["due_on"]]
        for a in actions
        if a["subject_type"] == "seat" and a["seat_action"] == "unassign" and a["email"]
    ]
    head = ["Team", "Product", "First name", "Last name", "Email address", "Why", "Until"]
    files = {"portal/unassign.csv": _csv(head, rows)} if rows else {}
    gets: dict[str, list[list[Any]]] = {}
    for a in actions:
        if a["subject_type"] == "to_seat" and a["email"]:
            gets.setdefault(file_name(a["offering_key"]), []).append(_names_and_address(a))
    for offering, persons in sorted(gets.items()):
        for number, start in enumerate(range(0, len(persons), MOST_PER_IMPORT)):
            part = f"-{number + 1}" if number else ""
            files[f"portal/assign-{offering}{part}.csv"] = _csv(
                ["First name", "Last name", "Email address"], persons[start : start + MOST_PER_IMPORT]
            )
    return files


def _groups(removals: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """One row per person, group and product, even if the directory lists a membership more than once."""
    rows = dict.fromkeys(
        (r["group_name"], r["email"], r["team_alias"], r["offering_name"], r["also_lost"], r["action_id"])
        for r in removals
        if r["email"]
    )
    if not rows:
        return {}
    head = ["group", "email", "team", "product", "also_lost", "action_id"]
    return {"groups/changes.csv": _csv(head, list(rows)), "groups/remove-members.ps1": SCRIPT.replace("\n", "\r\n")}


def _ldif(removals: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """One change record per membership: a server rejects a record as a whole if one of its members has already been
    removed.
    """
    changes: dict[tuple[str, str, str], str] = {}
    for r in removals:
        attribute = LDIF_ATTRIBUTES.get((r["member_attribute"] or "member").lower())
        if r["group_dn"] and r["member_value"] and attribute:
            changes.setdefault((r["group_dn"], attribute, r["member_value"]), r["also_lost"])
    if not changes:
        return {}
    lines = ["version: 1", "", "# Memberships to remove. remove-members.sh shows what would be done, or does it."]
    for (dn, attribute, member), lost in changes.items():
        lines.append("")
        if lost:
            lines.append(f"# The group also gives: {_line(lost)}")
        lines += [*_ldif_line("dn", dn), "changetype: modify", f"delete: {attribute}", *_ldif_line(attribute, member)]
        lines.append("-")
    return {"groups/remove-members.ldif": "\n".join([*lines, ""]), "groups/remove-members.sh": LDAP_SCRIPT}


def _ldif_line(name: str, value: str) -> list[str]:
    """An attribute and its value in RFC 2849 form, folded into as many lines as needed."""
    if SAFE_STRING.fullmatch(value):
        text = f"{name}: {value}"
    else:
        text = f"{name}:: {base64.b64encode(value.encode()).decode('ascii')}"
    rest = LDIF_WIDTH - 1
    return [text[:LDIF_WIDTH], *(f" {text[i : i + rest]}" for i in range(LDIF_WIDTH, len(text), rest))]


def _tickets(actions: Sequence[Mapping[str, Any]], month: str) -> dict[str, str]:
    if not actions:
        return {}
    jira, servicenow = [], []
    for a in actions:
        name, number = PRIORITIES.get(a["severity"], ("Low", 4))
        text = _description(a, month)
        jira.append(
            [a["what"], text, "Task", name, a["due_on"], a["responsible"], f"selfaudit {a['kind']}", a["action_id"]]
        )
        servicenow.append([a["what"], text, number, a["due_on"], a["responsible"], KINDS[a["kind"]], a["action_id"]])
    return {
        "tickets/jira.csv": _csv(
            ["Summary", "Description", "Issue Type", "Priority", "Due Date", "Assignee", "Labels", "External ID"], jira
        ),
        "tickets/servicenow.csv": _csv(
            ["short_description", "description", "priority", "due_date", "assigned_to", "category", "correlation_id"],
            servicenow,
        ),
    }


def _mails(actions: Sequence[Mapping[str, Any]], month: str) -> dict[str, str]:
    of_person: dict[str, list[Mapping[str, Any]]] = {}
    for a in actions:
        if a["responsible"]:
            of_person.setdefault(a["responsible"], []).append(a)
    return {f"mail/{file_name(who)}.txt": _mail(who, mine, month) for who, mine in sorted(of_person.items())}


def _mail(who: str, actions: Sequence[Mapping[str, Any]], month: str) -> str:
    lines = [
        f"To: {_line(who)}",
        f"Subject: Autodesk licences, review of {month}: {_counted(len(actions))} for you",
        "",
        f"The review of {month} asks you to do or to decide the following. If something is not right, say so: it is "
        "noted with your reason.",
    ]
    for kind, title in KINDS.items():
        mine = [a for a in actions if a["kind"] == kind]
        if mine:
            lines += ["", f"{title}: {_counted(len(mine))}{_sums(mine)}"]
            lines += [f"- {_line(a['what'])}{_amount(a)}{_until(a)}. [{a['action_id']}]" for a in mine]
    return "\n".join([*lines, ""])


def _sums(actions: Iterable[Mapping[str, Any]]) -> str:
    """', together 3,400.00 EUR' per currency, and how many have no price, if any has one."""
    total: dict[str, Decimal] = {}
    unpriced = 0
    for a in actions:
        if a["amount"] is None:
            unpriced += 1
        else:
            total[a["currency"] or ""] = total.get(a["currency"] or "", Decimal(0)) + a["amount"]
    if not total:
        return ""
    money = " and ".join(f"{amount:,.2f} {currency}".strip() for currency, amount in sorted(total.items()))
    return f", together {money}" + (f" ({unpriced} without a price)" if unpriced else "")


def _amount(action: Mapping[str, Any]) -> str:
    if action["amount"] is None:
        return ""
    return (
        f" ({action['amount']:,.2f} {action['currency'] or ''}".rstrip()
        + f" {action['amount_is'] or ''}".rstrip()
        + ")"
    )


def _until(action: Mapping[str, Any]) -> str:
    return f", until {action['due_on']}" if action["due_on"] else ""


def _description(action: Mapping[str, Any], month: str) -> str:
    because = f" ({action['due_because']})" if action["due_because"] else ""
    parts = [
        f"{action['what']}{_amount(action)}.",
        f"Until {action['due_on']}{because}." if action["due_on"] else "",
        f"Review of {month}, rules {action['rule_ids']}, findings {action['finding_ids']}.",
    ]
    return " ".join(p for p in parts if p)


def _counted(number: int) -> str:
    return f"{number} action" if number == 1 else f"{number} actions"


def _names_and_address(action: Mapping[str, Any]) -> list[Any]:
    """First name, last name, address. The last word of the display name is taken as the last name."""
    first, _, last = (action["display_name"] or "").rpartition(" ")
    return [first, last, action["email"]]


def _line(text: str) -> str:
    """The text on one line, so that no delivered text can start a line of its own, or a header, in a mail."""
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text)


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV as spreadsheets and importers expect it: byte order mark, CRLF; an apostrophe before what looks like a
    formula.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return "\ufeff" + text.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if re.match(FORMULA, text) else text
