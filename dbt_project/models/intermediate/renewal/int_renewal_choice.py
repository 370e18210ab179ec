"""Grain: (contract whose brief is due, team, person): the cheapest lawful mix for the next term at the prices and spare
seats of the base case. The optimiser is in pipelines/optimise.
"""


def model(dbt, session):
    """One row per person of int_renewal_seat. The other cases differ in how many seats, not in who gets which."""
    from pipelines.optimise.renewal_tables import MEMBERS, NEEDS, PRICES, SCENARIOS, SEATS, choose
    from pipelines.relations import relation_of, rows

    dbt.config(materialized="table")
    chosen = choose(
        rows(dbt.ref("int_renewal_scenario").filter("scenario = 'base'"), *SCENARIOS),
        rows(dbt.ref("int_renewal_price"), *PRICES),
        rows(dbt.ref("int_renewal_member"), *MEMBERS),
        rows(dbt.ref("int_renewal_seat"), *SEATS),
        rows(dbt.ref("int_renewal_need"), *NEEDS),
    )
    return relation_of(session, "renewal_choice", chosen)
