"""`python -m pipelines.run.prepare`, a step of `make install`: the dbt project parsed once, so that the first run in a
data folder need not, the columns of its models, and its models and tests compiled, for runs that make few of them.

Writes into dbt_project/target, which is not kept in version control. A project that was edited since is parsed by the
run itself.
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
    """Parse the project and keep what dbt made of it; then make every model without a row, and keep its columns and its
    statement.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        made = prepare_manifest(settings).parent
        PREPARED.mkdir(parents=True, exist_ok=True)
        (PREPARED / dbt_call.STATEMENTS).unlink(missing_ok=True)
        for name in (*PARSED, STAMP):
            shutil.copyfile(made / name, PREPARED / name)
        # A model that fails while somebody works on it keeps the columns that it had.
        (settings.landing / MONTH).mkdir(parents=True)
        ingestion.ingest(settings, [MONTH])
        dbt_call.build(settings)
        with connect(settings) as connection:
            write_columns(connection, PREPARED / dbt_call.COLUMNS)
        # Every table is there now, and models that keep history are compiled as those that go on with it.
        text = json.dumps(dbt_call.compile_models(settings), separators=(",", ":"))
        (PREPARED / dbt_call.STATEMENTS).write_text(text)


if __name__ == "__main__":
    main()
