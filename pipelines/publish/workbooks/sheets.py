"""Text and layout of each output's workbook: title, purpose, leading columns, what is compared with last month.

Plain data. Columns not named here follow in table order; the neighbouring modules write the sheets.
"""

from __future__ import annotations

from dataclasses import dataclass

_FINDING_LEAD = (
    "severity",
    "title",
    "team_alias",
    "offering_key",
    "person_key",
    "detail",
    "exposure_amount",
    "currency",
    "recommended_action",
    "status",
    "months_open",
)


@dataclass(frozen=True)
class Sheet:
    """One output as a workbook.

    lead: leading columns, in order. key: identifies a row across months. measure: the number whose growth is worse
    (None: rows are only new or gone). rules: the column that names the rules of a row. decidable: rows carry findings
    that can be decided; team, offering and person then lead too, so that a sort of the columns up to the decision,
    without the ids behind it, is noticed.
    """

    title: str
    purpose: str
    key: tuple[str, ...]
    lead: tuple[str, ...] = ()
    measure: str | None = None
    rules: str | None = None
    decidable: bool = False
    frozen: int = 2


def _findings(title: str, purpose: str, *lead: str) -> Sheet:
    return Sheet(
        title,
        purpose,
        key=("finding_id",),
        lead=lead or _FINDING_LEAD,
        measure="excess",
        rules="rule_id",
        decidable=True,
    )


SHEETS: dict[str, Sheet] = {
    "actions": Sheet(
        "Actions",
        "What is to be done: what is owed, what will be, what can be saved, and the rest; one row per thing to do, "
        "each seat once.",
        key=("action_id",),
        lead=(
            "kind",
            "what",
            "team_alias",
            "offering_key",
            "person_key",
            "amount",
            "currency",
            "price_basis",
            "amount_is",
            "due_on",
            "due_because",
            "responsible",
            "state",
            "severity",
        ),
        measure="amount",
        rules="rule_ids",
        decidable=True,
    ),
    "savings": Sheet(
        "Savings",
        "What was proposed, and what became of the money: realised, pending, refused, lapsed.",
        key=("action_id",),
        lead=(
            "what",
            "state",
            "proposed_amount",
            "realised_amount",
            "pending_amount",
            "refused_amount",
            "lapsed_amount",
            "currency",
            "proposed_month",
            "seen_done_in",
        ),
    ),
    "deprovisioning_list": Sheet(
        "De-provisioning list",
        "Seats with a reason to take them away: people who left, never accepted, never used, or stopped using. One "
        "row per seat.",
        key=("team_alias", "offering_key", "person_key"),
        lead=(
            "severity",
            "display_name",
            "email",
            "team_alias",
            "offering_key",
            "person_key",
            "primary_reason",
            "reason_in_words",
            "action",
            "exposure_amount",
            "currency",
            "last_use_date",
            "days_inactive",
            "left_on",
            "status",
            "months_open",
        ),
        measure="ghost_days",
        rules="rule_ids",
        decidable=True,
    ),
    "compliance_gap_register": _findings(
        "Compliance gap register",
        "Where use or assignments go beyond what was bought: over-assignment, expired terms, versions and features "
        "without right.",
    ),
    "token_forecast": Sheet(
        "Token forecast update",
        "Flex tokens per pool: what was bought and used, how fast it burns, whether it lasts the term.",
        key=("team_alias",),
        lead=(
            "team_alias",
            "adequacy",
            "purchased",
            "consumed",
            "balance",
            "v_now",
            "exhaustion_date",
            "term_end",
            "shortfall_tokens",
            "shortfall_amount",
            "currency",
        ),
        measure="shortfall_tokens",
        frozen=1,
    ),
    "token_burn": Sheet(
        "Token use, day by day",
        "Every charge of Flex tokens, by pool, offering, feature, person and day.",
        key=("team_alias", "offering_key", "feature", "person_key", "day"),
    ),
    "token_backtest": Sheet(
        "Back-test of the token forecast",
        "What each method would have forecast in earlier months, and what actually happened.",
        key=(),
    ),
    "ghost_ledger": Sheet(
        "Ghost ledger",
        "Every seat that outlived its holder: since when, until when, what it cost.",
        key=("team_alias", "offering_key", "person_key"),
        lead=(
            "person_key",
            "team_alias",
            "offering_key",
            "reason",
            "left_on",
            "ghost_from",
            "ghost_to",
            "seat_days",
            "cost",
            "currency",
            "deprovisioning_days",
            "last_use_after_leaving",
        ),
        measure="seat_days",
        frozen=1,
    ),
    "reallocation_candidates": _findings(
        "Reallocation candidates",
        "Who would be served as well for less: a seat returned, moved to Flex, or given to somebody who needs it.",
        "severity",
        "recommendation",
        "reason",
        "team_alias",
        "offering_key",
        "person_key",
        "cost_now",
        "cost_alternative",
        "saving",
        "currency",
        "status",
        "months_open",
    ),
    "provisioning_rules_update": Sheet(
        "Provisioning rules update",
        "Group rules that give seats more broadly than intended, and the smallest edit that removes the excess.",
        key=("team_alias", "group_name", "offering_key", "rule_ids"),
        lead=("proposal", "team_alias", "group_name", "offering_key", "excess", "seats_freed", "active_users_hit"),
        measure="excess",
        rules="rule_ids",
    ),
    "provisioning_excess": Sheet(
        "Members beyond the rule",
        "Members of groups that grant seats who do not match the group's rule, by name; ask those who use the "
        "product first.",
        key=("team_alias", "group_name", "offering_key", "person_key"),
        lead=(
            "action",
            "display_name",
            "email",
            "team_alias",
            "group_name",
            "offering_key",
            "department",
            "legal_entity",
            "has_seat",
            "is_active",
            "proposal",
        ),
        rules="rule_ids",
        frozen=3,
    ),
    "admin_roster_reconciliation": Sheet(
        "Admin roster reconciliation",
        "Who may assign licences, according to the portal and according to the approved roster.",
        key=("team_alias", "person_key", "role", "rule_ids"),
        lead=("severity", "action", "person_key", "role", "team_alias", "on_roster", "in_portal", "last_seen"),
        rules="rule_ids",
        frozen=3,
    ),
    "audit_readiness": Sheet(
        "Audit readiness report",
        "The four steps of an audit before the auditor makes them: entitlement, assignment, telemetry, "
        "reconciliation, by contract.",
        key=("contract_number", "team_alias", "offering_key"),
        lead=(
            "readiness",
            "contract_number",
            "team_alias",
            "offering_key",
            "entitled",
            "assigned",
            "auditor_count",
            "defensible_count",
            "after_remediation_count",
            "gap_auditor",
            "gap_defensible",
            "gap_after",
            "money_auditor_list",
            "money_defensible_list",
            "money_after_list",
        ),
        measure="gap_after",
    ),
    "renewal_brief": Sheet(
        "Renewal negotiation brief",
        "What the contract, the portal and the invoices say about each offering, what was used, and what to renew.",
        key=("contract_number", "offering_key"),
        lead=(
            "contract_number",
            "offering_key",
            "decide_by",
            "seats_contract",
            "seats_portal",
            "seats_invoiced",
            "assigned",
            "active_90d",
            "peak_active_12m",
            "recommended_seats_low",
            "recommended_seats_base",
            "recommended_seats_high",
            "tokens_now",
            "tokens_proposed",
            "spend_now",
            "spend_proposed",
            "saving",
            "currency",
            "levers",
        ),
    ),
    "renewal_mix": Sheet(
        "Renewal mix, person by person",
        "The cheapest lawful mix of seats and tokens for the next term, with one sentence of reason per person.",
        key=("contract_number", "team_alias", "person_key"),
        lead=(
            "action",
            "display_name",
            "email",
            "team_alias",
            "held",
            "seats",
            "flex_now",
            "flex",
            "cost_now",
            "cost_proposed",
            "saving",
            "currency",
            "reason",
        ),
        measure="saving",
    ),
    "renewal_plan": Sheet(
        "Renewal plan",
        "Seats to renew by the plan, in three cases of growth and spare seats, beside what is assigned now.",
        key=("contract_number", "team_alias", "offering_key", "scenario"),
        lead=(
            "contract_number",
            "team_alias",
            "offering_key",
            "scenario",
            "assigned",
            "persons",
            "seats",
            "cost",
            "currency",
        ),
        frozen=4,
    ),
    "assignment_history": Sheet(
        "Assignment history",
        "Who held which seat from when to when, as honest intervals between drops.",
        key=("team_alias", "offering_key", "person_key", "spell"),
        lead=("person_key", "team_alias", "offering_key", "spell", "from_not_before", "from_not_after"),
        frozen=1,
    ),
    "licence_position": Sheet(
        "Licence position",
        "Entitled against assigned against active, per team and offering.",
        key=("team_alias", "offering_key"),
        lead=(
            "team_alias",
            "offering_key",
            "entitled",
            "assigned",
            "active_90d",
            "gap_team",
            "gap_org",
            "wasted_year",
            "currency",
        ),
        measure="gap_team",
    ),
    "auditor_count": Sheet(
        "The auditor's count and ours",
        "What an auditor would count, what can be defended, what is left after the clean-up; every line of the "
        "difference.",
        key=("team_alias", "offering_key"),
        lead=(
            "team_alias",
            "offering_key",
            "entitled",
            "auditor_count",
            "defensible_count",
            "after_remediation_count",
            "gap_auditor",
            "gap_defensible",
            "gap_after",
        ),
        measure="gap_auditor",
    ),
    "claim_answers": Sheet(
        "Answers to claims",
        "Every line that the vendor or its auditor claims: accepted, contested, not provable or out of scope, why, and "
        "what it is worth. What may leave the house is marked; the note is for the company and its counsel.",
        key=("claim_id", "place"),
        lead=(
            "claim_id",
            "answer",
            "reason",
            "to_settle",
            "marking",
            "product",
            "version",
            "claimed_person",
            "device",
            "serial",
            "period",
            "quantity",
            "claimed_quantity",
            "accepted_quantity",
            "claimed_list",
            "accepted_list",
            "list_currency",
            "claimed_contract",
            "accepted_contract",
            "contract_currency",
            "internal_note",
        ),
        measure="accepted_quantity",
    ),
    "rule_runs": Sheet(
        "Rules that were run",
        "Every rule: whether it could be assessed, over how many subjects, with how many findings.",
        key=("rule_id",),
        lead=("rule_id", "title", "assessability", "reason", "subjects", "findings"),
        measure="findings",
    ),
    "findings": _findings("All findings", "Every finding of the month, of all rules, with its evidence."),
    "review_calendar": Sheet(
        "Review calendar",
        "What is due when, whether its inputs arrived, when it was made, who signed it off; and what comes in the next "
        "twelve months.",
        key=("activity", "contract_number", "period", "subject"),
        lead=(
            "is_ahead",
            "state",
            "activity",
            "due_on",
            "contract_number",
            "inputs_missing",
            "signed_off_by",
            "signed_off_at",
        ),
    ),
    "publications": Sheet(
        "Publications",
        "Every version of every output that was published: when it changed, why, and the hashes that prove it.",
        key=("output", "version"),
    ),
    "file_register": Sheet(
        "File register",
        "Every delivered file, what it was recognised as, and how many of its rows were used.",
        key=("path",),
        lead=("verdict", "path", "input", "rows_read", "rows_loaded", "rows_rejected", "rows_duplicate", "message"),
        measure="rows_rejected",
    ),
    "rejected_rows": Sheet(
        "Rejected rows",
        "Rows that were not used, each with the reason.",
        key=("path", "row_number", "column_name"),
        lead=("path", "row_number", "reason", "column_name", "row_text"),
    ),
}


def sheet_of(output: str) -> Sheet:
    """The layout of an output; a default one if it is not listed above."""
    return SHEETS.get(output) or Sheet(output.replace("_", " ").capitalize(), "", key=())
