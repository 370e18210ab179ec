"""The summary of a run: what was not made and why, rows per output, what could not be assessed and why, what was
rejected, where the files are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pipelines.commands.shared.file_messages import files_to_look_at, line_of
from pipelines.failures.omissions import Unmade, read
from pipelines.ingest.landing.strays import Stray, strays
from pipelines.publish.datasets import existing_outputs
from pipelines.publish.notes import notes
from pipelines.report.questions import ANSWER, questions
from pipelines.settings import Settings
from pipelines.warehouse import connect_file

MOST_PUT_BACK = 40


def summarise(settings: Settings, months: list[str]) -> dict[str, Any]:
    """The number of rows per output in the months of the run, from the published file. Read-only."""
    connection = connect_file(settings.published_database)
    try:
        window = [months[0], months[-1]]
        outputs = {
            name: connection.execute(
                f"select review_month, count(*) from calendar.{name} where review_month >= ? and review_month <= ? "
                "group by 1 order by 1",
                window,
            ).fetchall()
            for name in existing_outputs(connection)
        }
        not_assessed = connection.execute(
            "select review_month, rule_id, assessability, reason from calendar.rule_runs "
            "where assessability <> 'assessed' and review_month >= ? and review_month <= ? order by all",
            window,
        ).fetchall()
        files = files_to_look_at(connection, *window)
        asked = [q.sentence() for q in questions(connection, months[-1])]
        noted = [n.sentence for n in notes(connection, months[-1])]
        severities = connection.execute(
            "select severity, count(*) from calendar.findings where review_month = ? group by 1 order by 1",
            [months[-1]],
        ).fetchall()
        unmade = [u for u in read(connection, "meta.not_made") if months[0] <= u.review_month <= months[-1]]
    finally:
        connection.close()
    return {
        "months": months,
        "not_made": [not_made_as_dict(u) for u in unmade],
        "outputs": {name: dict(rows) for name, rows in outputs.items()},
        "input_notes": noted,
        "settle_first": asked,
        "findings_by_severity": dict(severities),
        "not_assessed": [
            dict(zip(("review_month", "rule_id", "assessability", "reason"), row, strict=True)) for row in not_assessed
        ],
        "files_to_look_at": files,
        "not_read": [asdict(s) for s in strays(settings.landing)],
        "published": str(settings.published),
        "page": str(settings.published / "pages" / f"{months[-1]}.html"),
    }


def not_made_as_dict(one: Unmade) -> dict[str, Any]:
    """What was not made, for `--json` and for `not_made_lines`."""
    return {**asdict(one), "stands": one.stands}


def not_made_lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was not made, one line per cause and month with everything affected."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for one in found:
        groups.setdefault((one["review_month"], one["cause"], one["reason"], one["place"], one["advice"]), []).append(
            one
        )
    lines = []
    for (month, cause, reason, place, advice), ones in groups.items():
        lines.append(f"  {month}  {cause} failed: {reason.rstrip('.')}" + (f" ({place})" if place else ""))
        by_stand: dict[str, list[str]] = {}
        for one in ones:
            by_stand.setdefault(one["stands"], []).append(f"{one['kind']} {one['name']}")
        lines += [f"           not made: {', '.join(names)}; {stands}" for stands, names in by_stand.items()]
        lines.append(f"           {advice}")
    return lines


def made_line(because: Sequence[str], outputs: Sequence[str] | None) -> str:
    """What was made and why, in one line."""
    made = (
        "all of it"
        if outputs is None
        else f"{len(outputs)} outputs depend on it: {', '.join(outputs)}"
        if outputs
        else "no output depends on it"
    )
    return f"Changed: {', '.join(because)}. Made: {made}."


def print_summary(settings: Settings, summary: dict[str, Any]) -> None:
    """Print the summary: the last month in full, earlier months as totals."""
    last = summary["months"][-1]
    if summary["not_made"]:
        print("\nCompleted in part. Not made:")
        print("\n".join(not_made_lines(summary["not_made"])))
    print_put_back(summary.get("changed_outside", []))
    if summary["input_notes"]:
        print(f"\nWhat the files of {last} do not say (nobody is named because of it):")
        print("\n".join(f"  {text}" for text in summary["input_notes"]))
    if summary["settle_first"]:
        print(f"\nResolve first, because rules depend on it in {last}:")
        print("\n".join(f"  {text}" for text in summary["settle_first"]))
        print(f"  {ANSWER}")
    if summary.get("outputs_made") is not None:
        print(f"\n{made_line(summary['because'][last], summary['outputs_made'])}")
    print(f"\nReview month {last} (of {len(summary['months'])} made in this run)\n")
    print(f"  {'output':<30} {'rows ' + last:>14} {'rows of the run':>16}")
    for name, rows in summary["outputs"].items():
        print(f"  {name:<30} {rows.get(last, 0):>14} {sum(rows.values()):>16}")
    severities = ", ".join(f"{count} {name}" for name, count in summary["findings_by_severity"].items())
    print(f"\nFindings of {last}: {severities or 'none'}")
    _print_assessability(summary, last)
    _print_files(summary)
    print(f"\nOpen this: {summary['page']}")
    print(f"Workbooks and files: {settings.published}")
    print(f"Database for BI: {settings.published_database}")


def _print_assessability(summary: dict[str, Any], last: str) -> None:
    rows = [r for r in summary["not_assessed"] if r["review_month"] == last]
    if not rows:
        print(f"Every rule was assessed in {last}.")
        return
    print(f"\nNot or only partly assessed in {last} (this is not the same as nothing found):")
    for row in rows:
        print(f"  {row['rule_id']:<7} {row['assessability']:<15} {row['reason']}")


def print_put_back(found: Sequence[str]) -> None:
    """Print changes made to published months outside a run and how they were handled, if there were any."""
    if found:
        print("\nChanged outside a run since it was published (see `selfaudit verify`):")
        print("\n".join(f"  {sentence}" for sentence in found[:MOST_PUT_BACK]))
        if len(found) > MOST_PUT_BACK:
            print(f"  and {len(found) - MOST_PUT_BACK} more")


def print_strays(found: Sequence[Mapping[str, Any]]) -> None:
    """Print what is in the landing zone and not read, if there is anything."""
    if found:
        print("\nIn the landing zone, but not read:")
        print("\n".join(f"  {Stray(**one).sentence()}" for one in found))


def _print_files(summary: dict[str, Any]) -> None:
    print_strays(summary["not_read"])
    files = summary["files_to_look_at"]
    if not files:
        print("Every file was recognised and every row loaded.")
        return
    print("\nFiles to look at:")
    print("\n".join(f"  {line_of(f)}" for f in files[:40]))
    if len(files) > 40:
        print(f"  and {len(files) - 40} more in calendar.file_register")
