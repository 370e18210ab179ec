"""`python -m pipelines.run.prepare`, a step of `make install`: parses the dbt project once, so that the first run in a
data folder need not, and stores the columns of its models, and its compiled models and tests for runs that make only a
few of them.

Writes into dbt_project/target, which is not under version control. A project edited afterwards is parsed by the run
itself.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from pipelines.run import dbt_call, ingestion
from pipelines.run.dbt_call import PARSED, PREPARED, STAMP, prepare_manifest
from pipelines.run.stubs import write_columns
from pipelines.settings import Settings
from pipelines.warehouse import connect

MONTH = "2026-01"


def main() -> None:
    """Parse the project and store the result; then make every model without rows, and store its columns and
    statement.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        made = prepare_manifest(settings).parent
        PREPARED.mkdir(parents=True, exist_ok=True)
        (PREPARED / dbt_call.STATEMENTS).unlink(missing_ok=True)
        for name in (*PARSED, STAMP):
            shutil.copyfile(made / name, PREPARED / name)
        # A model that fails during development keeps its previous columns.
        (settings.landing / MONTH).mkdir(parents=True)
        ingestion.ingest(settings, [MONTH])
        dbt_call.build(settings)
        with connect(settings) as connection:
            write_columns(connection, PREPARED / dbt_call.COLUMNS)
        # Every table exists now, so models that keep history are compiled in their incremental form.
        text = json.dumps(dbt_call.compile_models(settings), separators=(",", ":"))
        (PREPARED / dbt_call.STATEMENTS).write_text(text)


if __name__ == "__main__":
    main()
