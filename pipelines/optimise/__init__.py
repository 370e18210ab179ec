"""Best choices under constraints, as pure functions: the smallest edit of a group's predicate, the cheapest lawful mix
of licences. No database, no clock.
"""
