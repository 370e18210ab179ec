"""The months of a Dagster run: of one partition or of a range in one run."""

from __future__ import annotations

import dagster as dg

from pipelines.partitions import months_between, months_definition

MONTHS = months_definition()
ONE_RUN = dg.BackfillPolicy.single_run()
OWNERS = ["team:licence-data"]


def months_of(context: dg.AssetExecutionContext) -> list[str]:
    """Month keys of the run, in order."""
    keys = context.partition_key_range
    return months_between(keys.start, keys.end)
