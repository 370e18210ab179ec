"""How months are made, in three steps: `ingestion`, `models`, `publishing`; `months` says which. Without Dagster, and
without a clock of its own.

`pipelines/commands/run.py` calls the steps one after the other; `pipelines/defs` shows the same functions as assets.
"""
