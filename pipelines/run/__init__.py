"""How months are made, in three steps: `ingestion`, `models`, `publishing`; `months` selects them. Independent of
Dagster and of the system clock.

`pipelines/commands/run.py` calls the steps one after the other; `pipelines/defs` exposes the same functions as assets.
"""
