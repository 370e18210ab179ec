"""Contracts: what each input looks like. One file per input; `INPUTS` and `REFERENCE` are the closed registries.

Nothing here reads a file, opens a database or knows Dagster. To add an input: one file here, its spellings in
`aliases.csv`, its suite in `expectations/suites/`, its staging model. Tests hold the four equal.
"""

from pipelines.contracts import (
    contractors,
    device_inventory,
    directory_group_members,
    directory_users,
    flex_balance,
    flex_packs,
    groups,
    hr_workers,
    hub_members,
    invoices,
    lrt,
    nlm_licence,
    nlm_log,
    nlm_status,
    perpetual_licences,
    product_access,
    sam_usage,
    seat_usage,
    sso_config,
    subscriptions,
    token_usage,
    tokenflex,
    usage,
    usage_report,
    users,
    vendor_claims,
)
from pipelines.contracts.contract import Column, Contract, Form, Kind, Type, raw_ddl
from pipelines.contracts.reference_tables import REFERENCE_TABLES

INPUTS: dict[str, Contract] = {
    module.CONTRACT.name: module.CONTRACT
    for module in (
        subscriptions,
        users,
        usage_report,
        usage,
        seat_usage,
        token_usage,
        groups,
        product_access,
        hub_members,
        lrt,
        flex_packs,
        flex_balance,
        sso_config,
        tokenflex,
        directory_users,
        directory_group_members,
        hr_workers,
        contractors,
        perpetual_licences,
        nlm_log,
        nlm_licence,
        nlm_status,
        device_inventory,
        sam_usage,
        invoices,
        vendor_claims,
    )
}
REFERENCE: dict[str, Contract] = {contract.name: contract for contract in REFERENCE_TABLES}

__all__ = ["INPUTS", "REFERENCE", "Column", "Contract", "Form", "Kind", "Type", "raw_ddl"]
