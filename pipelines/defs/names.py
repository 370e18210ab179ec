"""The names under which a data folder stands in Dagster: keys of assets, jobs, sensors, schedules, the pool of its
writer.

Where one Dagster serves several companies each has its tenant in front of all of them (docs/many-companies.md).
"""

from __future__ import annotations

import dagster as dg

from pipelines.settings import Settings
from pipelines.warehouse import POOL


def key_of(tenant: str, *path: str) -> dg.AssetKey:
    """The key of an asset: the tenant, if there is one, the layer, the table."""
    return dg.AssetKey([*([tenant] if tenant else []), *path])


def name_in(tenant: str, name: str) -> str:
    """The name of a job, a sensor, a schedule or a pool."""
    return f"{tenant}_{name}" if tenant else name


def pool_of(settings: Settings) -> str:
    """The pool of the one writer of the data folder."""
    return name_in(settings.tenant, POOL)


def is_of(tenant: str, run: dg.DagsterRun, jobs: tuple[str, ...]) -> bool:
    """Whether a run makes assets of this tenant: one of its jobs, or a click on its assets."""
    if run.job_name in {name_in(tenant, job) for job in jobs}:
        return True
    keys = run.asset_selection or ()
    return run.job_name.startswith("__ASSET_JOB") and (not tenant or any(k.path[0] == tenant for k in keys))
