"""Assessability: one row per rule and month, after "Needs" and "A file that says that it is not whole"."""

from __future__ import annotations

from tests.oracle.estate import STATE, USE_EVENTS
from tests.oracle.foundations import World
from tests.oracle.terms import Outcome

# As in the table of 3-rules.md: `x*` any drop used, `@1`, `@3` earlier drops, `ref.x` a reference row, `(p)` partly
# without, `?` one of these.
NEEDS = {
    "ENT-01": "A subscriptions",
    "ENT-02": "A subscriptions",
    "ENT-03": "ref.contract_lines subscriptions invoices",
    "ENT-04": "A subscriptions",
    "ENT-05": "A subscriptions",
    "ENT-07": "A subscriptions ref.contracts",
    "ENT-09": "perpetual_licences device_inventory",
    "ENT-10": "nlm_log* nlm_licence(p)",
    "ENT-12": "",
    "ENT-13": "lrt*? device_inventory?",
    "ENT-14": "A any_use",
    "ENT-15": "product_access A? subscriptions?",
    "USE-01": "A use",
    "USE-02": "A use",
    "USE-03": "A any_use ref.flex_rates ref.token_prices ref.prices",
    "USE-04": "token_usage* ref.token_prices ref.prices",
    "USE-05": "A ref.prices ref.collection_members",
    "USE-06": "A any_use ref.collection_members ref.prices",
    "USE-07": "A ref.collection_members",
    "USE-08": "A",
    "USE-10": "A token_usage* ref.token_prices ref.prices",
    "IDN-01": "A hr_workers? directory_users?",
    "IDN-02": "hr_workers any_use",
    "IDN-03": "A hr_workers",
    "IDN-04": "groups ref.group_rules hr_workers",
    "IDN-05": "groups groups@3 hr_workers(p) hr_workers@3(p)",
    "IDN-06": "groups ref.group_rules use",
    "IDN-07": "A groups ref.group_rules",
    "IDN-09": "A ref.sso_domains",
    "IDN-10": "A sso_config",
    "IDN-11": "users status",
    "IDN-12": "sso_config? groups? groups@1(p)",
    "ADM-01": "users",
    "ADM-02": "users use sign_in",
    "ADM-03": "users hr_workers? directory_users?",
    "ADM-04": "users ref.sso_domains",
    "ADM-05": "users ref.approved_admins",
    "ADM-06": "users users@1 ref.approved_admins",
    "ADM-07": "users",
    "CON-01": "A contractors",
    "CON-02": "A contractors ref.sso_domains",
    "CON-03": "A contractors lrt*",
    "CON-04": "A hr_workers",
    "CAL-01": "",
    "FLX-01": "flex_packs token_usage*",
    "FLX-02": "flex_packs token_usage*",
    "FLX-03": "flex_packs token_usage*",
    "FLX-04": "flex_packs flex_balance token_usage*",
    "FLX-05": "token_usage* ref.flex_rates",
    "FLX-06": "A token_usage*",
    "FLX-08": "token_usage*",
    "FLX-09": "token_usage*",
    "FLX-10": "token_usage* ref.feature_requirements",
    "LRT-01": "lrt*",
    "LRT-02": "lrt* ref.version_support",
    "LRT-03": "lrt* A ref.feature_requirements",
    "LRT-04": "lrt*",
    "LRT-05": "lrt*",
    "LRT-07": "lrt A",
    "LRT-08": "lrt* sam_usage*",
    "LRT-09": "lrt*",
    "LRT-10": "lrt* A ref.contracts",
    "LRT-14": "lrt* A ref.feature_requirements",
    "HUB-01": "hub_members A hr_workers? directory_users? contractors?",
    "HUB-02": "hub_members",
    "HUB-03": "hub_members A ref.offerings",
    "HUB-04": "invited_at",
    "HUB-05": "hub_members A",
}
# The table "not whole / not concluded", by rule; `absent` of a rule rests on directory, contractors and HR.
USE_PARTS = "usage seat_usage token_usage lrt"
ABSENT = "directory_users contractors hr_workers"
NOT_CONCLUDED = {
    "IDN-01": ABSENT,
    "ADM-03": ABSENT,
    "ADM-07": f"{ABSENT} users",
    "CON-04": "hr_workers",
    "IDN-05": "hr_workers hr_workers@3 groups@3",
    "CON-02": "contractors",
    "ENT-01": "subscriptions",
    "ENT-03": "subscriptions invoices",
    "ENT-04": "subscriptions",
    "ENT-05": "subscriptions",
    "ENT-07": "subscriptions",
    "ENT-09": "subscriptions perpetual_licences",
    "ENT-02": "usage_report users",
    "ENT-15": "subscriptions usage_report users",
    "LRT-03": "usage_report users token_usage",
    "LRT-07": "usage_report users token_usage perpetual_licences",
    "LRT-01": "perpetual_licences",
    "CON-03": "usage_report users",
    "USE-04": "usage_report users",
    "USE-05": "usage_report users",
    "ADM-05": "users",
    "ADM-06": "users@1",
    "IDN-12": "groups",
    "HUB-01": ABSENT,
    "HUB-03": "usage_report users",
    "USE-01": USE_PARTS,
    "USE-02": USE_PARTS,
    "IDN-06": USE_PARTS,
    "ADM-02": USE_PARTS,
}
JOINED = {
    **dict.fromkeys(("IDN-01", "ADM-03", "ADM-07", "HUB-01"), "directory_users"),
    "CON-04": "hr_workers",
}


def needed_drop(w: World, need: str) -> tuple[str, str]:
    name, _, back = need.partition("@")
    return name, w.months_before(int(back)) if back else w.month


def met(w: World, need: str) -> bool:
    """Whether one need is there."""
    if need == "A":
        return w.has_a
    if need == "use":
        return not w.is_stale
    if need == "any_use":
        return any(w.estate.events(n, w.horizon) for n in USE_EVENTS)
    if need == "status":
        return any(r["account_status"] for r in w.users)
    if need == "invited_at":
        return any(r["invited_at"] for r in w.estate.state("hub_members", w.month))
    if need == "sign_in":
        return any(r["last_sign_in_at"] for r in w.directory)
    if need.startswith("ref."):
        return bool(w.ref(need[4:]))
    if need.endswith("*"):
        return bool(w.estate.events(need[:-1], w.horizon))
    name, drop = needed_drop(w, need)
    return w.estate.present(name, drop)


def inputs_of(need: str) -> list[str]:
    """The inputs behind a need: A stands for usage_report and users."""
    behind = {
        "A": ["usage_report", "users"],
        "use": ["usage_report", *USE_EVENTS],
        "any_use": list(USE_EVENTS),
        "status": ["users"],
        "sign_in": ["directory_users"],
        "invited_at": ["hub_members"],
    }
    return [] if need.startswith("ref.") else behind.get(need, [need.removesuffix("*")])


def assess(w: World, rule: str, outcome: Outcome) -> str:
    """`assessed`, `partly` or `not_assessable`."""
    needs = NEEDS[rule].split()
    optional = [n[:-3] for n in needs if n.endswith("(p)")]
    one_of = [n[:-1] for n in needs if n.endswith("?")]
    required = [n for n in needs if not n.endswith(("(p)", "?"))]
    if not w.has_drop or not all(met(w, n) for n in required) or outcome.unassessable:
        return "not_assessable"
    if one_of and not any(met(w, n) for n in one_of):
        return "not_assessable"
    if not all(met(w, n) for n in [*optional, *one_of]) or outcome.left_out:
        return "partly"
    stands_on = [i for n in [*required, *optional, *one_of] for i in inputs_of(n)]
    # What a rule concludes rests on what it needs and on the inputs of which it takes a missing row for evidence.
    for name in {*stands_on, *NOT_CONCLUDED.get(rule, "").split()}:
        base, drop = needed_drop(w, name)
        if not w.estate.whole(base, drop) or (base in STATE and w.estate.flawed(base, drop)):
            return "partly"
        if name == "hr_workers" and any(r["status"] == "unknown" for r in w.hr):
            return "partly"
    for name in NOT_CONCLUDED.get(rule, "").split():
        if w.any_rejected(*needed_drop(w, name)):
            return "partly"
    if rule in JOINED and w.any_not_joinable(JOINED[rule]):
        return "partly"
    return "assessed"
