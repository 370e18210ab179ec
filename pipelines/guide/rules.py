"""Every rule in words: question, definition, example, parameters, needs, output, model. Made from the seeds of the rule
catalogue.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import yaml

from pipelines.guide.markdown import anchor, cell, code, table
from pipelines.settings import DBT_PROJECT, ROOT, SEEDS

FAMILIES = {
    "ENT": "Entitlement and position",
    "USE": "Activity and right-sizing",
    "IDN": "Identity and groups",
    "ADM": "Administration",
    "CON": "Contractors",
    "FLX": "Flex tokens",
    "HUB": "Cloud hubs",
    "LRT": "Telemetry",
    "CAL": "Compliance calendar",
}
WORDS = (
    "M is the review month, `as_of` its last day, drop(M) the folder of files delivered for it, A the assignments, E "
    "the entitled seats; these and other terms are explained in "
    "[Terms that the rules use](foundations.md). In a key, T is the team, O the offering, P the person, S the scope."
)
USE_INPUTS = ("usage", "seat_usage", "token_usage", "lrt")
ASSIGNMENTS = ("usage_report", "users")
Row = dict[str, str]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def catalogue() -> list[Row]:
    """Rows of the rule catalogue in its order."""
    return _rows(SEEDS / "rule_catalogue.csv")


@cache
def needs() -> dict[str, list[Row]]:
    """Rule → what it needs."""
    found: dict[str, list[Row]] = {}
    for row in _rows(SEEDS / "rule_needs.csv"):
        found.setdefault(row["rule_id"], []).append(row)
    return found


@cache
def parameters() -> dict[str, list[Row]]:
    """Rule (also `foundations`, `renewal`) → its parameters with default and source."""
    found: dict[str, list[Row]] = {}
    for row in _rows(SEEDS / "defaults" / "rule_parameters.csv"):
        found.setdefault(row["rule_id"], []).append(row)
    return found


def model_of(rule_id: str) -> Path:
    """The model of a rule."""
    (path,) = (DBT_PROJECT / "models" / "rules").glob(f"*/{rule_id.lower().replace('-', '_')}_*.sql")
    return path


@cache
def unit_tests() -> dict[str, list[str]]:
    """Model → names of its dbt unit tests, as sentences."""
    found: dict[str, list[str]] = {}
    for path in sorted((DBT_PROJECT / "models" / "rules").rglob("_unit_tests*.yml")):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["unit_tests"]:
            found.setdefault(test["model"], []).append(test["name"].replace("_", " "))
    return found


def needed_by(name: str, at: str | None = None) -> list[str]:
    """Rules that need an input (its assignments and use included) or, with at='ref', a row of a reference table."""
    means = {name}
    if name in ASSIGNMENTS:
        means.add("A")
    if name in USE_INPUTS:
        means |= {"any_use", "use"}
    if name == "usage_report":
        means.add("use")
    if name == "users":
        means.add("account_status")
    if name == "directory_users":
        means.add("last_sign_in_at")
    if at == "ref":
        return [rule for rule, rows in needs().items() if any(r["need"] == name and r["at"] == "ref" for r in rows)]
    return [rule for rule, rows in needs().items() if any(r["need"] in means and r["at"] != "ref" for r in rows)]


def _need_in_words(row: Row) -> str:
    need, at = row["need"], row["at"]
    words = {
        "A": "the assignments, `usage_report` or `users` in the drop of the month",
        "use": "use that is not stale: a drop of the month with one of `usage_report`, `usage`, `seat_usage`, "
        "`token_usage`, `lrt`, and use in the last 31 days",
        "any_use": "one of `usage`, `seat_usage`, `token_usage`, `lrt` in any drop up to the month",
        "sign_in": "a column with the last sign-in in `directory_users`",
        "status": "a column with the state of the account in `users`",
        "invited_at": "a column with the day of the invitation in `hub_members`",
        "drop": f"`{need}` in the drop of the month",
        "any": f"`{need}` in any drop up to the month",
        "prev": f"`{need}` in the drop of the month before",
        "prev3": f"`{need}` in the drop three months before",
        "ref": f"a row of the reference table [`{need}`](#reference-{need.replace('_', '-')})",
    }
    return words[at]


def needs_in_words(rule_id: str) -> str:
    """What makes the rule not assessable, and what makes it only partly so. Markdown list."""
    rows = needs().get(rule_id, [])
    if not rows:
        return "- nothing: it uses the data that exists\n"
    lines = [f"- {_need_in_words(r)}" for r in rows if r["optional"] == "false"]
    choice = [r for r in rows if r["one_of"]]
    if choice:
        lines.append(
            f"- at least one of: {'; '.join(_need_in_words(r) for r in choice)}. If only some of them exist, it is "
            "partly assessed"
        )
    lines += [
        f"- partly assessed without: {_need_in_words(r)}" for r in rows if r["optional"] == "true" and not r["one_of"]
    ]
    return "\n".join(lines) + "\n"


def parameters_table(rule_id: str) -> str:
    """Parameters of a rule with default and source; empty if it has none."""
    rows = [[code(r["parameter"]), code(r["value"]), cell(r["source"])] for r in parameters().get(rule_id, [])]
    return table(["parameter", "default", "source of the default"], rows) if rows else ""


def rule_section(row: Row) -> str:
    """One rule under a heading of its own."""
    rule = row["rule_id"]
    model = model_of(rule)
    parts = [
        anchor(rule.lower()) + f"## {rule} {row['title']}\n",
        f"**{cell(row['question'])}**\n",
        f"{cell(row['in_words'])}\n",
        f"*Definition.* {cell(row['definition'])}.\n",
        f"*Example.* {cell(row['example'])}\n",
        f"Severity: {cell(row['severity'])}. Shown in: "
        f"{', '.join(code(o) for o in row['calendar_output'].split(';'))}.\n",
        "Not assessable without:\n",
        needs_in_words(rule),
    ]
    given = parameters_table(rule)
    if given:
        parts += ["Parameters:\n", given]
    measures = [["key", cell(row["key"]), cell(row["scope_is"] and f"scope: {row['scope_is']}")]]
    measures += [[name, cell(row[name]), cell(row[f"{name}_is"])] for name in ("observed", "threshold", "excess")]
    measures.append(["exposure in money", cell(row["exposure"]) or "none", ""])
    unit = "" if row["unit"] == "none" else f", in the unit *{row['unit']}*"
    parts += [f"What a finding shows{unit}:\n", table(["column", "holds", "in words"], measures)]
    tests = "; ".join(unit_tests().get(model.stem, []))
    parts.append(
        f"Source: {cell(row['source'])}. Model: `{model.relative_to(ROOT).as_posix()}`. Tested: {cell(tests)}.\n"
    )
    return "\n".join(parts)


def rule_pages() -> dict[str, str]:
    """Page name → text: one page per family, and an overview."""
    pages = {}
    for family, title in FAMILIES.items():
        rows = [r for r in catalogue() if r["family"] == family]
        head = f"# {title}\n\n{WORDS}\n"
        pages[f"rules-{family.lower()}"] = "\n".join([head, *(rule_section(r) for r in rows)])
    pages["rules"] = _overview()
    return pages


def _overview() -> str:
    parts = [
        "# Rules\n",
        f"{len(catalogue())} rules. Each is one model with a row in the catalogue, unit tests of its boundaries and "
        "planted cases in the demo estate. A rule whose inputs are missing is *not assessable*, which does not mean "
        "that there is nothing to find. `selfaudit explain FINDING_ID` prints the rule with the numbers of one "
        "finding.\n",
    ]
    for family, title in FAMILIES.items():
        rows = [r for r in catalogue() if r["family"] == family]
        parts.append(f"## {title}\n")
        parts.append(
            table(
                ["rule", "question", "severity"],
                [
                    [
                        f"[{r['rule_id']}](#{r['rule_id'].lower()}) {cell(r['title'])}",
                        cell(r["question"]),
                        cell(r["severity"]),
                    ]
                    for r in rows
                ],
            )
        )
    return "\n".join(parts)


def parameter_page() -> str:
    """All parameters: what they are called, their default, where it comes from, how to set one."""
    parts = [
        "# Parameters\n",
        "Every threshold is data. To set one, add a row to `landing/reference/rule_parameters.csv` "
        "([the table](#reference-rule-parameters)): rule, parameter, value, from when, and who decided it. It applies "
        "from `valid_from` on; earlier months keep the default, so that a changed result can be distinguished from a "
        "changed rule. `<parameter>:<offering_key>` sets the parameter for one offering only.\n",
    ]
    for rule in parameters():
        known = {r["rule_id"]: r["title"] for r in catalogue()}
        title = (
            f"{rule} {known[rule]}"
            if rule in known
            else {"foundations": "Foundations", "renewal": "Renewal"}.get(rule, rule)
        )
        parts.append(f"## {title}\n")
        if rule in known:
            parts.append(f"[Definition of the rule](#{rule.lower()}).\n")
        parts.append(parameters_table(rule))
    return "\n".join(parts)
