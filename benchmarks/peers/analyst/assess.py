"""What a rule needs, and whether it could be judged: the table "Keys, measures, needs" as data."""

from __future__ import annotations

from benchmarks.peers.analyst.finding import Result
from benchmarks.peers.analyst.inputs import EVENTS
from benchmarks.peers.analyst.month import Month

# A = assignments; use = not stale; anyuse = any use input in any drop; name* = rows of any drop used; ref.x; name@n;
# (p) = partly when missing; one of: at least one of the inputs marked (p).
NEEDS: dict[str, str] = {
    "ENT-01": "A subscriptions", "ENT-02": "A subscriptions", "ENT-04": "A subscriptions", "ENT-05": "A subscriptions",
    "ENT-12": "",
    "USE-01": "A use", "USE-02": "A use", "USE-03": "A anyuse ref.flex_rates ref.token_prices ref.prices",
    "USE-04": "token_usage* ref.token_prices ref.prices", "USE-07": "A ref.collection_members", "USE-08": "A",
    "IDN-01": "A hr_workers(p) directory_users(p) one_of", "IDN-02": "hr_workers anyuse",
    "IDN-04": "groups ref.group_rules hr_workers", "IDN-07": "A groups ref.group_rules", "IDN-09": "A ref.sso_domains",
    "IDN-10": "A sso_config", "IDN-11": "users account_status",
    "ADM-01": "users", "ADM-03": "users hr_workers(p) directory_users(p) one_of", "ADM-04": "users ref.sso_domains",
    "ADM-05": "users ref.approved_admins", "ADM-07": "users",
    "CON-01": "A contractors", "CON-02": "A contractors "
                                         "ref.sso_domains", "CON-03": "A contractors lrt*", "CON-04": "A hr_workers",
    "FLX-01": "flex_packs token_usage*", "FLX-02": "flex_packs token_usage*", "FLX-03": "flex_packs token_usage*",
    "FLX-04": "flex_packs flex_balance "
              "token_usage*", "FLX-05": "token_usage* ref.flex_rates", "FLX-06": "A token_usage*",
    "FLX-09": "token_usage*",
    "LRT-01": "lrt*", "LRT-02": "lrt* "
                                "ref.version_support", "LRT-03": "lrt* A ref.feature_requirements", "LRT-04": "lrt*",
    "LRT-07": "lrt A", "LRT-08": "lrt* sam_usage*",
    "ENT-03": "ref.contract_lines subscriptions invoices", "ENT-07": "A subscriptions ref.contracts",
    "ENT-09": "perpetual_licences device_inventory", "ENT-10": "nlm_log* nlm_licence(p)",
    "ENT-13": "lrt*(p) device_inventory(p) one_of", "USE-05": "A ref.prices ref.collection_members",
    "USE-06": "A anyuse ref.collection_members ref.prices", "USE-10": "A token_usage* ref.token_prices ref.prices",
    "IDN-03": "A hr_workers", "IDN-05": "groups groups@3 hr_workers(p) "
                                        "hr_workers@3(p)", "IDN-06": "groups ref.group_rules use",
    "IDN-12": "sso_config(p) groups(p) groups@1(p) "
              "first_two", "ADM-02": "users use sign_ins", "ADM-06": "users users@1 ref.approved_admins",
    "FLX-08": "token_usage*", "FLX-10": "token_usage* ref.feature_requirements", "LRT-05": "lrt*", "LRT-09": "lrt*",
    "LRT-10": "lrt* A ref.contracts", "LRT-14": "lrt* A ref.feature_requirements",
}  # fmt: skip


def has(month: Month, need: str) -> bool:
    """Whether one need is met."""
    inputs = month.inputs
    if need == "A":
        return month.seats.known
    if need == "use":
        return not month.seats.stale
    if need == "anyuse":
        return any(inputs.any_rows(n) for n in EVENTS)
    if need == "account_status":
        return any(r["account_status"] for r in inputs.users)
    if need == "sign_ins":
        return any(r["last_sign_in_at"] for r in inputs.directory)
    if need.startswith("ref."):
        return bool(month.ref.rows(need[4:]))
    if need.endswith("*"):
        return inputs.any_rows(need[:-1])
    name, _, back = need.partition("@")
    return inputs.present(name, int(back or 0))


def assessability(month: Month, rule: str, result: Result) -> str:
    """assessed, partly or not_assessable."""
    if not month.inputs.has_drop or result.impossible:
        return "not_assessable"
    needs = NEEDS[rule].split()
    optional = [n.removesuffix("(p)") for n in needs if n.endswith("(p)")]
    musts = [n for n in needs if not n.endswith("(p)") and n not in {"one_of", "first_two"}]
    if not all(has(month, n) for n in musts):
        return "not_assessable"
    if "one_of" in needs and not any(has(month, n) for n in optional):
        return "not_assessable"
    if "first_two" in needs and not any(has(month, n) for n in optional[:2]):
        return "not_assessable"
    states = {
        n for n in [*musts, *optional] if not n.endswith("*") and "@" not in n and not n.startswith("ref.")
    } - set(EVENTS)
    if "A" in states:
        states |= {"usage_report", "users"}
    if "sign_ins" in states:
        states.add("directory_users")
    rejected = any((month.month, n) in month.inputs.warehouse.rejected for n in states)
    if rejected or result.left_out or not all(has(month, n) for n in optional):
        return "partly"
    return "assessed"
