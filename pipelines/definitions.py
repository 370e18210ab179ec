"""Loads the definitions of `pipelines.defs`; nothing else. `dagster dev -w workspace.yaml` starts here."""

import warnings

import dagster as dg

# backfill_policy is marked beta; the warning comes once per asset and says nothing new.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
# So are partitions of checks, which are a preview.
warnings.filterwarnings("ignore", category=dg.PreviewWarning)
warnings.filterwarnings("ignore", category=DeprecationWarning, module="sqlglot.*")

from pipelines.defs.build import build_definitions  # noqa: E402
from pipelines.settings import load_settings  # noqa: E402

defs = build_definitions(load_settings())
