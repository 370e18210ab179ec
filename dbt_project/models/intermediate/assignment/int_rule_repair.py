"""Grain: (team, group, offering) of int_group_excess: the smallest edit of the group's predicate. The search is in
pipelines/optimise.
"""


def model(dbt, session):
    """One row per over-broad group and offering."""
    from pipelines.optimise.groups import INPUT, OTHERS, repair_groups
    from pipelines.relations import relation_of, rows

    dbt.config(materialized="table")
    members = dbt.ref("int_group_excess")
    everybody = dbt.ref("int_hr_attributes")
    return relation_of(session, "rule_repair", repair_groups(rows(members, *INPUT), rows(everybody, *OTHERS)))
