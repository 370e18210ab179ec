"""Where things are, and what the environment says: one typed object, absolute paths.

The only Python file that reads environment variables. Holds no logic of the pipeline and opens nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = ROOT / "dbt_project"
SEEDS = DBT_PROJECT / "seeds"
EXPECTATIONS = ROOT / "expectations"


@dataclass(frozen=True)
class Settings:
    """One data folder and the limits of a run. Two data folders share nothing; a run writes nowhere else.

    data: absolute path of the data folder (landing/, published/, warehouse/, state/ inside it).
    memory_limit: DuckDB's memory limit, in DuckDB's words (`1500MB`); larger work spills to `scratch`.
    threads: DuckDB threads; results do not depend on it.
    restated: months that a record kept elsewhere calls restated; set by a replay, which has no record of its own.
    """

    data: Path
    memory_limit: str = "1400MB"
    threads: int = 2
    restated: tuple[str, ...] = ()

    @property
    def landing(self) -> Path:
        """Drops and the reference folder; never written by the software."""
        return self.data / "landing"

    @property
    def published(self) -> Path:
        """What readers open."""
        return self.data / "published"

    @property
    def published_database(self) -> Path:
        """The DuckDB file for readers; replaced as a whole."""
        return self.published / "selfaudit.duckdb"

    @property
    def warehouse(self) -> Path:
        """The working database; one writer, no readers."""
        return self.data / "warehouse" / "selfaudit.duckdb"

    @property
    def state(self) -> Path:
        """State of the software itself: dbt's target, Dagster's storage, locks."""
        return self.data / "state"

    @property
    def scratch(self) -> Path:
        """Temporary files of a run; emptied by it."""
        return self.data / "state" / "scratch"

    @property
    def dbt_target(self) -> Path:
        """dbt's artefacts (manifest, partial parse), inside the data folder."""
        return self.data / "state" / "dbt"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance folder (runs, events), inside the data folder."""
        return self.data / "state" / "dagster"

    def environment_of_a_replay(self, restated: Sequence[str]) -> dict[str, str]:
        """The environment of a process that makes months again beside the record: it is told which months that record calls restated."""
        return {**os.environ, "SELFAUDIT_RESTATED": " ".join(restated)}

    def apply_to_environment(self) -> None:
        """Set what dbt's profile and Dagster read from the environment. Telemetry of libraries is off."""
        os.environ.update(
            {
                "SELFAUDIT_DATA": str(self.data),
                "SELFAUDIT_WAREHOUSE": str(self.warehouse),
                "SELFAUDIT_MEMORY_LIMIT": self.memory_limit,
                "SELFAUDIT_SCRATCH": str(self.scratch),
                "DAGSTER_HOME": str(self.dagster_home),
                "DO_NOT_TRACK": "1",
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                "DAGSTER_DISABLE_TELEMETRY": "1",
            }
        )


def load_settings(data: Path | None = None) -> Settings:
    """Settings of a data folder: the argument, else SELFAUDIT_DATA, else ./data. Other names have documented defaults."""
    folder = data or Path(os.environ.get("SELFAUDIT_DATA") or "data")
    defaults = Settings(data=folder.expanduser().resolve())
    return Settings(
        data=defaults.data,
        memory_limit=os.environ.get("SELFAUDIT_MEMORY_LIMIT") or defaults.memory_limit,
        threads=int(os.environ.get("SELFAUDIT_THREADS") or defaults.threads),
        restated=tuple((os.environ.get("SELFAUDIT_RESTATED") or "").split()),
    )
