"""Alerts: what is worth saying to people who do not look at the pages, and saying it once.

Belongs here: reading what is published, deciding what is worth a message, the forms of the message, the two channels,
the memory of what was said. Does not belong here: rules and due dates (dbt, `calendar`), the environment (`settings`),
who calls when (`commands`, `defs`).
"""
